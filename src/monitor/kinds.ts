/** Which kind of trouble a metric out of its limits is, and for whom. */
import type { AnomalyKind } from '../domain/anomaly.ts';
import { familyOf, type MetricName } from '../domain/metric.ts';

/** The target a metric speaks for, as the composition root knows it from targets and probes. */
export interface MetricTarget {
  readonly name: string;
  readonly kind: 'worker' | 'service';
}

/** `null` for metrics of the whole host. */
export type TargetOf = (metric: MetricName) => MetricTarget | null;

const KINDS: Readonly<Record<string, AnomalyKind>> = {
  cpu: 'high_cpu',
  target_cpu: 'high_cpu',
  memory: 'high_memory',
  swap: 'high_memory',
  target_memory: 'high_memory',
  load_per_core: 'high_load',
  pressure_cpu: 'high_pressure',
  pressure_memory: 'high_pressure',
  pressure_io: 'high_pressure',
  disk: 'disk_filling',
  inodes: 'disk_filling',
  latency: 'high_latency',
  success_rate: 'low_success_rate',
  queue_depth: 'queue_stuck',
  queue_oldest: 'queue_stuck',
  queue_rate: 'queue_stuck',
  loop_lag: 'self_unhealthy',
};

export function kindOf(metric: MetricName, target: MetricTarget | null): AnomalyKind {
  const family = familyOf(metric);
  if (family === 'target_up' || family === 'probe_up') {
    return target?.kind === 'worker' ? 'worker_down' : 'service_down';
  }
  return KINDS[family] ?? 'out_of_band';
}

/** While a target is down, that it is also slow or failing is the same cause. */
export function isDownKind(kind: AnomalyKind): boolean {
  return kind === 'worker_down' || kind === 'service_down';
}
