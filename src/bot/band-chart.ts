/**
 * What is normal hour by hour, as a chart of characters: one line an hour, the band as a bar, its centre marked. Pure.
 */
import type { MetricUnit } from '../domain/metric.ts';
import type { BaselineView } from '../domain/tuning.ts';
import { figure } from './figures.ts';

const WIDTH = 48;
const BAND = '█';
const CENTRE = '│';
const EMPTY = '·';

interface Row {
  readonly label: string;
  readonly low: number;
  readonly high: number;
  readonly centre: number;
}

/** Empty while nothing is learnt. */
export function bandChart({ unit, hours, now }: BaselineView): readonly string[] {
  const rows: readonly Row[] =
    hours.length > 0
      ? hours.map((one) => ({ ...one, label: `${String(one.hour).padStart(2, '0')} h` }))
      : now === null
        ? []
        : [{ ...now, label: 'all day' }];
  if (rows.length === 0) return [];
  const most = rows.reduce((top, { high }) => Math.max(top, high), 0) || 1;
  const indent = rows.reduce((longest, { label }) => Math.max(longest, label.length), 0) + 1;
  return [scaleLine(indent, most, unit), ...rows.map((row) => barLine(row, most, indent, unit))];
}

function scaleLine(indent: number, most: number, unit: MetricUnit): string {
  const end = figure(most, unit);
  return `${' '.repeat(indent)}0${end.padStart(WIDTH - 1)}`;
}

function barLine(row: Row, most: number, indent: number, unit: MetricUnit): string {
  const cell = (value: number): number => Math.min(WIDTH - 1, Math.floor((value / most) * WIDTH));
  const [from, to, middle] = [cell(row.low), cell(row.high), cell(row.centre)];
  const bar = Array.from({ length: WIDTH }, (_, index) =>
    index === middle ? CENTRE : index >= from && index <= to ? BAND : EMPTY,
  ).join('');
  return `${row.label.padEnd(indent)}${bar} ${figure(row.low, unit)} to ${figure(row.high, unit)}`;
}
