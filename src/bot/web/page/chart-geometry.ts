/**
 * Where things lie in a chart: scale, grid lines, paths with gaps, places for labels. Pure, so that the same evidence
 * always draws the same picture.
 */

export interface Point {
  readonly at: number;
  /** `null` = unknown: a gap in the line. */
  readonly value: number | null;
}

export interface Scale {
  readonly from: number;
  readonly to: number;
  /** In pixels from the left or the top. */
  place(value: number): number;
}

export function scale(from: number, to: number, start: number, end: number): Scale {
  const span = to - from || 1;
  return { from, to, place: (value) => start + ((value - from) / span) * (end - start) };
}

/** A scale from 0 or below over all values, with air above; never flat. */
export function valueRange(values: readonly (number | null)[]): {
  readonly low: number;
  readonly high: number;
} {
  const known = values.filter((value) => value !== null);
  const low = Math.min(0, ...known);
  const high = Math.max(...known, Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(high) || high <= low) return { low, high: low + 1 };
  return { low, high: low + (high - low) * 1.12 };
}

/** At most `most` round steps within the range, lowest first. */
export function gridSteps(low: number, high: number, most: number): readonly number[] {
  const raw = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step =
    [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw) ?? raw;
  const count = Math.floor((high - low) / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => low + index * step);
}

/** An SVG path through the known points; a gap starts a new part. A single known point is a short dash. */
export function linePath(points: readonly Point[], x: Scale, y: Scale): string {
  let path = '';
  let pen = false;
  points.forEach((point, index) => {
    if (point.value === null) {
      pen = false;
      return;
    }
    const [left, top] = [round(x.place(point.at)), round(y.place(point.value))];
    const next = points[index + 1];
    path += `${pen ? 'L' : 'M'}${left} ${top}`;
    if (!pen && (next === undefined || next.value === null)) path += 'h1';
    pen = true;
  });
  return path;
}

/** Something that happened at a moment, to be found in the list below the picture by its number. */
export interface Mark {
  readonly at: number;
  readonly label: string;
}

export interface PlacedMark extends Mark {
  readonly number: number;
  readonly x: number;
  /** 0 nearest to the picture; higher rows where badges would cover one another. */
  readonly row: number;
}

/** Numbers the marks of the picture's time in their order, and puts badges that are too near into rows. */
export function placeMarks(marks: readonly Mark[], x: Scale, badge: number): readonly PlacedMark[] {
  const ends: number[] = [];
  return marks
    .filter(({ at }) => at >= x.from && at <= x.to)
    .sort((a, b) => a.at - b.at)
    .map((mark, index) => {
      const left = x.place(mark.at);
      const free = ends.findIndex((end) => left - end >= badge);
      const row = free === -1 ? ends.length : free;
      ends[row] = left;
      return { ...mark, number: index + 1, x: left, row };
    });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
