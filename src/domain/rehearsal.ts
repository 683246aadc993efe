/** Replaying the past: what detection and the strategies would have done over stored history. Nothing is acted. */
import type { AnomalyKind, Severity } from './anomaly.ts';
import type { TimelineEntry } from './incident.ts';
import type { ActionKind, Verification } from './strategy.ts';
import type { EpochMs, Ms } from './units.ts';

export interface ReplayRequest {
  readonly window: Ms;
  /** Only this strategy answers; `null` = all of them. */
  readonly strategy: string | null;
  readonly config: 'current' | 'proposed';
}

/** An action that the gates let through. It was not run; what fresh samples would have said is the past's. */
export interface ReplayedAction {
  readonly at: EpochMs;
  readonly rung: number;
  readonly action: ActionKind;
  readonly target: string | null;
  readonly effect: string;
  readonly verification: Verification | null;
}

export interface ReplayedIncident {
  readonly id: string;
  readonly title: string;
  readonly target: string | null;
  readonly kind: AnomalyKind;
  readonly severity: Severity;
  readonly openedAt: EpochMs;
  /** `null` = still open at the end of the window. */
  readonly endedAt: EpochMs | null;
  /** The word of its last state. */
  readonly state: string;
  readonly strategy: string | null;
  /** True where a person would have been called. */
  readonly paged: boolean;
  readonly actions: readonly ReplayedAction[];
  readonly timeline: readonly TimelineEntry[];
}

export interface ReplaySummary {
  readonly request: ReplayRequest;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly rows: number;
  readonly metrics: number;
  /** Of the configuration that was used. */
  readonly configHash: string;
  readonly incidents: readonly ReplayedIncident[];
  /** Anomalies that were said, the info ones among them. */
  readonly anomalies: number;
  readonly infos: number;
  readonly took: Ms;
}

/** How far a replay is. */
export interface ReplayProgress {
  readonly request: ReplayRequest;
  readonly rows: number;
  /** 0 = not known yet. */
  readonly of: number;
  readonly left: Ms | null;
}

export type ReplayResult =
  | { readonly kind: 'replayed'; readonly summary: ReplaySummary }
  /** It goes on; asking the same again waits for it. */
  | { readonly kind: 'running'; readonly progress: ReplayProgress }
  /** Another one is under way. */
  | { readonly kind: 'busy'; readonly progress: ReplayProgress }
  | { readonly kind: 'not_found'; readonly reason: string }
  | { readonly kind: 'invalid'; readonly faults: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string };

export interface ReplayDesk {
  /** @param patience how long to wait for the result; `null` = to the end. */
  run(request: ReplayRequest, patience: Ms | null): Promise<ReplayResult>;
  /** Ends a replay under way; false where there is none. */
  stop(): boolean;
}
