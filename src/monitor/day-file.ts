/**
 * The text of `history/YYYY-MM-DD.jsonl`: a header line with the metric names, then `{"t": …, "v": […]}` a
 * slot in the order of the header. A new header follows whenever the set of metrics changes. `"x": 1` marks a
 * slot that must not teach the baseline.
 *
 * Pure. A torn or foreign line is skipped and counted, never guessed: the slot stays a gap.
 */
import type { MetricName } from '../domain/metric.ts';
import { type EpochMs, fromIso, toIso } from '../domain/units.ts';

export interface DayLine {
  readonly at: EpochMs;
  readonly taught: boolean;
  /** In the order of the metrics of the header. */
  readonly values: readonly (number | null)[];
}

export type ParsedLine =
  | { readonly kind: 'header'; readonly metrics: readonly MetricName[] }
  | { readonly kind: 'row'; readonly row: DayLine }
  | { readonly kind: 'blank' }
  | { readonly kind: 'bad' };

export function headerText(metrics: readonly MetricName[]): string {
  return `${JSON.stringify({ metrics })}\n`;
}

export function rowText(row: DayLine): string {
  const v = row.values.map((value) => (value === null ? null : shortened(value)));
  return `${JSON.stringify(row.taught ? { t: toIso(row.at), v } : { t: toIso(row.at), v, x: 1 })}\n`;
}

/** `columns` = the length of the header in force; a row of another length is bad. */
export function parseLine(text: string, columns: number): ParsedLine {
  if (text.trim() === '') return { kind: 'blank' };
  const line = parseObject(text);
  if (line === undefined) return { kind: 'bad' };
  if (Array.isArray(line['metrics'])) return parseHeader(line['metrics']);
  return parseRow(line, columns);
}

/** A Float32 keeps about seven digits; six are enough and keep the file small. */
function shortened(value: number): number {
  return Number(value.toPrecision(6));
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // A torn line is expected after a power cut; the caller counts it.
    return undefined;
  }
}

function parseHeader(metrics: readonly unknown[]): ParsedLine {
  const names = metrics.filter((name): name is string => typeof name === 'string');
  return names.length === metrics.length ? { kind: 'header', metrics: names } : { kind: 'bad' };
}

function parseRow(line: Record<string, unknown>, columns: number): ParsedLine {
  const { t, v, x } = line;
  const at = typeof t === 'string' ? fromIso(t) : undefined;
  if (at === undefined || !Array.isArray(v) || v.length !== columns) return { kind: 'bad' };
  const values = v.map((value: unknown) => (typeof value === 'number' ? value : null));
  return { kind: 'row', row: { at, taught: x !== 1, values } };
}
