/** What an incident is called: a few plain words, the same on every surface. Pure. */
import type { Anomaly, AnomalyKind } from '../domain/anomaly.ts';
import { familyOf } from '../domain/metric.ts';

/** A metric of somebody else keeps the name it was given. */
const METRICS: Readonly<Record<string, string>> = {
  cpu: 'CPU use',
  memory: 'Memory use',
  swap: 'Swap use',
  load_per_core: 'Load',
  pressure_cpu: 'Waiting for CPU',
  pressure_memory: 'Waiting for memory',
  pressure_io: 'Waiting for the disk',
  net_rx: 'Incoming network traffic',
  net_tx: 'Outgoing network traffic',
  disk_io: 'Disk traffic',
  loop_lag: 'Delay of the event loop',
  latency: 'Latency',
  success_rate: 'Success rate',
  queue_depth: 'Queue depth',
  queue_oldest: 'Age of the oldest task',
  queue_rate: 'Work done',
  target_cpu: 'CPU use',
  target_memory: 'Memory use',
  backup_age: 'Age of the newest backup',
  restore_time: 'Time a restore takes',
};

type Titler = (who: string, metric: string) => string;

const TITLES: Readonly<Record<AnomalyKind, Titler>> = {
  high_cpu: (who) => `CPU of ${who} is high`,
  high_memory: (who) => `Memory of ${who} is high`,
  high_load: (who) => `${who} is overloaded`,
  high_pressure: (who) => `${who} is short of resources`,
  disk_filling: (who, metric) => `Disk${mount(metric)} of ${who} is filling`,
  low_success_rate: (who) => `${who} is failing requests`,
  high_latency: (who) => `${who} is slow`,
  queue_stuck: (who) => `Queue of ${who} is stuck`,
  worker_down: (who) => `${who} is down`,
  service_down: (who) => `${who} is down`,
  crash_loop: (who) => `${who} keeps crashing`,
  memory_leak: (who) => `${who} is leaking memory`,
  flat_line: (who) => `A probe of ${who} stopped changing`,
  probe_silent: (who) => `A probe of ${who} is silent`,
  out_of_band: (who, metric) => `${METRICS[familyOf(metric)] ?? metric} of ${who} is unusual`,
  ml_composite_anomaly: (who) => `${who} behaves unusually`,
  running_out: (who) => `${who} will run out of room`,
  self_unhealthy: () => 'Nightshift itself is not well',
  backup_failed: () => 'The backups are not good',
  backup_stale: () => 'The newest good backup is old',
  restore_slow: () => 'A full restore would take long',
  outside_alert: (who) => `Alert from outside: ${who}`,
  job_missed: (who) => `${who} did not report`,
};

export function titleOf(anomaly: Anomaly): string {
  return TITLES[anomaly.kind](anomaly.target ?? anomaly.host, anomaly.evidence.metric);
}

function mount(metric: string): string {
  const colon = metric.indexOf(':');
  return colon === -1 ? '' : ` ${metric.slice(colon + 1)}`;
}
