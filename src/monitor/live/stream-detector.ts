/**
 * The streaming detector as one of the detectors of the live monitor: a beat becomes a row, a judgement becomes
 * claims. Its own gates have confirmed and will clear, so a claim of it counts at the first row.
 *
 * What it says stands for the host as a whole. Where a limit, a probe or a shape has raised the leading metric
 * already, the models stay at *info*: one cause is not told twice.
 */
import type { Severity, Witness } from '../../domain/anomaly.ts';
import { type Beat, type MetricName, subjectOf, unitOf } from '../../domain/metric.ts';
import { type Ms, ms } from '../../domain/units.ts';
import type { Claim, ClaimContext, Detector } from '../claim.ts';
import type { DetectorRow, Judgement } from '../detect/judgement.ts';
import { limitKey } from '../limit-detector.ts';
import { isVisible } from '../moved.ts';
import { titleOf } from '../sentences.ts';
import { isModelled } from './model-keeper.ts';
import { shapeKey } from './shape-claims.ts';
import { SHAPE_KINDS } from './shape-kinds.ts';

/** The witnesses that the models can be. */
const MODELS: readonly Witness[] = ['host_score', 'baseline', 'forest'];
const MOST_NAMED = 3;

export interface StreamDetectorDeps {
  readonly judge: (row: DetectorRow) => Judgement;
  /** What is known now of every metric, also of those that were not due in this beat. */
  readonly known: (now: Ms) => ReadonlyMap<MetricName, number | null>;
  /** False in a maintenance, a drill or an incident. */
  readonly teaching: () => boolean;
  /** What is normal now; `null` = not known. */
  readonly normal: (metric: MetricName) => number | null;
}

/** The metric that leads an incident is named once: evidence must not wander from row to row. */
interface Lead {
  readonly incident: string;
  readonly metric: MetricName;
}

export function createStreamDetector(deps: StreamDetectorDeps): Detector {
  let lead: Lead | null = null;
  return {
    judge(beat, context) {
      const values = knownValues(beat, deps);
      const judged = deps.judge({ at: beat.at, values, teaches: deps.teaching() });
      const judgement = { ...judged, metrics: visible(judged.metrics, values, deps) };
      lead = leadOf(judgement, lead);
      const metric = lead?.metric ?? null;
      const severity = severityOf(judgement, metric, context);
      const value = metric === null ? null : (values.get(metric) ?? null);
      return MODELS.map((witness) => claimOf(witness, { judgement, metric, severity, value }));
    },
    // The grid keeps a time of its own: a jump is a gap to it, and a gap starts and ends nothing.
    discardWindow: () => {},
  };
}

interface Saying {
  readonly judgement: Judgement;
  readonly metric: MetricName | null;
  readonly severity: Severity;
  readonly value: number | null;
}

function knownValues(beat: Beat, deps: StreamDetectorDeps): ReadonlyMap<MetricName, number | null> {
  return new Map([...deps.known(beat.monotonic)].filter(([metric]) => isModelled(metric)));
}

/** A share that went "from 0 % to 0 %" is no news to a person, and is named only where nothing else is. */
function visible(
  metrics: readonly MetricName[],
  values: ReadonlyMap<MetricName, number | null>,
  { normal }: StreamDetectorDeps,
): readonly MetricName[] {
  const seen = metrics.filter((metric) => {
    const [value, centre] = [values.get(metric) ?? null, normal(metric)];
    return (
      value === null || centre === null || unitOf(metric) !== 'ratio' || isVisible(metric, centre, value)
    );
  });
  return seen.length === 0 ? metrics : seen;
}

function leadOf(judgement: Judgement, before: Lead | null): Lead | null {
  const { incident } = judgement;
  if (incident === null) return null;
  if (before?.incident === incident) return before;
  const [metric] = judgement.metrics;
  return metric === undefined ? null : { incident, metric };
}

function severityOf({ severity }: Judgement, metric: MetricName | null, context: ClaimContext): Severity {
  return metric === null || isToldElsewhere(metric, context) ? 'info' : (severity ?? 'info');
}

function isToldElsewhere(metric: MetricName, context: ClaimContext): boolean {
  const subject = subjectOf(metric);
  const keys = [
    limitKey(metric, 'warning'),
    limitKey(metric, 'critical'),
    ...SHAPE_KINDS.map((kind) => shapeKey(kind, metric)),
    ...(subject === undefined ? [] : [`probe_up:${subject}`, `target_up:${subject}`]).map((up) =>
      limitKey(up, 'critical'),
    ),
  ];
  return keys.some((key) => context.isRaised(key));
}

function claimOf(witness: Witness, { judgement, metric, severity, value }: Saying): Claim {
  const isOpen = judgement.incident !== null && metric !== null;
  const speaks = judgement.witnesses.filter((one) => MODELS.includes(one));
  const isBad = isOpen && (speaks.length === 0 ? witness === 'baseline' : speaks.includes(witness));
  return {
    key: `host:${witness}`,
    metric: metric ?? '',
    kind: 'ml_composite_anomaly',
    target: null,
    witness,
    severity,
    hold: ms(0),
    verdict: judgement.taken === 'late' ? 'unknown' : isBad ? 'bad' : 'good',
    value,
    score: judgement.score,
    confirm: { badOf: 1, outOf: 1, clearAfterGood: 1, sayFirst: false },
    text: isOpen ? sentence(metric, judgement.metrics) : null,
  };
}

/** "This host is unlike its last weeks, most of all in Memory use, Swap use and Disk traffic." */
function sentence(lead: MetricName, metrics: readonly MetricName[]): string {
  const named = [...new Set([lead, ...metrics])].slice(0, MOST_NAMED).map(titleOf);
  const last = named.at(-1) ?? '';
  const list = named.length === 1 ? last : `${named.slice(0, -1).join(', ')} and ${last}`;
  return `This host is unlike its last weeks, most of all in: ${list}.`;
}
