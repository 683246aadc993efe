import { describe, expect, it } from 'vitest';
import { learnProfile } from '../../../src/optimizer/load-profile.ts';
import { tune } from '../../../src/optimizer/threshold-tuner.ts';
import { loadWeeks, OFFICE, utcHourOfWeek } from '../../support/load-weeks.ts';

const rules = {
  leastSigmas: 2,
  mostSigmas: 3,
  exitsPerWeek: 7,
  hourOfWeek: utcHourOfWeek,
  bothSides: false,
};
const profileRules = { minDays: 14, hourOfWeek: utcHourOfWeek };
const rows = loadWeeks(4, OFFICE);
const profile = learnProfile('cpu', rows, profileRules);
/** Quiet hours keep well inside their band, busy ones do not. */
const deviation = (value: number): number => (value > 0.3 ? (value - 0.6) / 0.04 : (value - 0.1) / 0.04);

describe('tune', () => {
  it('widens the band of busy hours and narrows that of quiet ones, and says why', () => {
    const [peak, rest] = tune(profile, rows, deviation, rules);

    expect(peak).toMatchObject({ metric: 'cpu', when: 'peak', hours: 'Mon–Fri 09–18 h', sigmas: 3 });
    expect(peak?.reason).toMatch(/^at 3\.0σ it would have left its band \d+ times in 28 days/);
    expect(rest).toMatchObject({ when: 'off_peak', sigmas: 2 });
    expect(rest?.reason).toMatch(/so even small trouble can be seen$/);
  });

  it('never leaves the safe band, and never holds busy hours tighter than quiet ones', () => {
    for (const scale of [0.001, 0.01, 0.04, 0.1, 1]) {
      const found = tune(profile, rows, (value) => (value - 0.1) / scale, { ...rules, leastSigmas: 2.2 });
      for (const { sigmas } of found) {
        expect(sigmas).toBeGreaterThanOrEqual(2.2);
        expect(sigmas).toBeLessThanOrEqual(3);
      }
      expect(found[0]?.sigmas).toBeGreaterThanOrEqual(found[1]?.sigmas ?? 9);
    }
  });

  it('takes the narrowest width that the past forgives', () => {
    const [, strict] = tune(profile, rows, (value) => (value - 0.1) / 0.02, { ...rules, exitsPerWeek: 30 });
    const [, mild] = tune(profile, rows, (value) => (value - 0.1) / 0.02, { ...rules, exitsPerWeek: 60 });

    expect(mild?.sigmas).toBeLessThan(strict?.sigmas ?? 0);
  });

  it('says nothing of a metric whose busy hours are not sure', () => {
    const noise = loadWeeks(4, () => ({ mean: 0.3, noise: 0.2 }));

    expect(tune(learnProfile('cpu', noise, profileRules), noise, deviation, rules)).toEqual([]);
  });

  it('says nothing where nothing of the past can be judged', () => {
    expect(tune(profile, rows, () => null, rules)).toEqual([]);
  });
});
