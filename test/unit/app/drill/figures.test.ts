import { describe, expect, it } from 'vitest';
import { figuresOf, hasPassed, missesOf, timesOf } from '../../../../src/app/drill/figures.ts';
import { ms, seconds } from '../../../../src/domain/units.ts';
import { trial } from '../../../support/drill-builders.ts';

const calm = trial({ fault: 'control', ending: 'calm', detected: null, recovered: null, actions: 0 });

describe('figuresOf', () => {
  it('keeps hard from soft, heals from hand-overs, and what was not seen out of every mean', () => {
    const figures = figuresOf([
      calm,
      trial(),
      trial({ fault: 'leak', detected: seconds(40), recovered: seconds(60) }),
      trial({ fault: 'slow', ending: 'missed', detected: null, recovered: null }),
      trial({
        fault: 'crash_loop',
        ending: 'handed_over',
        detected: seconds(1),
        recovered: null,
        paged: true,
      }),
    ]);

    expect(figures).toMatchObject({
      mttd: 17_000,
      mttr: 45_000,
      detectHard: { count: 2, p50: 1_000, p95: 10_000 },
      detectSoft: { count: 1, p95: 40_000 },
      recover: { count: 2, p50: 30_000, p95: 60_000 },
      healable: 3,
      healed: 2,
      handOvers: 1,
      handedOver: 1,
      pages: 1,
      controlActions: 0,
    });
    expect(figures.healedShare).toBeCloseTo(2 / 3);
  });

  it('says null, not zero, of what was not there', () => {
    expect(figuresOf([])).toMatchObject({ mttd: null, mttr: null, healedShare: null, controlActions: null });
    expect(timesOf([])).toEqual({ count: 0, p50: null, p95: null });
    expect(timesOf([ms(5)])).toEqual({ count: 1, p50: 5, p95: 5 });
  });
});

describe('missesOf', () => {
  it('is empty when every bar is held', () => {
    const trials = [calm, trial(), trial({ fault: 'leak', detected: seconds(60), recovered: seconds(90) })];

    expect(missesOf(trials, figuresOf(trials))).toEqual([]);
    expect(hasPassed(trials, figuresOf(trials))).toBe(true);
  });

  it('names each bar that was missed; late alone is still passed', () => {
    const late = [calm, trial({ detected: seconds(16), recovered: seconds(91) })];
    const misses = missesOf(late, figuresOf(late));

    expect(misses).toEqual([
      'hard faults found: p95 16.0 s, expected at most 15.0 s',
      'recovered, verified: p95 91.0 s, expected at most 90.0 s',
    ]);
    expect(hasPassed(late, figuresOf(late))).toBe(true);
  });

  it.each([
    ['a fault that was not healed', [calm, trial({ ending: 'missed', note: 'not detected' })]],
    ['an action on the healthy', [calm, trial({ wrongActions: 1 })]],
    ['an action without a fault', [{ ...calm, actions: 1 }, trial()]],
    ['a control period that was not calm', [{ ...calm, ending: 'missed' as const, paged: true }, trial()]],
    ['nobody called', [calm, trial({ fault: 'incurable', ending: 'missed' })]],
  ])('does not pass with %s', (_, trials) => {
    expect(hasPassed(trials, figuresOf(trials))).toBe(false);
    expect(missesOf(trials, figuresOf(trials))).not.toEqual([]);
  });
});
