/**
 * Confirm after n of m, clear after n good, and flapping suppression: the life of one stream of verdicts.
 *
 * Pure: the moment is an argument. *Unknown* changes nothing at all: it neither confirms nor clears. A stream
 * that was raised too often in a span must stay calm for long before it is cleared, so an hour of flapping is
 * one long anomaly and not a hundred short ones.
 */
import { type EpochMs, type Ms, minutes, ms } from '../domain/units.ts';

/** Verdicts older than this say nothing about now and are forgotten. */
const WINDOW_AGE: Ms = minutes(10);

/** Bad `badOf` out of the last `outOf` known verdicts confirms. */
export interface ConfirmCount {
  readonly badOf: number;
  readonly outOf: number;
}

export interface ConfirmRule extends ConfirmCount {
  readonly clearAfterGood: number;
  /** One bad verdict is sure enough to be said; it is still confirmed only by the count. */
  readonly sayFirst: boolean;
}

export interface FlapRule {
  /** Raised this often … */
  readonly raises: number;
  /** … within this span is flapping; … */
  readonly within: Ms;
  /** … then it is cleared only after this long without a bad verdict. */
  readonly calm: Ms;
}

/** Both clocks of a beat: durations by `monotonic`, records by `at`. */
export interface Moment {
  readonly at: EpochMs;
  readonly monotonic: Ms;
}

interface Seen extends Moment {
  readonly bad: boolean;
}

/** `suspected` = said, but not confirmed yet. */
export type Phase = 'calm' | 'suspected' | 'active';

export interface Stream {
  readonly phase: Phase;
  /** The last known verdicts, oldest first. */
  readonly recent: readonly Seen[];
  readonly goodRun: number;
  /** The first bad verdict of the trouble that lasts now; `null` while calm. */
  readonly since: Moment | null;
  readonly lastBad: Ms | null;
  /** When it was raised, by the monotonic clock, within the flapping span. */
  readonly raises: readonly Ms[];
}

export const CALM: Stream = {
  phase: 'calm',
  recent: [],
  goodRun: 0,
  since: null,
  lastBad: null,
  raises: [],
};

export type StreamVerdict = 'good' | 'bad' | 'unknown';

/** The stream after one more verdict. Compare `phase` before and after to learn what happened. */
export function step(
  stream: Stream,
  verdict: StreamVerdict,
  now: Moment,
  confirm: ConfirmRule,
  flap: FlapRule,
): Stream {
  if (verdict === 'unknown') return stream;
  const bad = verdict === 'bad';
  if (!bad && isUntroubled(stream)) return stream;
  const seen: Stream = {
    ...stream,
    recent: [...stream.recent.filter((one) => isFresh(one, now)), { ...now, bad }].slice(-confirm.outOf),
    goodRun: bad ? 0 : stream.goodRun + 1,
    lastBad: bad ? now.monotonic : stream.lastBad,
    raises: stream.raises.filter((at) => now.monotonic - at < flap.within),
  };
  if (!bad) return afterGood(seen, now, confirm, flap);
  const heldBack = stream.phase !== 'calm' && stream.goodRun >= confirm.clearAfterGood;
  return afterBad(heldBack ? withRaise(seen, now, flap) : seen, now, confirm, flap);
}

/** Forgets the open window after a clock jump or a long stop. What was raised stays raised: unknown ends nothing. */
export function discardWindow(stream: Stream): Stream {
  return { ...stream, recent: [], goodRun: 0 };
}

/** True while the stream was raised so often that clearing it takes a long calm. */
export function isFlapping(stream: Stream, now: Moment, flap: FlapRule): boolean {
  return stream.raises.filter((at) => now.monotonic - at < flap.within).length >= flap.raises;
}

/** Nearly every stream, nearly always: another good verdict would change nothing that is ever asked. */
function isUntroubled({ phase, recent, raises }: Stream): boolean {
  return phase === 'calm' && recent.length === 0 && raises.length === 0;
}

function afterBad(stream: Stream, now: Moment, confirm: ConfirmRule, flap: FlapRule): Stream {
  if (stream.phase === 'active') return stream;
  const bad = stream.recent.filter((one) => one.bad);
  const first = stream.since ?? bad[0] ?? now;
  if (bad.length >= confirm.badOf) return raise(stream, 'active', first, now, flap);
  if (confirm.sayFirst) return raise(stream, 'suspected', first, now, flap);
  return stream;
}

function raise(stream: Stream, phase: Phase, since: Moment, now: Moment, flap: FlapRule): Stream {
  const counted = stream.phase === 'calm' ? withRaise(stream, now, flap) : stream;
  return { ...counted, phase, since: { at: since.at, monotonic: since.monotonic } };
}

/** One more raise, also one that nobody heard of because the clearing before it was held back. */
function withRaise(stream: Stream, now: Moment, flap: FlapRule): Stream {
  return { ...stream, raises: [...stream.raises, now.monotonic].slice(-flap.raises) };
}

function afterGood(stream: Stream, now: Moment, confirm: ConfirmRule, flap: FlapRule): Stream {
  // Good verdicts only push bad ones out of the window: without a bad one there is nothing to keep.
  if (stream.phase === 'calm' && stream.recent.every((one) => !one.bad)) return { ...stream, recent: [] };
  if (stream.phase === 'calm' || stream.goodRun < confirm.clearAfterGood) return stream;
  const calmFor = ms(now.monotonic - (stream.lastBad ?? now.monotonic));
  if (isFlapping(stream, now, flap) && calmFor < flap.calm) return stream;
  return { ...stream, phase: 'calm', since: null, recent: [] };
}

function isFresh(seen: Seen, now: Moment): boolean {
  return now.monotonic - seen.monotonic < WINDOW_AGE;
}
