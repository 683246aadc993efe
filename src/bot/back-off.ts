/** How long to wait after failures in a row. */
import { type Ms, ms } from '../domain/units.ts';

/** `from`, doubled for each failure before this one, at most `upTo`. */
export function backOff(failuresBefore: number, from: Ms, upTo: Ms): Ms {
  return ms(Math.min(upTo, from * 2 ** Math.min(failuresBefore, 30)));
}
