/** Anomalies: a metric or window outside what is normal, with the evidence a person at 04:00 needs. */
import type { Band, MetricName, Sample } from './metric.ts';
import type { EpochMs, Ms } from './units.ts';

export type Severity = 'info' | 'warning' | 'critical';

const SEVERITY_ORDER: readonly Severity[] = ['info', 'warning', 'critical'];

/** Negative when `a` is less severe than `b`. */
export function compareSeverity(a: Severity, b: Severity): number {
  return SEVERITY_ORDER.indexOf(a) - SEVERITY_ORDER.indexOf(b);
}

/** What kind of trouble. Strategies match on it; the shipped strategies carry the same names. */
export const ANOMALY_KINDS = [
  'high_cpu',
  'high_memory',
  'high_load',
  'high_pressure',
  'disk_filling',
  'low_success_rate',
  'high_latency',
  'queue_stuck',
  'worker_down',
  'service_down',
  'crash_loop',
  'memory_leak',
  'flat_line',
  'probe_silent',
  'out_of_band',
  'ml_composite_anomaly',
  'running_out',
  'self_unhealthy',
  'backup_failed',
  'backup_stale',
  'restore_slow',
  'outside_alert',
  'job_missed',
] as const;
export type AnomalyKind = (typeof ANOMALY_KINDS)[number];

/** Who saw it. One model alone is `info`; agreement raises the severity. */
export type Witness =
  | 'limit'
  | 'probe'
  | 'baseline'
  | 'forest'
  | 'host_score'
  | 'shape'
  | 'supervisor'
  | 'external';

/** One line of what may have caused it, most likely first. */
export interface LikelyCause {
  readonly text: string;
  readonly at: EpochMs | null;
}

export interface TopProcess {
  readonly pid: number;
  readonly name: string;
  readonly cpu: number | null;
  readonly memoryBytes: number | null;
  /** The most it wrote in the last two minutes, as far as this host lets us see; absent where it was not looked at. */
  readonly writeBytesPerSecond?: number | null;
}

/** Everything known about an anomaly when it was found. */
export interface Evidence {
  readonly metric: MetricName;
  readonly value: number | null;
  readonly band: Band;
  /** How unusual, 0..1. */
  readonly score: number;
  /** How long the metric had been bad when this was written. */
  readonly lasted: Ms;
  /** The metric over the last hour, thinned to at most 240 points, for the chart. */
  readonly chart: readonly Sample[];
  readonly topProcesses: readonly TopProcess[];
  readonly causes: readonly LikelyCause[];
}

export interface Anomaly {
  /** Host + target + kind: the same trouble has the same fingerprint over restarts. */
  readonly fingerprint: string;
  readonly host: string;
  /** The target it concerns, or `null` for the whole host. */
  readonly target: string | null;
  readonly kind: AnomalyKind;
  readonly severity: Severity;
  readonly witnesses: readonly Witness[];
  /** False while it is only said: shown at once, but nothing acts on it before it is sure. */
  readonly confirmed: boolean;
  /** When the first bad sample was taken. */
  readonly since: EpochMs;
  /** When it was confirmed. */
  readonly detectedAt: EpochMs;
  /** One plain sentence: "Latency of billing-api is 2,340 ms; normal is 80 to 190 ms." */
  readonly summary: string;
  readonly evidence: Evidence;
}

export function fingerprintOf(host: string, target: string | null, kind: AnomalyKind): string {
  return `${host}/${target ?? '-'}/${kind}`;
}
