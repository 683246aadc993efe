/**
 * Figures as a person reads them: values with their unit, spans, local times, metric names in words.
 *
 * Pure. A missing value is the word "unknown", never 0. Times are shown in the configured zone; with a date
 * only when the day is not the reference's.
 */
import { type Band, familyOf, type MetricName, type MetricUnit, subjectOf } from '../domain/metric.ts';
import type { EpochMs, Ms } from '../domain/units.ts';

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

interface Formats {
  readonly time: Intl.DateTimeFormat;
  readonly day: Intl.DateTimeFormat;
  readonly zone: Intl.DateTimeFormat;
}

/** By zone; there is one, or a few. */
const FORMATS = new Map<string, Formats>();

const FAMILY_WORDS: Readonly<Record<string, string>> = {
  cpu: 'CPU',
  memory: 'Memory',
  swap: 'Swap',
  load_per_core: 'Load per core',
  disk: 'Disk',
  inodes: 'Inodes',
  pressure_cpu: 'CPU pressure',
  pressure_memory: 'Memory pressure',
  pressure_io: 'Disk pressure',
  net_rx: 'Network in',
  net_tx: 'Network out',
  disk_io: 'Disk traffic',
  loop_lag: 'Own loop lag',
  backup_age: 'Age of the newest good backup',
  restore_time: 'Time of a full restore',
  backup_faults: 'Faults of backups',
};

const SUBJECT_WORDS: Readonly<Record<string, string>> = {
  latency: 'Latency of',
  success_rate: 'Success rate of',
  queue_depth: 'Depth of queue',
  queue_oldest: 'Oldest task of queue',
  queue_rate: 'Rate of queue',
  target_cpu: 'CPU of',
  target_memory: 'Memory of',
  target_up: 'State of',
  probe_up: 'Reachability of',
};

/** `2,340 ms`, `94 %`, `1.2 GiB`, `down`; `unknown` for `null`. */
export function figure(value: number | null, unit: MetricUnit): string {
  if (value === null || !Number.isFinite(value)) return 'unknown';
  switch (unit) {
    case 'ratio':
      return `${grouped(value * 100, percentDecimals(value * 100))} %`;
    case 'ms':
      return `${grouped(value, Math.abs(value) < 10 ? 1 : 0)} ms`;
    case 's':
      return Math.abs(value) < 120 ? `${grouped(value, 0)} s` : spanWords((value * 1_000) as Ms);
    case 'bytes':
      return byteWords(value);
    case 'bytes/s':
      return `${byteWords(value)}/s`;
    case 'per-core':
      return `${grouped(value, 1)} per core`;
    case 'per-min':
      return `${grouped(value, 1)} per min`;
    case 'up':
      return value > 0 ? 'up' : 'down';
    case 'count':
      return grouped(value, 1);
  }
}

/** `normal 80–190 ms`, `limit 85 %`, or nothing where no band is known. */
export function normalWords(band: Band, unit: MetricUnit): string {
  if (unit === 'up') return 'normal up';
  if (band.low !== null && band.high !== null) return `normal ${rangeWords(band.low, band.high, unit)}`;
  if (band.high !== null) return `normal up to ${figure(band.high, unit)}`;
  if (band.low !== null) return `normal from ${figure(band.low, unit)}`;
  const limit = band.warn ?? band.critical;
  return limit === null ? '' : `limit ${figure(limit, unit)}`;
}

/** `80–190 ms`: the unit once where it is the same. */
export function rangeWords(low: number, high: number, unit: MetricUnit): string {
  const [from, to] = [figure(low, unit), figure(high, unit)];
  const [fromUnit, toUnit] = [unitPart(from), unitPart(to)];
  return fromUnit === toUnit && fromUnit !== ''
    ? `${from.slice(0, from.length - fromUnit.length)}–${to}`
    : `${from}–${to}`;
}

/** `Latency of billing-api`, `Disk /var`, `CPU`; an unknown name stays as it is. */
export function metricWords(metric: MetricName): string {
  const [family, subject] = [familyOf(metric), subjectOf(metric)];
  const ofSubject = SUBJECT_WORDS[family];
  if (ofSubject !== undefined && subject !== undefined) return `${ofSubject} ${subject}`;
  const plain = FAMILY_WORDS[family];
  if (plain === undefined) return metric;
  return subject === undefined ? plain : `${plain} ${subject}`;
}

/** `22 s`, `6 min`, `4 min 12 s`, `1 h 20 min`, `3 d`: two parts at most, and never below a second. */
export function spanWords(span: Ms): string {
  const total = Math.max(0, Math.round(span / 1_000));
  if (total < 60) return `${total} s`;
  if (total < 600) return twoParts(Math.floor(total / 60), 'min', total % 60, 's');
  if (total < 3_600) return `${Math.round(total / 60)} min`;
  const minutes = Math.round(total / 60);
  if (minutes < 48 * 60) return twoParts(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(minutes / 60);
  return twoParts(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** `02:06`, or `21 Nov 02:06` when that is another local day than the reference's. */
export function localTime(at: EpochMs, timezone: string, reference: EpochMs): string {
  const { time, day } = formatsOf(timezone);
  const date = day.format(at);
  return date === day.format(reference) ? time.format(at) : `${date} ${time.format(at)}`;
}

/** The same with its zone, for texts that people in other zones read: `02:06 UTC`, `03:06 CET`. */
export function zonedTime(at: EpochMs, timezone: string, reference: EpochMs): string {
  const parts = formatsOf(timezone).zone.formatToParts(at);
  const zone = parts.find(({ type }) => type === 'timeZoneName')?.value ?? timezone;
  return `${localTime(at, timezone, reference)} ${zone}`;
}

/** A format costs a thousand times what using it does, and a storm makes hundreds of cards every few seconds. */
function formatsOf(timeZone: string): Formats {
  const known = FORMATS.get(timeZone);
  if (known !== undefined) return known;
  const made: Formats = {
    time: new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }),
    day: new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'short' }),
    zone: new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'short' }),
  };
  FORMATS.set(timeZone, made);
  return made;
}

/** `1 incident`, `3 incidents`. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${grouped(count, 0)} ${count === 1 ? one : many}`;
}

/** At most `limit` characters; what was cut is said. */
export function clipped(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 7).trimEnd()} (cut…)`;
}

function grouped(value: number, decimals: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: decimals });
}

function percentDecimals(percent: number): number {
  return percent < 10 || (percent > 99 && percent < 100) ? 1 : 0;
}

function byteWords(value: number): string {
  let size = Math.abs(value);
  let unit = 0;
  while (size >= 1_024 && unit < BYTE_UNITS.length - 1) {
    size /= 1_024;
    unit += 1;
  }
  return `${value < 0 ? '-' : ''}${grouped(size, size < 10 && unit > 0 ? 1 : 0)} ${BYTE_UNITS[unit]}`;
}

function unitPart(text: string): string {
  return / .*$/.exec(text)?.[0] ?? '';
}

function twoParts(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
}
