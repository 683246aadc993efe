/**
 * A metric over a period as a picture that stands alone: its minutes as a line, the band that held at each time behind it.
 * Pure.
 * A gap in the data is a gap in the line, never a zero.
 */
import { type MetricName, unitOf } from '../../domain/metric.ts';
import type { BandSpan, MinuteRows } from '../../domain/rollup.ts';
import { type EpochMs, epochMs } from '../../domain/units.ts';
import { figure, metricWords } from '../figures.ts';
import { framed, level, RIGHT, rounded, TOP, timeLabels } from './svg-frame.ts';

const HEIGHT = 240;
const LEFT = 80;
const BOTTOM = 205;
const POINTS = 400;

interface Stretch {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

export interface SeriesPicture {
  readonly metric: MetricName;
  readonly rows: MinuteRows;
  /** What was normal when. */
  readonly bands: readonly BandSpan[];
  /** Stretches of trouble. */
  readonly marks: readonly Stretch[];
  readonly timezone: string;
}

interface Point {
  readonly at: EpochMs;
  readonly value: number | null;
}

interface Scale {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly most: number;
}

/** `null` where fewer than two minutes are known. */
export function seriesSvg(picture: SeriesPicture): string | null {
  const points = thinned(picture);
  const known = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const [first, last] = [points[0], points.at(-1)];
  if (known.length < 2 || first === undefined || last === undefined) return null;
  const most = Math.max(...known, ...picture.bands.map(({ high }) => high)) || 1;
  const scale: Scale = { from: first.at, to: last.at, most };
  return framed({ title: metricWords(picture.metric), height: HEIGHT, left: LEFT }, [
    ...picture.marks.map((mark) => troubleBox(mark, scale)),
    ...picture.bands.map((band) => bandBox(band, scale)),
    ...runs(points).map((run) => line(run, scale)),
    ...valueLines(picture.metric, scale),
    timeLabels(scale.from, scale.to, LEFT, BOTTOM + 20, picture.timezone),
  ]);
}

/** At most `POINTS` means, each over the same number of minutes. */
function thinned({ rows: { first, values } }: SeriesPicture): readonly Point[] {
  const size = Math.max(1, Math.ceil(values.length / POINTS));
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) => {
    const piece = [...values.subarray(index * size, (index + 1) * size)];
    const known = piece.filter((value) => !Number.isNaN(value));
    const sum = known.reduce((total, value) => total + value, 0);
    const at = epochMs(first + (index * size + size / 2) * 60_000);
    return { at, value: known.length === 0 ? null : sum / known.length };
  });
}

function x(at: number, { from, to }: Scale): number {
  const share = (at - from) / Math.max(1, to - from);
  return rounded(LEFT + Math.min(1, Math.max(0, share)) * (RIGHT - LEFT));
}

function y(value: number, { most }: Scale): number {
  return rounded(BOTTOM - (Math.max(0, value) / (most * 1.05)) * (BOTTOM - TOP));
}

function troubleBox({ from, to }: Stretch, scale: Scale): string {
  const [left, right] = [x(from, scale), x(to, scale)];
  return `<rect x="${left}" y="${TOP}" width="${rounded(Math.max(2, right - left))}" height="${BOTTOM - TOP}" fill="#fbdcd8"/>`;
}

function bandBox({ from, to, low, high }: BandSpan, scale: Scale): string {
  const [left, right, top, bottom] = [x(from, scale), x(to, scale), y(high, scale), y(low, scale)];
  const size = `width="${rounded(right - left)}" height="${rounded(Math.max(1, bottom - top))}"`;
  return `<rect class="band" x="${left}" y="${top}" ${size} fill="#dcebd8"/>`;
}

function runs(points: readonly Point[]): readonly (readonly Point[])[] {
  const found: Point[][] = [[]];
  for (const point of points) {
    if (point.value === null) found.push([]);
    else found.at(-1)?.push(point);
  }
  return found.filter((run) => run.length > 0);
}

function line(run: readonly Point[], scale: Scale): string {
  const points = run.map(({ at, value }) => `${x(at, scale)},${y(value ?? 0, scale)}`);
  return `<polyline points="${points.join(' ')}" fill="none" stroke="#1f5fa8" stroke-width="1.5"/>`;
}

function valueLines(metric: MetricName, scale: Scale): readonly string[] {
  return [0, scale.most / 2, scale.most].map((value) =>
    level(y(value, scale), LEFT, figure(value, unitOf(metric))),
  );
}
