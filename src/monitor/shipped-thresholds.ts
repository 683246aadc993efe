/**
 * The limits as shipped: right for any Linux host, and silent on one that is only busy.
 *
 * A build, a backup or an import may use the whole processor for a while; that is work, not trouble. So what
 * a busy host shows (cpu, load, pressure) must last before it is said, and what breaks a host (memory, disk)
 * is said at once. Where a figure fits no one, the operator's own entry replaces it.
 */
import type { ThresholdInput } from './threshold-config.ts';

const QUARTER_HOUR = 900;
const FIVE_MINUTES = 300;

export const SHIPPED_THRESHOLDS: readonly ThresholdInput[] = [
  {
    metric: 'cpu',
    warnPercent: 90,
    criticalPercent: 98,
    warnAfterSeconds: QUARTER_HOUR,
    criticalAfterSeconds: 3_600,
  },
  // Share used without cache: beyond 96 % the kernel is about to end processes.
  { metric: 'memory', warnPercent: 90, criticalPercent: 96, warnAfterSeconds: 60 },
  // Cold pages in swap harm nobody; swap nearly full does.
  { metric: 'swap', warnPercent: 90, warnAfterSeconds: FIVE_MINUTES },
  {
    metric: 'load_per_core',
    warnPerCore: 4,
    criticalPerCore: 12,
    warnAfterSeconds: QUARTER_HOUR,
    criticalAfterSeconds: QUARTER_HOUR,
  },
  // Share of time in which work waited. Memory has no harmless reason to wait; processor and disk have.
  {
    metric: 'pressure_memory',
    warnPercent: 20,
    criticalPercent: 50,
    warnAfterSeconds: 60,
    criticalAfterSeconds: 60,
  },
  { metric: 'pressure_cpu', warnPercent: 80, warnAfterSeconds: QUARTER_HOUR },
  { metric: 'pressure_io', warnPercent: 80, warnAfterSeconds: QUARTER_HOUR },
  { metric: 'disk', warnPercent: 90, criticalPercent: 97 },
  { metric: 'inodes', warnPercent: 90, criticalPercent: 97 },
  { metric: 'latency', warnMilliseconds: 1_000, criticalMilliseconds: 2_500 },
  // One failed answer in a minute is not yet an outage.
  { metric: 'success_rate', warnPercent: 80, criticalPercent: 50 },
  // Nightshift's own event loop.
  { metric: 'loop_lag', warnMilliseconds: 500, warnAfterSeconds: 60 },
];
