/**
 * Hours of the week: minutes folded to the mean of each hour, and sets of hours as a person says them. Pure.
 *
 * Hour 0 is Monday 00 h in the bot's zone. An hour with less than half of its minutes known is not known.
 */
import { HOURS_A_WEEK } from '../domain/optimizer.ts';
import type { MinuteRows } from '../domain/rollup.ts';
import { type EpochMs, epochMs } from '../domain/units.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const WEEK = HOURS_A_WEEK * HOUR;
const LEAST_MINUTES = 30;
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
/** More lines than this say less than a count. */
const MOST_LINES = 5;

export interface HourMean {
  readonly at: EpochMs;
  /** 0..167 */
  readonly hour: number;
  /** Weeks since the first row. */
  readonly week: number;
  readonly mean: number;
}

export type HourOfWeek = (at: EpochMs) => number;

export function hourMeans(rows: MinuteRows, hourOfWeek: HourOfWeek): readonly HourMean[] {
  const means: HourMean[] = [];
  const offset = ((HOUR - (rows.first % HOUR)) % HOUR) / MINUTE;
  for (let start = Math.round(offset); start < rows.values.length; start += 60) {
    const mean = meanOf(rows.values, start, start + 60);
    if (mean === null) continue;
    const at = epochMs(rows.first + start * MINUTE);
    means.push({ at, hour: hourOfWeek(at), week: Math.floor((at - rows.first) / WEEK), mean });
  }
  return means;
}

function meanOf(values: Float32Array, from: number, to: number): number | null {
  let sum = 0;
  let count = 0;
  for (let index = from; index < Math.min(to, values.length); index += 1) {
    const value = values[index] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return count < LEAST_MINUTES ? null : sum / count;
}

/** From a weekday (0 = Sunday) and an hour of the day. */
export function weekHour(weekday: number, hour: number): number {
  return ((weekday + 6) % 7) * 24 + hour;
}

/** `Mon–Fri 09–18 h`; `61 of 168 hours` where words would not end. */
export function hoursWords(hours: readonly boolean[]): string {
  const count = hours.filter(Boolean).length;
  if (count === 0) return 'no hour';
  if (count === hours.length) return 'all hours';
  const days = DAYS.map((_, day) => dayWords(hours.slice(day * 24, day * 24 + 24)));
  const lines: string[] = [];
  for (let day = 0; day < days.length; ) {
    const words = days[day] ?? '';
    let last = day;
    while (days[last + 1] === words) last += 1;
    if (words !== '') lines.push(`${dayRange(day, last)} ${words}`);
    day = last + 1;
  }
  return lines.length > MOST_LINES ? `${count} of ${hours.length} hours of the week` : lines.join(', ');
}

function dayRange(first: number, last: number): string {
  return first === last ? (DAYS[first] ?? '') : `${DAYS[first] ?? ''}–${DAYS[last] ?? ''}`;
}

function dayWords(hours: readonly boolean[]): string {
  const ranges: string[] = [];
  for (let hour = 0; hour < hours.length; hour += 1) {
    if (hours[hour] !== true) continue;
    let end = hour;
    while (hours[end] === true) end += 1;
    ranges.push(`${two(hour)}–${two(end)}`);
    hour = end;
  }
  return ranges.length === 0 ? '' : `${ranges.join(' and ')} h`;
}

function two(hour: number): string {
  return String(hour).padStart(2, '0');
}
