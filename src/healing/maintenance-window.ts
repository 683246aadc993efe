/** Weekly maintenance windows in local time. Pure; a window may cross midnight, and Saturday into Sunday. */
import { after, type EpochMs, minutes, ms } from '../domain/units.ts';
import { WEEKDAYS, type Weekday, type WeeklyWindow } from './config.ts';

const DAY = 1_440;
const WEEK = 7 * DAY;

/** When the window that is open at `now` ends, or `null` when it is shut. */
export function openUntil(window: WeeklyWindow, now: EpochMs, timezone: string): EpochMs | null {
  const local = minuteOfWeek(now, timezone);
  const passed = window.days
    .map((day) => (local - (WEEKDAYS.indexOf(day) * DAY + window.fromMinute) + WEEK) % WEEK)
    .find((minute) => minutes(minute) < window.lasts);
  return passed === undefined ? null : after(now, ms(window.lasts - minutes(passed)));
}

/** Minutes since local Sunday 00:00, whole. */
function minuteOfWeek(now: EpochMs, timezone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(now);
  const part = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((found) => found.type === type)?.value ?? '';
  const day = WEEKDAYS.indexOf(part('weekday').toLowerCase() as Weekday);
  return day * DAY + Number(part('hour')) * 60 + Number(part('minute'));
}
