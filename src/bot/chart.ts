/**
 * What a chart of an incident shows: the value against its band and limits, when the trouble began, what was done, when
 * it was over. Pure data; the writers (chart-svg.ts) only draw it. A gap in the data stays a gap, never a zero.
 */
import type { Anomaly } from '../domain/anomaly.ts';
import type { Incident } from '../domain/incident.ts';
import type { Band, MetricUnit, Sample } from '../domain/metric.ts';
import { unitOf } from '../domain/metric.ts';
import { after, type EpochMs, elapsed, epochMs, minutes } from '../domain/units.ts';
import { actionPhrase } from './action-words.ts';
import { figure, localTime, metricWords, normalWords } from './figures.ts';
import { inertLine } from './inert.ts';

const MARKS_SHOWN = 4;
const LABEL_CHARACTERS = 54;
const MOST_POINTS = 240;
/** What happened long after the trouble says nothing about it. */
const AFTERMATH = minutes(20);

export interface ChartPoint {
  readonly at: EpochMs;
  readonly value: number;
}

/** Something that was done or may be why; numbered along the line and named below it. */
export interface ChartMark {
  readonly at: EpochMs;
  readonly label: string;
}

export interface ChartBand {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly low: number;
  readonly high: number;
}

export interface Chart {
  readonly title: string;
  /** The last known value, as words. */
  readonly now: string;
  /** `normal 80–190 ms`, or empty where no band is known. */
  readonly normal: string;
  readonly unit: MetricUnit;
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** The drawn range of values. */
  readonly low: number;
  readonly high: number;
  /** The limits, and the band of the moment it was found. */
  readonly band: Band;
  /** What was normal when. */
  readonly bands: readonly ChartBand[];
  /** Runs of known values. */
  readonly runs: readonly (readonly ChartPoint[])[];
  readonly began: EpochMs;
  /** When it was over, healed or not; `null` while it lasts. */
  readonly ended: { readonly at: EpochMs; readonly word: string } | null;
  readonly marks: readonly ChartMark[];
}

/**
 * The chart of the anomaly that opened the incident, or `null` where fewer than two values are known.
 *
 * @param newer Samples of its metric since the evidence was taken, where they are still at hand.
 * @param bands What was normal when, where it is still known; else the band it was found against holds for all of it.
 */
export function chartOf(
  incident: Incident,
  newer: readonly Sample[],
  timezone: string,
  bands: readonly ChartBand[] = [],
): Chart | null {
  const anomaly = incident.anomalies[0];
  if (anomaly === undefined) return null;
  const samples = samplesOf(incident, anomaly, newer);
  const known = samples.filter(isKnown);
  const [first, last] = [samples[0], samples.at(-1)];
  const newest = known.at(-1);
  if (first === undefined || last === undefined || newest === undefined) return null;
  if (known.length < 2 || last.at <= first.at) return null;
  const { metric, band } = anomaly.evidence;
  const unit = unitOf(metric);
  const span = { from: first.at, to: last.at };
  const normal = bandsOf(bands, band, span);
  const range = rangeOf(known, band, normal);
  return {
    title: inertLine(metricWords(metric)),
    now: figure(newest.value, unit),
    normal: normalWords(band, unit),
    unit,
    ...span,
    ...range,
    band,
    bands: normal,
    runs: runsOf(samples),
    began: anomaly.since,
    ended: endOf(incident),
    marks: marksOf(incident, span, timezone),
  };
}

type Known = Sample & { readonly value: number };

function isKnown(sample: Sample): sample is Known {
  return sample.value !== null && Number.isFinite(sample.value);
}

function samplesOf(incident: Incident, anomaly: Anomaly, newer: readonly Sample[]): readonly Sample[] {
  const { chart, metric } = anomaly.evidence;
  const last = chart.at(-1)?.at ?? anomaly.detectedAt;
  const until = incident.state.kind === 'resolved' ? after(incident.state.at, AFTERMATH) : incident.updatedAt;
  const since = newer.filter(
    (sample) => sample.metric === metric && sample.at > last && sample.at <= Math.max(until, last),
  );
  const step = Math.max(1, Math.ceil(since.length / MOST_POINTS));
  const thinned = since.filter((_, at) => at % step === 0 || at === since.length - 1);
  return [...chart, ...thinned];
}

function bandsOf(
  kept: readonly ChartBand[],
  { low, high }: Band,
  { from, to }: Pick<ChartBand, 'from' | 'to'>,
): readonly ChartBand[] {
  const within = kept
    .filter((one) => one.from < to && one.to > from)
    .map((one) => ({ ...one, from: epochMs(Math.max(one.from, from)), to: epochMs(Math.min(one.to, to)) }));
  if (within.length > 0) return within;
  return high === null ? [] : [{ from, to, low: low ?? 0, high }];
}

function rangeOf(
  known: readonly Known[],
  band: Band,
  bands: readonly ChartBand[],
): { readonly low: number; readonly high: number } {
  const limits = [band.warn, band.critical].filter((limit) => limit !== null);
  const normal = bands.flatMap(({ low, high }) => [low, high]);
  const all = [...known.map(({ value }) => value), ...normal, ...limits];
  const top = all.reduce((a, b) => Math.max(a, b));
  const low = Math.min(
    0,
    all.reduce((a, b) => Math.min(a, b)),
  );
  return { low, high: top === low ? low + 1 : low + (top - low) * 1.08 };
}

/** The line breaks where a value is unknown. */
function runsOf(samples: readonly Sample[]): readonly (readonly ChartPoint[])[] {
  const runs: ChartPoint[][] = [[]];
  for (const sample of samples) {
    if (isKnown(sample)) runs.at(-1)?.push({ at: sample.at, value: sample.value });
    else runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}

function endOf({ state }: Incident): Chart['ended'] {
  if (state.kind !== 'resolved') return null;
  return { at: state.at, word: state.how === 'healed' ? 'healed' : 'over' };
}

function marksOf(
  incident: Incident,
  { from, to }: { readonly from: EpochMs; readonly to: EpochMs },
  timezone: string,
): readonly ChartMark[] {
  const causes: readonly ChartMark[] = (incident.anomalies[0]?.evidence.causes ?? []).flatMap(
    ({ at, text }) => (at === null ? [] : [{ at, label: text }]),
  );
  const acts: readonly ChartMark[] = incident.attempts.map((attempt) => ({
    at: attempt.startedAt,
    label: actionPhrase(attempt.kind, attempt.target),
  }));
  return [...causes, ...acts]
    .filter((mark) => mark.at >= from && mark.at <= to)
    .toSorted((a, b) => a.at - b.at)
    .slice(-MARKS_SHOWN)
    .map(({ at, label }) => ({ at, label: clipped(`${localTime(at, timezone, to)} ${inertLine(label)}`) }));
}

function clipped(text: string): string {
  const letters = [...text];
  return letters.length > LABEL_CHARACTERS ? `${letters.slice(0, LABEL_CHARACTERS).join('')}…` : text;
}

/** The moment in the middle of a chart. */
export function middleOf(chart: Pick<Chart, 'from' | 'to'>): EpochMs {
  return epochMs(chart.from + elapsed(chart.from, chart.to) / 2);
}
