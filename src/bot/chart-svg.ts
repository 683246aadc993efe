/**
 * A chart as SVG: for pages as it is, for chat and mail on its way to a PNG. Pure. Type is 21 to 28 px in a picture
 * of 720 px, so that a phone can read it.
 *
 * The SVG carries no style attribute or element, so that it stands under a strict policy.
 */
import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { type Line, line } from 'd3-shape';
import type { MetricUnit } from '../domain/metric.ts';
import { type Chart, type ChartBand, type ChartMark, type ChartPoint, middleOf } from './chart.ts';
import { CHART_COLOURS, type ChartColours, type ChartLook } from './chart-looks.ts';
import { figure, localTime } from './figures.ts';

const WIDTH = 720;
const LEFT = 128;
const RIGHT = 696;
const TOP = 116;
const BOTTOM = 318;
const ROW = 30;
/** How wide a letter of a label is, at most. */
const LETTER = 11.5;
const TITLE_CHARACTERS = 32;

/** What every part of the drawing needs. */
interface Sheet {
  readonly chart: Chart;
  readonly colours: ChartColours;
  readonly timezone: string;
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
}

/** @param said The same in a sentence, for those who do not see it. */
export function chartSvg(chart: Chart, said: string, timezone: string, look: ChartLook = 'tokens'): string {
  const sheet: Sheet = {
    chart,
    timezone,
    colours: CHART_COLOURS[look],
    x: scaleLinear([chart.from, chart.to], [LEFT, RIGHT]).clamp(true),
    y: scaleLinear([chart.low, chart.high], [BOTTOM, TOP]).clamp(true),
  };
  const height = BOTTOM + 44 + chart.marks.length * ROW;
  return [
    `<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(said)}" font-family="Inter, system-ui, sans-serif" font-size="21">`,
    `<rect width="${WIDTH}" height="${height}" fill="${sheet.colours.card}"/>`,
    heading(sheet),
    troubleSpan(sheet),
    ...chart.bands.map((band) => bandArea(band, sheet)),
    gridLines(sheet),
    ...limitLines(sheet),
    ...chart.runs.map((run) => valueLine(run, sheet)),
    ...moments(sheet),
    ...chart.marks.map((mark, index) => markDot(mark, index, sheet)),
    timeLabels(sheet),
    '</svg>',
  ].join('');
}

function heading({ chart, colours }: Sheet): string {
  const title = [...chart.title].slice(0, TITLE_CHARACTERS).join('');
  const cut = title.length < chart.title.length ? '…' : '';
  const now = chart.ended === null ? colours.crit : colours.ok;
  return [
    `<text x="24" y="42" font-size="28" font-weight="600" fill="${colours.ink}">${escaped(title)}${cut}</text>`,
    `<text x="${RIGHT}" y="42" font-size="28" font-weight="600" text-anchor="end" fill="${now}">${escaped(chart.now)}</text>`,
    `<text x="24" y="76" fill="${colours.soft}">${escaped(chart.normal)}</text>`,
  ].join('');
}

function troubleSpan({ chart, colours, x }: Sheet): string {
  if (chart.began >= chart.to) return '';
  const from = rounded(x(chart.began));
  const to = rounded(x(chart.ended?.at ?? chart.to));
  return `<rect class="chart-trouble" x="${from}" y="${TOP}" width="${rounded(Math.max(0, to - from))}" height="${BOTTOM - TOP}" fill="${colours.trouble}"/>`;
}

function bandArea({ from, to, low, high }: ChartBand, { colours, x, y }: Sheet): string {
  const [left, top, bottom] = [rounded(x(from)), rounded(y(high)), rounded(y(low))];
  return `<rect class="chart-band" x="${left}" y="${top}" width="${rounded(x(to) - left)}" height="${rounded(Math.max(2, bottom - top))}" fill="${colours.band}"/>`;
}

function gridLines({ chart, colours, y }: Sheet): string {
  const steps = [0, 0.5, 1].map((share) => chart.low + share * (chart.high - chart.low) * 0.98);
  const lines = steps.map((value) => `M${LEFT} ${rounded(y(value))}H${RIGHT}`).join('');
  const labels = steps.map(
    (value) =>
      `<text x="${LEFT - 10}" y="${rounded(y(value) + 7)}" text-anchor="end" fill="${colours.soft}">${escaped(tick(value, chart.unit))}</text>`,
  );
  return `<path class="chart-grid" d="${lines}" stroke="${colours.line}" fill="none"/>${labels.join('')}`;
}

/** A round number: the grid is for orientation, the exact figures stand in the heading. */
function tick(value: number, unit: MetricUnit): string {
  if (unit === 'up' || value === 0) return figure(value, unit);
  const digits = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 1);
  return figure(Math.round(value / digits) * digits, unit);
}

function limitLines(sheet: Sheet): readonly string[] {
  const { warn, critical } = sheet.chart.band;
  return [
    ...(warn === null ? [] : [limitLine('warn', warn, sheet)]),
    ...(critical === null ? [] : [limitLine('critical', critical, sheet)]),
  ];
}

function limitLine(word: 'warn' | 'critical', value: number, { chart, colours, y }: Sheet): string {
  const at = rounded(y(value));
  const colour = word === 'warn' ? colours.warn : colours.crit;
  const label = `${word} ${figure(value, chart.unit)}`;
  return `<path class="chart-limit" d="M${LEFT} ${at}H${RIGHT}" stroke="${colour}" stroke-width="2" stroke-dasharray="8 6" fill="none"/><text x="${LEFT + 6}" y="${rounded(at - 8)}" fill="${colour}">${escaped(label)}</text>`;
}

function valueLine(run: readonly ChartPoint[], { colours, x, y }: Sheet): string {
  const [only] = run;
  if (run.length === 1 && only !== undefined)
    return `<circle class="chart-value" cx="${rounded(x(only.at))}" cy="${rounded(y(only.value))}" r="2.5" fill="${colours.accent}"/>`;
  const path: Line<ChartPoint> = line<ChartPoint>(
    (point) => rounded(x(point.at)),
    (point) => rounded(y(point.value)),
  );
  return `<path class="chart-value" d="${path([...run]) ?? ''}" fill="none" stroke="${colours.accent}" stroke-width="3.5" stroke-linejoin="round"/>`;
}

/** When it began, and when it was over. */
function moments(sheet: Sheet): readonly string[] {
  const { chart, colours } = sheet;
  const began =
    chart.began < chart.from || chart.began >= chart.to
      ? []
      : [moment(chart.began, 'began', colours.crit, sheet)];
  const { ended } = chart;
  const over = ended === null || ended.at > chart.to ? [] : [moment(ended.at, ended.word, colours.ok, sheet)];
  return [...began, ...over];
}

function moment(at: Chart['from'], word: string, colour: string, { chart, timezone, x }: Sheet): string {
  const cx = rounded(x(at));
  const isBegin = word === 'began';
  const label = `${word} ${localTime(at, timezone, chart.to)}`;
  const width = label.length * LETTER;
  const isTight = !isBegin && cx + width > RIGHT;
  const anchor = isTight || (isBegin && cx > LEFT + width) ? 'end' : 'start';
  const beside = anchor === 'end' ? cx - 6 : cx + 6;
  const to = isTight ? RIGHT : beside;
  const row = isTight && x(chart.began) > RIGHT - width ? TOP + 24 : TOP - 12;
  return `<g class="chart-moment" fill="${colour}"><path d="M${cx} ${TOP - 8}V${BOTTOM}" stroke="${colour}" stroke-width="2"/><text x="${to}" y="${row}" text-anchor="${anchor}">${escaped(label)}</text></g>`;
}

/** What was done: a numbered dot on the time axis, named below. */
function markDot(mark: ChartMark, index: number, { colours, x }: Sheet): string {
  const cx = rounded(x(mark.at));
  const row = BOTTOM + 44 + index * ROW + 16;
  const dot = (atX: number, atY: number): string =>
    `<circle cx="${atX}" cy="${atY}" r="12" fill="${colours.ink}"/><text x="${atX}" y="${atY + 6}" font-size="17" font-weight="600" text-anchor="middle" fill="${colours.card}">${index + 1}</text>`;
  return `<g class="chart-mark"><path d="M${cx} ${TOP}V${BOTTOM}" stroke="${colours.ink}" stroke-dasharray="2 5"/>${dot(cx, BOTTOM - 14 - (index % 2) * 26)}${dot(36, row - 7)}<text x="58" y="${row}" fill="${colours.ink}">${escaped(mark.label)}</text></g>`;
}

function timeLabels({ chart, colours, timezone, x }: Sheet): string {
  const labels = [
    { at: chart.from, anchor: 'start' },
    { at: middleOf(chart), anchor: 'middle' },
    { at: chart.to, anchor: 'end' },
  ];
  return labels
    .map(
      ({ at, anchor }) =>
        `<text x="${rounded(x(at))}" y="${BOTTOM + 28}" text-anchor="${anchor}" fill="${colours.soft}">${localTime(at, timezone, chart.to)}</text>`,
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
