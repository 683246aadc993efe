/**
 * Metrics and samples. A missing value is `null` = unknown: never 0, never OK, and it never starts or
 * ends anything by itself.
 */
import type { EpochMs, Ms } from './units.ts';

/**
 * `cpu`, `disk:/`, `latency:<probe>`, `probe_up:<probe>` (any answer at all: 1), `target_up:<target>`,
 * `outside_ok:<alert>` (0 while another system says it fires) …
 */
export type MetricName = string;

/** One metric value at one moment; `null` where it could not be known. */
export interface Sample {
  readonly metric: MetricName;
  readonly at: EpochMs;
  readonly value: number | null;
}

/** All samples of one beat. `monotonic` orders beats whatever the wall clock does. */
export interface Beat {
  readonly at: EpochMs;
  readonly monotonic: Ms;
  readonly samples: readonly Sample[];
}

/** How a metric is read: what its number means and which way is bad. */
export type MetricUnit = 'ratio' | 'ms' | 's' | 'bytes/s' | 'count' | 'per-core' | 'per-min' | 'up' | 'bytes';

/** Where normal lies now. `low`/`high` come from the baseline, `warn`/`critical` are fixed limits. */
export interface Band {
  readonly centre: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly warn: number | null;
  readonly critical: number | null;
}

/** A sample with its verdict against the band that held at that moment. */
export interface JudgedSample extends Sample {
  readonly verdict: 'good' | 'bad' | 'unknown';
}

/** Unit of a metric by its name. */
export function unitOf(metric: MetricName): MetricUnit {
  const family = familyOf(metric);
  return UNITS[family] ?? 'count';
}

/** `disk` for `disk:/var`, `cpu` for `cpu`. */
export function familyOf(metric: MetricName): string {
  const colon = metric.indexOf(':');
  return colon === -1 ? metric : metric.slice(0, colon);
}

/** `/var` for `disk:/var`; `undefined` for a metric of the whole host. */
export function subjectOf(metric: MetricName): string | undefined {
  const colon = metric.indexOf(':');
  return colon === -1 ? undefined : metric.slice(colon + 1);
}

const UNITS: Readonly<Record<string, MetricUnit>> = {
  cpu: 'ratio',
  memory: 'ratio',
  swap: 'ratio',
  load_per_core: 'per-core',
  disk: 'ratio',
  inodes: 'ratio',
  pressure_cpu: 'ratio',
  pressure_memory: 'ratio',
  pressure_io: 'ratio',
  net_rx: 'bytes/s',
  net_tx: 'bytes/s',
  disk_io: 'bytes/s',
  loop_lag: 'ms',
  latency: 'ms',
  success_rate: 'ratio',
  probe_up: 'up',
  queue_depth: 'count',
  queue_oldest: 's',
  queue_rate: 'per-min',
  target_cpu: 'ratio',
  target_memory: 'bytes',
  target_up: 'up',
  backup_age: 's',
  restore_time: 's',
  outside_ok: 'up',
};
