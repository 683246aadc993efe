/** Trouble that others saw: alerts of other systems by webhook, and cron jobs that did not report. */
import type { AnomalyKind, Severity } from './anomaly.ts';
import type { MetricName } from './metric.ts';
import type { EpochMs } from './units.ts';

export interface OutsideAlert {
  /** Names the alert over restarts and repeats, e.g. `alertmanager:3f1c09ab`; fit for a metric name. */
  readonly key: string;
  readonly state: 'firing' | 'resolved';
  readonly severity: Severity;
  readonly kind: AnomalyKind;
  /** A known target, or the alert's own name where it concerns none: one incident a cause. */
  readonly target: string;
  /** Our own metric that proves a recovery, or `null`: then only the sender's word does. */
  readonly metric: MetricName | null;
  /** One plain sentence, inert. */
  readonly text: string;
  readonly since: EpochMs;
  /** When the sender last said so. */
  readonly heardAt: EpochMs;
}

/** Asked each beat; answers from memory. */
export interface OutsideWatch {
  alerts(): readonly OutsideAlert[];
}
