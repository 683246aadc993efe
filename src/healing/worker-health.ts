/**
 * Answers of one check folded into a verdict about a worker. Pure: the asking is done in worker-checks.ts.
 *
 * An unknown answer (the machine could not ask) changes nothing: it neither counts as bad nor ends a bad spell.
 * A heartbeat is judged by how long ago its file was last *seen* to change, on the monotonic clock, so that a
 * jump of the wall clock hangs nobody.
 */
import { type EpochMs, type Ms, ms } from '../domain/units.ts';

export type Finding =
  | { readonly kind: 'good' }
  | { readonly kind: 'bad'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string }
  /** When the heartbeat file was last written; `null` where there is none. */
  | { readonly kind: 'beat'; readonly writtenAt: EpochMs | null };

export interface HealthLimits {
  /** Bad answers in a row before the verdict turns. */
  readonly failures: number;
  /** Of a heartbeat. */
  readonly maxAge: Ms;
  /** When the worker was started: a beat from before speaks of its predecessor. */
  readonly bornAt: EpochMs;
}

export interface HealthMemory {
  /** `unknown` until the first answer that says something. */
  readonly verdict: 'unknown' | 'good' | 'bad';
  readonly reason: string;
  readonly failures: number;
  readonly beat: { readonly writtenAt: EpochMs | null; readonly seenAt: Ms } | null;
}

export const FIRST_LOOK: HealthMemory = { verdict: 'unknown', reason: '', failures: 0, beat: null };

export function foldFinding(
  memory: HealthMemory,
  finding: Finding,
  limits: HealthLimits,
  monotonic: Ms,
): HealthMemory {
  switch (finding.kind) {
    case 'unknown':
      return memory;
    case 'good':
      return { ...memory, verdict: 'good', reason: '', failures: 0 };
    case 'bad':
      return bad(memory, finding.reason, limits);
    case 'beat':
      return foldBeat(memory, finding.writtenAt, limits, monotonic);
  }
}

function bad(memory: HealthMemory, reason: string, limits: HealthLimits): HealthMemory {
  const failures = memory.failures + 1;
  return failures < limits.failures
    ? { ...memory, failures }
    : { ...memory, failures, verdict: 'bad', reason };
}

function foldBeat(
  memory: HealthMemory,
  writtenAt: EpochMs | null,
  limits: HealthLimits,
  monotonic: Ms,
): HealthMemory {
  const earlier = memory.beat;
  if (earlier === null) {
    const seen = { ...memory, beat: { writtenAt, seenAt: monotonic } };
    return writtenAt !== null && writtenAt >= limits.bornAt ? { ...seen, verdict: 'good', reason: '' } : seen;
  }
  if (writtenAt !== null && writtenAt !== earlier.writtenAt) {
    return { verdict: 'good', reason: '', failures: 0, beat: { writtenAt, seenAt: monotonic } };
  }
  const silent = ms(monotonic - earlier.seenAt);
  if (silent <= limits.maxAge) return memory;
  return bad(memory, `no heartbeat for ${Math.round(silent / 1_000)} s`, limits);
}
