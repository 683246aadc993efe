import { describe, expect, it } from 'vitest';
import { hourMeans, hoursWords, weekHour } from '../../../src/optimizer/week.ts';
import { loadWeeks, MONDAY, utcHourOfWeek } from '../../support/load-weeks.ts';

const hours = (is: (hour: number) => boolean): readonly boolean[] =>
  Array.from({ length: 168 }, (_, hour) => is(hour));

describe('hoursWords', () => {
  it.each([
    [hours((hour) => hour < 120 && hour % 24 >= 9 && hour % 24 < 18), 'Mon–Fri 09–18 h'],
    [hours((hour) => hour % 24 < 2 || hour % 24 >= 22), 'Mon–Sun 00–02 and 22–24 h'],
    [hours((hour) => hour === 30), 'Tue 06–07 h'],
    [hours((hour) => hour < 24 || hour >= 144), 'Mon 00–24 h, Sun 00–24 h'],
    [hours(() => true), 'all hours'],
    [hours(() => false), 'no hour'],
    [hours((hour) => hour % 25 < 3), '21 of 168 hours of the week'],
  ])('says them as a person would (%#)', (set, words) => {
    expect(hoursWords(set)).toBe(words);
  });
});

describe('hourMeans', () => {
  it('begins at whole hours and leaves out an hour of which too little is known', () => {
    const rows = loadWeeks(1, () => ({ mean: 0.5, noise: 0 }));
    rows.values.fill(Number.NaN, 60, 95);
    const shifted = { first: MONDAY, values: rows.values };

    const means = hourMeans(shifted, utcHourOfWeek);

    expect(means.map(({ hour }) => hour).slice(0, 3)).toEqual([0, 2, 3]);
    expect(means).toHaveLength(167);
    expect(means[0]?.mean).toBeCloseTo(0.5);
  });
});

describe('weekHour', () => {
  it('counts from Monday', () => {
    expect([weekHour(1, 0), weekHour(0, 23), weekHour(5, 9)]).toEqual([0, 167, 105]);
  });
});
