/**
 * Is a job due? Decided from what is on record, not from ticks that came or did not come. Pure.
 *
 * A daily job belongs to a date and runs once for it: through clock changes, suspend, restarts and a clock that is
 * set back. A slot that was missed is made up for once, as long as its catch-up window is open.
 */
import { type EpochMs, elapsed, hours, type Ms, minutes, ms } from '../domain/units.ts';
import { latestSlot, momentOf } from './local-time.ts';

/** Ticks come once a minute, a little early or late. */
const TICK_SLACK = minutes(0.5);
const FIRST_BACK_OFF = minutes(1);
const LONGEST_BACK_OFF = hours(1);
/** What lies further ahead was written while the clock was wrong. */
const NONSENSE_AHEAD = hours(36);

export type Schedule =
  | { readonly every: Ms }
  /** `03:30` in the configured zone; a slot missed by more than `catchUp` is left out. */
  | { readonly dailyAt: string; readonly catchUp: Ms };

/** What is kept of a job over restarts. */
export interface JobRecord {
  /** When the job was first known: slots before that are not owed. */
  readonly knownSince: EpochMs;
  /** Start of the last run that succeeded. */
  readonly lastSuccess: EpochMs | null;
  /** Date of the last daily slot that was done. */
  readonly lastSlot: string | null;
  /** Start of the last run, whatever came of it: one that took the process with it counts as failed. */
  readonly triedAt: EpochMs | null;
  /** Runs since the last success. */
  readonly failures: number;
}

export type Due =
  | { readonly kind: 'due'; readonly slot: string | null }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'backing_off'; readonly until: EpochMs }
  | { readonly kind: 'missed'; readonly slot: string };

/** @param sinceSuccess Time since the last success as the monotonic clock knows it; `null` after a restart. */
export function judgeJob(
  schedule: Schedule,
  record: JobRecord,
  now: EpochMs,
  zone: string,
  sinceSuccess: Ms | null,
): Due {
  const due =
    'every' in schedule
      ? judgeInterval(schedule.every, record, now, sinceSuccess)
      : judgeDaily(schedule, record, now, zone);
  if (due.kind !== 'due') return due;
  const until = backOffEnd(record, now);
  return until === null ? due : { kind: 'backing_off', until };
}

/** Forgets what a wrong clock wrote, so that a job does not wait for a day that is years away. */
export function mendRecord(record: JobRecord, now: EpochMs, zone: string): JobRecord {
  const isNonsense = (moment: EpochMs | null): boolean =>
    moment !== null && elapsed(now, moment) > NONSENSE_AHEAD;
  const slotAt = record.lastSlot === null ? null : momentOf(record.lastSlot, '00:00', zone);
  return {
    knownSince: isNonsense(record.knownSince) || isNonsense(slotAt) ? now : record.knownSince,
    lastSuccess: isNonsense(record.lastSuccess) ? null : record.lastSuccess,
    lastSlot: isNonsense(slotAt) ? null : record.lastSlot,
    triedAt: isNonsense(record.triedAt) ? null : record.triedAt,
    failures: record.failures,
  };
}

function judgeInterval(every: Ms, record: JobRecord, now: EpochMs, sinceSuccess: Ms | null): Due {
  if (record.lastSuccess === null) return { kind: 'due', slot: null };
  const byWall = elapsed(record.lastSuccess, now);
  // After a restart a success in the future is of no use: running once too often does less harm than never.
  const past = sinceSuccess === null && byWall < 0 ? every : Math.max(byWall, sinceSuccess ?? 0);
  return past >= every - TICK_SLACK ? { kind: 'due', slot: null } : { kind: 'waiting' };
}

function judgeDaily(
  { dailyAt, catchUp }: { readonly dailyAt: string; readonly catchUp: Ms },
  record: JobRecord,
  now: EpochMs,
  zone: string,
): Due {
  const slot = latestSlot(now, dailyAt, zone);
  const isOwed = record.lastSlot === null ? slot.at > record.knownSince : slot.date > record.lastSlot;
  if (!isOwed) return { kind: 'waiting' };
  return elapsed(slot.at, now) <= catchUp
    ? { kind: 'due', slot: slot.date }
    : { kind: 'missed', slot: slot.date };
}

/** `null` when it may be tried now. */
function backOffEnd({ failures, triedAt }: JobRecord, now: EpochMs): EpochMs | null {
  if (failures === 0 || triedAt === null || triedAt > now) return null;
  const wait = ms(Math.min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** (failures - 1)));
  const until = (triedAt + wait) as EpochMs;
  return now >= until - TICK_SLACK ? null : until;
}
