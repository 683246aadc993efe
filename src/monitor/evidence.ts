/** The evidence a person needs at 04:00, drawn up from what was raised. Pure but for the doors it is given. */
import type { Anomaly, AnomalyKind, LikelyCause, Severity, TopProcess, Witness } from '../domain/anomaly.ts';
import { type Band, type MetricName, type Sample, unitOf } from '../domain/metric.ts';
import { type EpochMs, type Ms, minutes } from '../domain/units.ts';
import { likelyCauses, type Note } from './causes.ts';
import type { Claim } from './claim.ts';
import { isDownKind } from './kinds.ts';
import type { Companion } from './metric-causes.ts';
import { type Course, movedWith } from './moved.ts';
import { paceSentence } from './pace.ts';
import { downSentence, titleOf, valueSentence } from './sentences.ts';

/** How far the chart looks back, and how many points it may have. */
export const CHART_SPAN: Ms = minutes(60);
const CHART_POINTS = 240;
/** What moved is looked for in this much of the past, and as long as the trouble is younger than that. */
export const COURSE_SPAN: Ms = minutes(30);
const CAUSES_UNTIL: Ms = minutes(5);
/** Whoever keeps these says what is the matter, and it is a cause. */
const SPEAKS: ReadonlySet<AnomalyKind> = new Set([
  'queue_stuck',
  'service_down',
  'worker_down',
  'low_success_rate',
]);

/** Where the evidence comes from. */
export interface EvidenceSource {
  band(metric: MetricName, now: EpochMs): Band;
  metrics(): readonly MetricName[];
  needs(target: string): readonly string[];
  targetOf(metric: MetricName): string | null;
  /** All samples of the last hour, for the picture. */
  chart(metric: MetricName): readonly Sample[];
  /** All samples of the last half hour, for what moved. */
  course(metric: MetricName): readonly Sample[];
  topProcesses(): readonly TopProcess[];
  notes(): readonly Note[];
  /** Why a probe or target says it is down or failing, or a queue that it is held up; empty where it does not say. */
  reason(metric: MetricName): string;
}

/** One anomaly about to be told. */
export interface Finding {
  readonly host: string;
  readonly fingerprint: string;
  readonly kind: AnomalyKind;
  readonly target: string | null;
  readonly severity: Severity;
  readonly witnesses: readonly Witness[];
  readonly confirmed: boolean;
  /** The claim that speaks for it. */
  readonly claim: Claim;
  readonly since: EpochMs;
  readonly detectedAt: EpochMs;
  readonly lasted: Ms;
  readonly companions: readonly Omit<Companion, 'band'>[];
  /** What was said before, while the trouble lasts. */
  readonly known?: Anomaly | undefined;
}

export function describeFinding(finding: Finding, source: EvidenceSource, now: EpochMs): Anomaly {
  const { host, fingerprint, kind, target, severity, witnesses, confirmed, claim, since, detectedAt } =
    finding;
  const band = source.band(claim.metric, now);
  const processes = source.topProcesses();
  return {
    host,
    fingerprint,
    kind,
    target,
    severity,
    witnesses,
    confirmed,
    since,
    detectedAt,
    summary: summaryOf(finding, band, source, now),
    evidence: {
      metric: claim.metric,
      value: claim.value,
      band,
      score: claim.score,
      lasted: finding.lasted,
      chart: thinned(source.chart(claim.metric), CHART_POINTS),
      topProcesses: processes,
      causes: causesOf(finding, source, processes, now),
    },
  };
}

/** Looked for while the trouble is young: later everything has moved, and the first answer stands. */
function causesOf(
  finding: Finding,
  source: EvidenceSource,
  processes: readonly TopProcess[],
  now: EpochMs,
): readonly LikelyCause[] {
  const { known, lasted, claim, kind, target, since, companions } = finding;
  if (known !== undefined && lasted > CAUSES_UNTIL) return known.evidence.causes;
  const course = (metric: MetricName): Course => ({
    metric,
    samples: source.course(metric),
  });
  const { metric } = claim;
  return likelyCauses({
    kind,
    metric,
    target,
    since,
    value: claim.value,
    ownWord: SPEAKS.has(kind) ? source.reason(metric).trim().replace(/\.$/, '') : '',
    processes,
    notes: source.notes(),
    companions: companions.map((one) => ({ ...one, band: source.band(one.metric, now) })),
    moved: movedWith(course(metric), source.metrics().map(course), since),
    needs: target === null ? [] : source.needs(target),
    targetOf: source.targetOf,
  });
}

/** At most `most` samples: of each stretch the one farthest from nothing, so that no peak is lost. */
export function thinned(samples: readonly Sample[], most: number): readonly Sample[] {
  if (samples.length <= most) return samples;
  const kept: Sample[] = [];
  for (let bucket = 0; bucket < most; bucket += 1) {
    const from = Math.floor((bucket * samples.length) / most);
    const to = Math.floor(((bucket + 1) * samples.length) / most);
    const peak = samples.slice(from, to).reduce((best, one) => (isHigher(one, best) ? one : best));
    kept.push(peak);
  }
  return kept;
}

function isHigher(one: Sample, best: Sample): boolean {
  return one.value !== null && (best.value === null || one.value > best.value);
}

function summaryOf(finding: Finding, band: Band, source: EvidenceSource, now: EpochMs): string {
  const { claim, kind, target } = finding;
  if (claim.text !== null) return claim.text;
  if (isDownKind(kind) && unitOf(claim.metric) === 'up') {
    return downSentence(claim.metric, target, source.reason(claim.metric));
  }
  if (claim.value === null) return `${titleOf(claim.metric)} is unknown now.`;
  const isLimit = claim.witness === 'limit';
  const sentence = valueSentence(claim.metric, claim.value, band, isLimit ? limitOf(claim, band) : null);
  return isLimit ? `${sentence}${paceSentence(claim.metric, source.chart(claim.metric), now)}` : sentence;
}

function limitOf(claim: Claim, band: Band): number | null {
  return claim.severity === 'critical' ? band.critical : band.warn;
}
