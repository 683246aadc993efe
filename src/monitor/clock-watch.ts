/**
 * Did the wall clock jump? The monotonic clock says how much time really went by.
 *
 * Pure. A jump, or a suspend (in which only the wall clock goes on), makes every rate and every "since" of the
 * open window false: the window is discarded and nothing is judged for the length of one.
 */
import { type Ms, ms, seconds } from '../domain/units.ts';
import type { Moment } from './flapping.ts';

const TOLERATED: Ms = seconds(30);

/** How far the wall clock ran ahead of the monotonic one (negative = behind), or `null` where it did not jump. */
export function clockJump(before: Moment, now: Moment): Ms | null {
  const by = ms(now.at - before.at - (now.monotonic - before.monotonic));
  return Math.abs(by) > TOLERATED ? by : null;
}
