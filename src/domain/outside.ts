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

/** An event that waits to be sent, or that could not be. */
export interface LetterView {
  readonly id: string;
  readonly sink: string;
  readonly type: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly attempts: number;
  readonly lastError: string;
}

/** What people may ask about webhooks, in and out. */
export interface WebhookDesk {
  /** The path of each source that is on; the secret token is in it. */
  addresses(): readonly { readonly source: string; readonly path: string }[];
  waiting(): readonly LetterView[];
  /** What could not be delivered within a day, or was refused for good. */
  dead(): readonly LetterView[];
  /** Sends a test to every sink; the names of those it goes to. */
  test(by: string): Promise<readonly string[]>;
  /** Sends dead letters again; how many. `null` = of all sinks. */
  replay(sink: string | null): Promise<number>;
}
