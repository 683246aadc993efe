/** What the sampler runs on each beat, and what it gets from it. */
import type { MetricName } from '../domain/metric.ts';
import type { Ms } from '../domain/units.ts';
import type { Moment } from './flapping.ts';

/** One value as it was read. `null` = it should be there and could not be read: *unknown*. */
export interface Reading {
  readonly metric: MetricName;
  readonly value: number | null;
  /** How long it may stand for now; three beats where nothing is said. */
  readonly validFor?: Ms;
}

export interface Collector {
  readonly name: string;
  /** What it would deliver now: exactly this is unknown while it hangs or fails. */
  metrics(): readonly MetricName[];
  /**
   * Reads once. What this host does not have, or what was not due in this beat, is left out. Never called again
   * before it ended, even when it ignores its signal.
   */
  collect(now: Moment, signal: AbortSignal): Promise<readonly Reading[]>;
}
