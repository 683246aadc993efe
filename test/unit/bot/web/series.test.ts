import { describe, expect, it } from 'vitest';
import { seriesView } from '../../../../src/bot/web/series.ts';
import type { Sample } from '../../../../src/domain/metric.ts';
import { epochMs, minutes, seconds } from '../../../../src/domain/units.ts';

const sample = (at: number, value: number | null): Sample => ({
  metric: 'cpu',
  at: epochMs(at * 1_000),
  value,
});
const span = { from: epochMs(0), to: epochMs(60_000), steps: 3, shortestStep: seconds(10) };

describe('seriesView', () => {
  it('says mean, lowest and highest of each step, so that a peak is not averaged away', () => {
    const series = seriesView('cpu', [sample(0, 1), sample(10, 9), sample(20, 4), sample(40, 2)], [], span);

    expect(series).toMatchObject({
      stepSeconds: 20,
      mean: [5, 4, 2],
      low: [1, 4, 2],
      high: [9, 4, 2],
    });
  });

  it('leaves a gap where nothing is known: unknown is never 0', () => {
    expect(seriesView('cpu', [sample(0, 1), sample(20, null)], [], span).mean).toEqual([1, null, null]);
  });

  it('never makes steps shorter than samples come', () => {
    const series = seriesView('cpu', [sample(0, 1)], [], { ...span, steps: 500 });

    expect([series.stepSeconds, series.mean.length]).toEqual([10, 6]);
  });

  it('takes only what lies in the span', () => {
    const samples = [sample(-1, 7), sample(5, 1), sample(60, 7)];

    expect(seriesView('cpu', samples, [], { ...span, steps: 1 }).mean).toEqual([1]);
  });

  it('holds a week in as many steps as were asked for', () => {
    const week = {
      from: epochMs(0),
      to: epochMs(minutes(7 * 24 * 60)),
      steps: 720,
      shortestStep: seconds(10),
    };

    expect(seriesView('cpu', [], [], week).mean).toHaveLength(720);
  });
});
