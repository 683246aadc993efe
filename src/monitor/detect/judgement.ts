/** What goes into the detector and what comes out, row by row. */
import type { Severity, Witness } from '../../domain/anomaly.ts';
import type { MetricName } from '../../domain/metric.ts';
import type { EpochMs } from '../../domain/units.ts';

export interface BrokenLimit {
  readonly metric: MetricName;
  readonly severity: Severity;
}

export interface DetectorRow {
  readonly at: EpochMs;
  /** `null`, NaN and infinities are unknown, as is a metric that is not there. */
  readonly values: ReadonlyMap<MetricName, number | null>;
  /** Hard limits broken by this row, judged outside; absent where none could be judged. */
  readonly limits?: readonly BrokenLimit[];
  /** False for rows of an incident, a maintenance or a drill: they are judged and teach nothing. */
  readonly teaches?: boolean;
}

export interface Judgement {
  /** How unusual this row is, 0..1, for as long as it lasts; 0.5 is what the host passes in 1 % of its time. */
  readonly score: number;
  /** Strength of an alarm raised at this row, 0.5..1; 0 where none was. */
  readonly alarm: number;
  /** State of the open incident. */
  readonly severity: Severity | null;
  readonly incident: string | null;
  /** What contributed, strongest first. */
  readonly metrics: readonly MetricName[];
  readonly witnesses: readonly Witness[];
  /** How the row was taken: late and repeated rows are left out. */
  readonly taken: 'judged' | 'pooled' | 'late' | 'clock_jump';
}
