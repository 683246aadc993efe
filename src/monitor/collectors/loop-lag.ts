/**
 * `loop_lag`: the longest that Nightshift's own event loop was late since the last beat, in ms.
 *
 * The histogram of Node measures the whole span between two of its timers, so its resolution is taken off.
 */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Collector } from '../collector.ts';

/** Coarse on purpose: each tick wakes the process. */
const RESOLUTION_MS = 100;
const NANOSECONDS_A_MS = 1e6;

export interface LoopLagCollector extends Collector {
  stop(): void;
}

export function createLoopLagCollector(
  histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS }),
): LoopLagCollector {
  histogram.enable();
  return {
    name: 'loop lag',
    metrics: () => ['loop_lag'],
    async collect() {
      const longest = histogram.max / NANOSECONDS_A_MS;
      const isKnown = histogram.count > 0;
      histogram.reset();
      return isKnown ? [{ metric: 'loop_lag', value: Math.max(0, longest - RESOLUTION_MS) }] : [];
    },
    stop: () => void histogram.disable(),
  };
}
