import { describe, expect, it } from 'vitest';
import { learnProfile } from '../../../src/optimizer/load-profile.ts';
import { isOfficeHour, loadWeeks, OFFICE, utcHourOfWeek } from '../../support/load-weeks.ts';

const rules = { minDays: 14, hourOfWeek: utcHourOfWeek };

describe('learnProfile', () => {
  it('finds the busy hours of the week in the data, and says how sure it is', () => {
    const { split, hours } = learnProfile('cpu', loadWeeks(4, OFFICE), rules);

    expect(split).toMatchObject({ kind: 'split', days: 28, words: 'Mon–Fri 09–18 h' });
    if (split.kind !== 'split') return;
    expect(split.peak).toEqual(Array.from({ length: 168 }, (_, hour) => isOfficeHour(hour)));
    expect(split.sure).toBeGreaterThan(0.99);
    expect(hours[10]).toBeCloseTo(0.6, 1);
  });

  it('follows a shop that is busy at weekends and in the evening', () => {
    const shop = (hour: number) => ({ mean: hour >= 120 && hour % 24 >= 17 ? 0.5 : 0.15, noise: 0.03 });

    expect(learnProfile('cpu', loadWeeks(3, shop), rules).split).toMatchObject({ words: 'Sat–Sun 17–24 h' });
  });

  it('says that there is not enough history yet rather than guess', () => {
    const { split, hours } = learnProfile('cpu', loadWeeks(9 / 7, OFFICE), rules);

    expect(split).toEqual({ kind: 'not_enough', days: 9, needed: 14 });
    expect(hours).toEqual([]);
  });

  it('does not call a gap of a week history', () => {
    const rows = loadWeeks(3, OFFICE);
    rows.values.fill(Number.NaN, 5_000, 20_000);

    expect(learnProfile('cpu', rows, rules).split.kind).toBe('not_enough');
  });

  it.each([1, 2, 3, 4, 5])('finds no peaks in noise (seed %i)', (seed) => {
    const noise = loadWeeks(4, () => ({ mean: 0.3, noise: 0.25 }), seed);

    expect(learnProfile('cpu', noise, rules).split.kind).toBe('flat');
  });

  it('finds no peaks where the hours differ too little to matter', () => {
    const slight = loadWeeks(4, (hour) => ({ mean: isOfficeHour(hour) ? 0.13 : 0.1, noise: 0.01 }));

    expect(learnProfile('cpu', slight, rules).split.kind).toBe('flat');
  });

  it('finds no peaks where one busy week is followed by quiet ones', () => {
    const rows = loadWeeks(4, (hour) => ({ ...OFFICE(hour), mean: 0.1 }));
    for (let index = 0; index < 10_080; index += 1) {
      if (isOfficeHour(Math.floor(index / 60))) rows.values[index] = 0.7;
    }

    expect(learnProfile('cpu', rows, rules).split.kind).toBe('flat');
  });
});
