/**
 * The seam between what finds trouble and what is said about it.
 *
 * A detector consumes beats in order and yields claims; it holds no clock, no timer and no door. What becomes
 * of its claims (confirming, clearing, grouping into one anomaly a cause, evidence) is the same for all, in
 * detector.ts. A new way of finding trouble is one more `Detector` in the list of the facade.
 */
import type { AnomalyKind, Severity, Witness } from '../domain/anomaly.ts';
import type { Beat, MetricName } from '../domain/metric.ts';
import type { Ms } from '../domain/units.ts';
import type { ConfirmRule, StreamVerdict } from './flapping.ts';

/** What one detector says about one metric at one beat. */
export interface Claim {
  /** Stable over beats, e.g. `limit:cpu:warning`: each key is confirmed and cleared on its own. */
  readonly key: string;
  /** The metric the evidence is drawn from. */
  readonly metric: MetricName;
  readonly kind: AnomalyKind;
  /** `null` for the whole host. */
  readonly target: string | null;
  readonly witness: Witness;
  /** How severe it is once it was confirmed and has lasted `hold`; *info* until then. */
  readonly severity: Severity;
  readonly hold: Ms;
  readonly verdict: StreamVerdict;
  readonly value: number | null;
  /** How unusual, 0..1. */
  readonly score: number;
  readonly confirm: ConfirmRule;
  /** A sentence of the detector's own where a limit or a band cannot say it; ends in a full stop. */
  readonly text: string | null;
}

/** What a detector may know of what became of its claims. */
export interface ClaimContext {
  /** True while the claims under this key are raised: hysteresis needs it. */
  isRaised(key: string): boolean;
}

export interface Detector {
  /** Called once for each beat, in order. A metric without a sample in the beat was not due: say nothing of it. */
  judge(beat: Beat, context: ClaimContext): readonly Claim[];
  /** The clocks jumped or the process stood still: forget the open window. */
  discardWindow(): void;
}
