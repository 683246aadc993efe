import { describe, expect, it } from 'vitest';
import { knownSteps, lastSteps } from '../../../../../src/bot/web/page/series-crop.ts';
import type { SeriesView } from '../../../../../src/bot/web/series.ts';

const series = (mean: readonly (number | null)[]): SeriesView => ({
  metric: 'cpu',
  from: '2026-11-22T02:00:00.000Z',
  to: '2026-11-22T02:01:00.000Z',
  stepSeconds: 10,
  mean,
  low: mean,
  high: mean,
  bands: [],
});

describe('knownSteps', () => {
  it('leaves out the time before anything was known, for all alike', () => {
    expect(knownSteps([series([null, null, 1, 2]), series([null, null, null, null])], 1)).toBe(2);
    expect(knownSteps([series([1, null, null, 2])], 1)).toBe(4);
  });

  it('keeps a picture from being a mere dash', () => {
    expect(knownSteps([series([null, null, null, 2])], 3)).toBe(3);
    expect(knownSteps([], 3)).toBe(3);
  });
});

describe('lastSteps', () => {
  it('keeps the newest', () => {
    expect(lastSteps(series([null, 1, 2]), 2).mean).toEqual([1, 2]);
    expect(lastSteps(series([null, 1, 2]), 2).from).toBe('2026-11-22T02:00:10.000Z');
    expect(lastSteps(series([1, 2]), 5).mean).toEqual([1, 2]);
  });
});
