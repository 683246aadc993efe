/**
 * The evidence of an anomaly as a picture for the console, and as a sentence wherever a picture cannot go. Pure.
 *
 * The SVG carries no style attribute or element, so that it stands under a strict policy; its colours are the
 * console's own tokens. A gap in the data is a gap in the line, never a zero.
 */
import type { Anomaly } from '../domain/anomaly.ts';
import type { Incident } from '../domain/incident.ts';
import { type MetricUnit, type Sample, unitOf } from '../domain/metric.ts';
import { type EpochMs, elapsed, epochMs } from '../domain/units.ts';
import { actionPhrase } from './action-words.ts';
import { figure, localTime, metricWords, normalWords, spanWords } from './figures.ts';

const WIDTH = 900;
const HEIGHT = 260;
const LEFT = 70;
const RIGHT = 880;
const TOP = 20;
const BOTTOM = 230;
const MARKS_SHOWN = 6;
const LABEL_CHARACTERS = 34;

interface Scale {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly low: number;
  readonly high: number;
}

interface Mark {
  readonly at: EpochMs;
  readonly label: string;
}

/** The chart of the anomaly that opened the incident, or `null` where fewer than two values are known. */
export function chartSvg(incident: Incident, timezone: string): string | null {
  const anomaly = incident.anomalies[0];
  if (anomaly === undefined) return null;
  const { chart, metric } = anomaly.evidence;
  const scale = scaleOf(anomaly);
  if (scale === null) return null;
  const unit = unitOf(metric);
  return [
    `<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(chartText(anomaly, timezone))}">`,
    troubleSpan(anomaly, scale),
    gridLines(scale, unit),
    bandArea(anomaly, scale),
    ...limitLines(anomaly, scale, unit),
    ...segments(chart).map((segment) => polyline(segment, scale)),
    ...marksOf(incident, scale, timezone).map((mark, index) => markDot(mark, index, chart, scale)),
    timeLabels(scale, timezone),
    '</svg>',
  ].join('');
}

/** `Latency of billing-api, last 1 h: normal 80–190 ms, out of it since 02:06, now 2,340 ms.` */
export function chartText(anomaly: Anomaly, timezone: string): string {
  const { chart, metric, band, value } = anomaly.evidence;
  const unit = unitOf(metric);
  const [first, last] = [chart[0], chart.at(-1)];
  const span =
    first === undefined || last === undefined ? '' : `, last ${spanWords(elapsed(first.at, last.at))}`;
  const normal = normalWords(band, unit);
  const since = localTime(anomaly.since, timezone, anomaly.detectedAt);
  return `${metricWords(metric)}${span}: ${normal === '' ? '' : `${normal}, `}out of it since ${since}, now ${figure(value, unit)}.`;
}

function scaleOf(anomaly: Anomaly): Scale | null {
  const { chart, band } = anomaly.evidence;
  const known = chart.flatMap((sample) => (sample.value === null ? [] : [sample.value]));
  const [first, last] = [chart[0], chart.at(-1)];
  if (known.length < 2 || first === undefined || last === undefined || last.at <= first.at) return null;
  const limits = [band.low, band.high, band.warn, band.critical].filter((limit) => limit !== null);
  const all = [...known, ...limits];
  const high = all.reduce((a, b) => Math.max(a, b));
  const low = Math.min(
    0,
    all.reduce((a, b) => Math.min(a, b)),
  );
  return { from: first.at, to: last.at, low, high: high === low ? low + 1 : low + (high - low) * 1.05 };
}

function x(at: number, scale: Scale): number {
  const share = (at - scale.from) / (scale.to - scale.from);
  return rounded(LEFT + Math.min(1, Math.max(0, share)) * (RIGHT - LEFT));
}

function y(value: number, scale: Scale): number {
  const share = (value - scale.low) / (scale.high - scale.low);
  return rounded(BOTTOM - Math.min(1, Math.max(0, share)) * (BOTTOM - TOP));
}

function troubleSpan(anomaly: Anomaly, scale: Scale): string {
  const from = x(anomaly.since, scale);
  if (anomaly.since >= scale.to) return '';
  return `<rect class="chart-trouble" x="${from}" y="${TOP}" width="${rounded(RIGHT - from)}" height="${BOTTOM - TOP}" fill="var(--crit-wash)"/>`;
}

function gridLines(scale: Scale, unit: MetricUnit): string {
  const steps = [0, 0.5, 1].map((share) => scale.low + share * (scale.high - scale.low));
  const lines = steps.map((value) => `M${LEFT} ${y(value, scale)}H${RIGHT}`).join('');
  const labels = steps.map(
    (value) =>
      `<text x="${LEFT - 6}" y="${rounded(y(value, scale) + 4)}" text-anchor="end" fill="var(--soft)">${escaped(figure(value, unit))}</text>`,
  );
  return `<path class="chart-grid" d="${lines}" stroke="var(--line)" fill="none"/>${labels.join('')}`;
}

function bandArea(anomaly: Anomaly, scale: Scale): string {
  const { low, high } = anomaly.evidence.band;
  if (high === null) return '';
  const [top, bottom] = [y(high, scale), y(low ?? scale.low, scale)];
  return `<rect class="chart-band" x="${LEFT}" y="${top}" width="${RIGHT - LEFT}" height="${rounded(Math.max(1, bottom - top))}" fill="var(--band)"/>`;
}

function limitLines(anomaly: Anomaly, scale: Scale, unit: MetricUnit): readonly string[] {
  const { warn, critical } = anomaly.evidence.band;
  return [
    ...(warn === null ? [] : [limitLine('warn', warn, scale, unit)]),
    ...(critical === null ? [] : [limitLine('crit', critical, scale, unit)]),
  ];
}

function limitLine(tone: 'warn' | 'crit', value: number, scale: Scale, unit: MetricUnit): string {
  const at = y(value, scale);
  const label = `${tone === 'warn' ? 'warn' : 'critical'} ${figure(value, unit)}`;
  return `<path class="chart-limit" d="M${LEFT} ${at}H${RIGHT}" stroke="var(--${tone})" stroke-dasharray="4 4" fill="none"/><text x="${LEFT + 4}" y="${rounded(at - 6)}" fill="var(--${tone})">${escaped(label)}</text>`;
}

/** Runs of known values: the line breaks where a value is unknown. */
function segments(chart: readonly Sample[]): readonly (readonly Sample[])[] {
  const runs: Sample[][] = [[]];
  for (const sample of chart) {
    if (sample.value === null) runs.push([]);
    else runs.at(-1)?.push(sample);
  }
  return runs.filter((run) => run.length > 0);
}

function polyline(segment: readonly Sample[], scale: Scale): string {
  const points = segment.map((sample) => `${x(sample.at, scale)},${y(sample.value ?? 0, scale)}`);
  return `<polyline class="chart-value" points="${points.join(' ')}" fill="none" stroke="var(--crit)" stroke-width="2"/>`;
}

/** What was done, numbered along the line and named below it. */
function marksOf(incident: Incident, scale: Scale, timezone: string): readonly Mark[] {
  const began = incident.anomalies[0];
  const causes: readonly Mark[] = (began?.evidence.causes ?? []).flatMap(({ at, text }) =>
    at === null ? [] : [{ at, label: text }],
  );
  const acts: readonly Mark[] = incident.attempts.map((attempt) => ({
    at: attempt.startedAt,
    label: actionPhrase(attempt.kind, attempt.target),
  }));
  return [...causes, ...acts]
    .filter((mark) => mark.at >= scale.from && mark.at <= scale.to)
    .toSorted((a, b) => a.at - b.at)
    .slice(-MARKS_SHOWN)
    .map(({ at, label }) => ({ at, label: `${localTime(at, timezone, scale.to)} ${label}` }));
}

function markDot(mark: Mark, index: number, chart: readonly Sample[], scale: Scale): string {
  const [cx, row] = [x(mark.at, scale), TOP + 14 + (index % 3) * 15];
  const near = chart.findLast((sample) => sample.at <= mark.at && sample.value !== null)?.value ?? scale.low;
  const label =
    mark.label.length > LABEL_CHARACTERS ? `${mark.label.slice(0, LABEL_CHARACTERS)}…` : mark.label;
  const anchor = cx > (LEFT + RIGHT) / 2 ? 'end' : 'start';
  return `<g class="chart-mark" fill="var(--accent)"><path d="M${cx} ${row + 3}V${BOTTOM}" stroke="var(--accent)" stroke-dasharray="1 3"/><circle cx="${cx}" cy="${y(near, scale)}" r="4"/><text x="${cx}" y="${row}" text-anchor="${anchor}">${escaped(label)}</text></g>`;
}

function timeLabels(scale: Scale, timezone: string): string {
  const middle = epochMs((scale.from + scale.to) / 2);
  const labels = [
    { at: scale.from, anchor: 'start' },
    { at: middle, anchor: 'middle' },
    { at: scale.to, anchor: 'end' },
  ];
  return labels
    .map(
      ({ at, anchor }) =>
        `<text x="${x(at, scale)}" y="${BOTTOM + 18}" text-anchor="${anchor}" fill="var(--soft)">${localTime(at, timezone, scale.to)}</text>`,
    )
    .join('');
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Names of hosts and processes are foreign text: never markup. */
function escaped(text: string): string {
  return [...text]
    .map((letter) => (letter < ' ' ? ' ' : letter))
    .join('')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
