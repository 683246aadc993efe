/**
 * Cells of a metrics CSV: a time, a header, a row of values. What cannot be read is named, never guessed.
 */
import { OpsError } from '../../domain/errors.ts';
import type { MetricName } from '../../domain/metric.ts';
import { type EpochMs, epochMs, fromIso, toIso } from '../../domain/units.ts';

const ISO_TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(\.\d+)?(Z|[+-]\d{2}:?\d{2})?)?$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** How programs write that they do not know; in any case. */
const UNKNOWN: ReadonlySet<string> = new Set([
  '',
  'nan',
  'null',
  'none',
  'na',
  'n/a',
  '-',
  'inf',
  '+inf',
  '-inf',
  'infinity',
  '-infinity',
]);
/** Epoch numbers from here on are milliseconds: in seconds this would be the year 5138. */
const FIRST_MILLISECONDS = 100_000_000_000;
const LATEST = 8_640_000_000_000_000;

/** ISO 8601 (UTC where no zone is given), or epoch seconds or milliseconds; `undefined` where it is none of them. */
export function readTime(text: string): EpochMs | undefined {
  const cell = text.trim();
  if (NUMBER.test(cell)) {
    const value = Number(cell);
    const moment = Math.round(Math.abs(value) >= FIRST_MILLISECONDS ? value : value * 1_000);
    return Math.abs(moment) <= LATEST ? epochMs(moment) : undefined;
  }
  const match = ISO_TIME.exec(cell);
  if (match === null) return undefined;
  const [, date = '', clock = '00:00', seconds = ':00', fraction = '', zone = 'Z'] = match;
  const moment = fromIso(`${date}T${clock}${seconds}${fraction.slice(0, 4)}${withColon(zone)}`);
  return moment !== undefined && isRealDate(date) ? moment : undefined;
}

/** The metric names of a header line. @throws OpsError `USAGE` where it cannot be one. */
export function readHeader(fields: readonly string[]): readonly MetricName[] {
  const [time, ...names] = fields.map((field) => field.trim());
  const fault = headerFault(time ?? '', names);
  if (fault === null) return names;
  throw new OpsError('USAGE', `line 1: ${fault}`, { context: { line: 1 } });
}

export interface CellFault {
  readonly column: MetricName;
  readonly text: string;
}

export interface ReadRow {
  readonly values: ReadonlyMap<MetricName, number | null>;
  readonly faults: readonly CellFault[];
}

/** Values by metric; an unreadable cell is unknown and named. `cells` are those after the time. */
export function readValues(names: readonly MetricName[], cells: readonly string[]): ReadRow {
  const values = new Map<MetricName, number | null>();
  const faults: CellFault[] = [];
  for (const [index, column] of names.entries()) {
    const cell = (cells[index] ?? '').trim();
    const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
    values.set(column, Number.isFinite(value) ? value : null);
    if (!Number.isFinite(value) && !UNKNOWN.has(cell.toLowerCase()))
      faults.push({ column, text: cell.slice(0, 40) });
  }
  return { values, faults };
}

function headerFault(time: string, names: readonly string[]): string | null {
  if (readTime(time) !== undefined) return 'expected a header line that names the columns, found a time';
  if (names.length === 0) return 'expected a time column and at least one metric, found one column';
  const empty = names.indexOf('');
  if (empty !== -1) return `column ${empty + 2} has no name`;
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? null : `the column "${twice.slice(0, 40)}" is there twice`;
}

function withColon(zone: string): string {
  return zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
}

/** 31 February parses, as 2 March. */
function isRealDate(date: string): boolean {
  const midnight = fromIso(`${date}T00:00:00Z`);
  return midnight !== undefined && toIso(midnight).startsWith(date);
}
