/**
 * Wall-clock time in a zone: which hour it is for people, and which moment a time of day means on a date.
 *
 * Where the clocks go forward a time of day may not exist: it means the first moment after the gap. Where they go
 * back it exists twice: it means the first. So every date has exactly one slot for every time of day.
 */
import { after, before, days, type EpochMs, epochMs, fromIso, type Ms, ms, toIso } from '../domain/units.ts';

const DAY_MS: number = days(1);
/** Offsets change on a quarter of an hour, so one answer holds until the next. */
const QUARTER_MS = 900_000;
const TIME_OF_DAY = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

export interface LocalTime {
  /** `2026-11-22` */
  readonly date: string;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

/** One time of day on one date. */
export interface Slot {
  readonly date: string;
  readonly at: EpochMs;
}

/** An IANA zone such as `Europe/Berlin` that this system knows. */
export function isZone(zone: string): boolean {
  try {
    formatterOf(zone);
    return true;
  } catch {
    return false; // Intl throws a RangeError for a zone it does not know
  }
}

export function isTimeOfDay(text: string): boolean {
  return TIME_OF_DAY.test(text);
}

/** The zone of this system. */
export function systemZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function localTime(at: EpochMs, zone: string): LocalTime {
  const wall = at + offsetAt(at, zone);
  const text = toIso(epochMs(wall));
  return {
    date: text.slice(0, 10),
    hour: Number(text.slice(11, 13)),
    minute: Number(text.slice(14, 16)),
    second: Number(text.slice(17, 19)),
    weekday: (((Math.floor(wall / DAY_MS) + 4) % 7) + 7) % 7,
  };
}

/** The moment of `time` (`03:30`) on `date` (`2026-11-22`) in `zone`. */
export function momentOf(date: string, time: string, zone: string): EpochMs {
  const wall = fromIso(`${date}T${time}:00Z`);
  if (wall === undefined) throw new RangeError(`${date} ${time} is no date and time of day`);
  const offsets = [offsetAt(before(wall, days(1)), zone), offsetAt(after(wall, days(1)), zone)];
  const moments = offsets.map((offset) => before(wall, offset)).sort((a, b) => a - b);
  const fitting = moments.find((moment) => moment + offsetAt(moment, zone) === wall);
  return fitting ?? endOfGap(moments[0] ?? wall, moments[1] ?? wall, zone);
}

/** The newest slot of `time` that is not after `now`. */
export function latestSlot(now: EpochMs, time: string, zone: string): Slot {
  const { date } = localTime(now, zone);
  const today = { date, at: momentOf(date, time, zone) };
  if (today.at <= now) return today;
  const yesterday = dateBefore(date);
  return { date: yesterday, at: momentOf(yesterday, time, zone) };
}

/** `02:41` */
export function formatTime(at: EpochMs, zone: string): string {
  return toIso(after(at, offsetAt(at, zone))).slice(11, 16);
}

/** `Sun 22 Nov` */
export function formatDay(at: EpochMs, zone: string): string {
  const { date, weekday } = localTime(at, zone);
  const [, month, day] = date.split('-').map(Number);
  return `${WEEKDAYS[weekday] ?? ''} ${day} ${MONTHS[(month ?? 1) - 1] ?? ''}`;
}

/** `2026-11-22 02:41` */
export function formatMoment(at: EpochMs, zone: string): string {
  return `${localTime(at, zone).date} ${formatTime(at, zone)}`;
}

const formatters = new Map<string, Intl.DateTimeFormat>();
const lastOffsets = new Map<string, { readonly quarter: number; readonly offset: Ms }>();

/** What the wall clock of `zone` shows more than UTC. */
export function offsetAt(at: EpochMs, zone: string): Ms {
  const quarter = Math.floor(at / QUARTER_MS);
  const last = lastOffsets.get(zone);
  if (last?.quarter === quarter) return last.offset;
  const offset = ms(readWall(at, zone) - Math.floor(at / 1_000) * 1_000);
  lastOffsets.set(zone, { quarter, offset });
  return offset;
}

/** What the wall clock shows, as if it were UTC. */
function readWall(at: EpochMs, zone: string): number {
  const parts = new Map(
    formatterOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes, length = 2): string =>
    (parts.get(type) ?? '').padStart(length, '0');
  const day = `${part('year', 4)}-${part('month')}-${part('day')}`;
  return fromIso(`${day}T${part('hour')}:${part('minute')}:${part('second')}Z`) ?? at;
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  const formatter = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formatters.set(zone, formatter);
  return formatter;
}

/** The moment between the two at which the clocks go forward. */
function endOfGap(early: EpochMs, late: EpochMs, zone: string): EpochMs {
  const old = offsetAt(early, zone);
  let [low, high] = [Math.floor(early / 1_000), Math.ceil(late / 1_000)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(epochMs(middle * 1_000), zone) === old) low = middle;
    else high = middle;
  }
  return epochMs(high * 1_000);
}

function dateBefore(date: string): string {
  const midnight = fromIso(`${date}T00:00:00Z`) ?? epochMs(0);
  return toIso(before(midnight, days(1))).slice(0, 10);
}
