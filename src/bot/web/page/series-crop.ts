/** Leaves out the time before anything was known, for all pictures of a page alike. Pure. */
import type { SeriesView } from '../series.ts';
import { momentOf } from './time.ts';

/** How many of the last steps are worth drawing: all that are known of the best known one, and never a mere dash. */
export function knownSteps(all: readonly SeriesView[], least: number): number {
  const known = all.map(({ mean }) => {
    const first = mean.findIndex((value) => value !== null);
    return first === -1 ? 0 : mean.length - first;
  });
  return Math.max(least, ...known);
}

export function lastSteps(series: SeriesView, steps: number): SeriesView {
  const left = Math.max(0, series.mean.length - steps);
  const from = momentOf(series.from) + left * series.stepSeconds * 1_000;
  return {
    ...series,
    from: new Date(from).toISOString(),
    mean: series.mean.slice(-steps),
    low: series.low.slice(-steps),
    high: series.high.slice(-steps),
  };
}
