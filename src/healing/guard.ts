/**
 * May healing act now?
 *
 * The one place where the safety limits meet, in the order of the specification; the first gate that is shut
 * answers. Pure: no clock, no disk, no log. The caller passes everything, the time included, and records the
 * verdict, so every refusal can be replayed from the audit log. Reasons never hold a figure that changes while
 * one waits, so that the same refusal reads the same twice.
 */
import type { Freeze, Mode } from '../domain/events.ts';
import { type ActionKind, type Autonomy, GATES, type Gate, type Refusal } from '../domain/strategy.ts';
import {
  after,
  type Bytes,
  type EpochMs,
  elapsed,
  epochMs,
  hours,
  type Ms,
  type Ratio,
  seconds,
} from '../domain/units.ts';
import { type CommonCause, describeCommonCause } from './blast-radius.ts';
import type { BreakerVerdict } from './breaker.ts';
import type { Interlock } from './interlocks.ts';

export const ATTEMPT_WINDOW: Ms = hours(1);
/** When another action holds the host, asking again soon is worth it. */
const BUSY_RETRY: Ms = seconds(2);
const SELF_RETRY: Ms = seconds(30);
const EVIDENCE_RETRY: Ms = seconds(15);
const DEPENDENCY_RETRY: Ms = seconds(15);
const MEBIBYTE = 1_048_576;

/** What is about to run, as far as the gates care. */
export interface GuardedAct {
  readonly strategy: string;
  readonly kind: ActionKind;
  readonly target: string | null;
  readonly effect: string;
  readonly critical: boolean;
  /** Starts a child process, here or in the supervisor. */
  readonly forks: boolean;
  /** Changes something; a snapshot and an alert only look and speak. */
  readonly touches: boolean;
}

/** An attempt that was charged, whatever it came to. */
export interface ChargedAttempt {
  readonly at: EpochMs;
  readonly strategy: string;
  readonly target: string | null;
  readonly kind: ActionKind;
}

export interface GuardLimits {
  /** Quiet time after an attempt before the same action may run on the same target again. */
  readonly gracePeriod: Ms;
  readonly maxAttemptsPerHour: number;
  readonly perTargetPerHour: number;
  readonly perHostPerHour: number;
  readonly minFreeDisk: Bytes;
  readonly maxPids: Ratio;
}

export interface SickDependency {
  readonly name: string;
  readonly wellness: 'sick' | 'unknown' | 'settling';
}

/** What Nightshift knows of its own footing; `null` = unknown. */
export interface SelfState {
  readonly freeDiskBytes: number | null;
  readonly forkFailing: boolean;
  /** Share of the process ids in use. */
  readonly pidsRatio: number | null;
}

export interface GuardInput {
  readonly now: EpochMs;
  readonly act: GuardedAct;
  readonly freeze: Freeze | null;
  readonly mode: Mode;
  readonly autonomy: Autonomy;
  /** Why the evidence cannot be trusted now, or `null` when it is fresh. */
  readonly unknown: string | null;
  readonly interlock: Interlock | null;
  /** `settling` = well again, but what is known of its dependant may be from before. */
  readonly dependency: SickDependency | null;
  readonly allowListed: boolean;
  /** Any order; older ones than an hour do no harm. */
  readonly attempts: readonly ChargedAttempt[];
  readonly limits: GuardLimits;
  readonly breaker: BreakerVerdict;
  /** The effect of the action that is running on this host, or `null`. */
  readonly running: string | null;
  readonly commonCause: CommonCause | null;
  readonly self: SelfState;
  readonly auditWritable: boolean;
  readonly approval: 'not_needed' | 'needed' | 'granted';
}

/** The first gate that is shut, or `null` when the action may run. */
export function judge(input: GuardInput): Refusal | null {
  for (const gate of GATES) {
    const refusal = CHECKS[gate](input);
    if (refusal !== null) return { gate, ...refusal };
  }
  return null;
}

type Reason = Omit<Refusal, 'gate'>;

/** One check a gate: the compiler finds the forgotten one. */
const CHECKS: Readonly<Record<Gate, (input: GuardInput) => Reason | null>> = {
  freeze: ({ freeze }) =>
    freeze === null || freeze.scope === 'optimizer'
      ? null
      : until(`frozen by ${freeze.by}: ${freeze.reason}`, freeze.until),
  mode: checkMode,
  unknown_data: ({ unknown, now }) => (unknown === null ? null : until(unknown, after(now, EVIDENCE_RETRY))),
  interlock: ({ interlock, now }) =>
    interlock === null ? null : until(interlock.reason, interlock.until ?? after(now, SELF_RETRY)),
  dependency: ({ dependency, act, now }) =>
    dependency === null ? null : dependencyRefusal(act.target, dependency, now),
  allow_list: ({ act, allowListed }) =>
    act.critical && act.touches && !allowListed
      ? until(`${act.target ?? 'this target'} is critical and not on the allow-list; a person must act`, null)
      : null,
  grace_period: checkGrace,
  attempts: checkAttempts,
  breaker: ({ breaker, act }) =>
    breaker.kind === 'open'
      ? until(
          `the breaker of ${act.strategy} is open after ${times(breaker.failures, 'attempt')} that did not help`,
          breaker.until,
        )
      : null,
  blast_radius: checkBlastRadius,
  self_protection: checkSelf,
  approval: ({ approval, act }) => (approval === 'needed' ? until(`needs a yes: ${act.effect}`, null) : null),
};

export function dependencyRefusal(
  target: string | null,
  { name, wellness }: SickDependency,
  now: EpochMs,
): Refusal {
  const how = wellness === 'settling' ? 'has only just recovered' : `is ${wellness}`;
  const reason = `${target ?? 'this host'} depends on ${name}, which ${how}`;
  return { gate: 'dependency', reason, retryAt: after(now, DEPENDENCY_RETRY) };
}

function checkMode({ mode, autonomy, act }: GuardInput): Reason | null {
  if (mode === 'dry-run') return until(`dry run; would do: ${act.effect}`, null);
  if (autonomy === 'suggest') return until(`${act.strategy} only suggests here: ${act.effect}`, null);
  return null;
}

function checkGrace({ attempts, act, limits, now }: GuardInput): Reason | null {
  const last = latest(attempts.filter((past) => past.kind === act.kind && past.target === act.target));
  if (last === null || elapsed(last, now) >= limits.gracePeriod) return null;
  // A clock set back must not hold healing off for longer than one span.
  const from = last > now ? now : last;
  const quiet = Math.round(limits.gracePeriod / 1_000);
  return until(
    `${act.kind} ran on ${act.target ?? 'this host'} less than ${quiet} s ago`,
    after(from, limits.gracePeriod),
  );
}

function checkAttempts({ attempts, act, limits, now }: GuardInput): Reason | null {
  const recent = attempts.filter((past) => elapsed(past.at, now) < ATTEMPT_WINDOW);
  const onTarget = recent.filter((past) => past.target === act.target);
  const where = act.target ?? 'this host';
  return (
    exhausted(
      onTarget.filter((past) => past.strategy === act.strategy),
      limits.maxAttemptsPerHour,
      `${act.strategy} on ${where}`,
    ) ??
    exhausted(onTarget, limits.perTargetPerHour, where) ??
    exhausted(recent, limits.perHostPerHour, 'the whole host')
  );
}

function exhausted(recent: readonly ChargedAttempt[], limit: number, whose: string): Reason | null {
  if (recent.length < limit) return null;
  const counted = recent
    .map((past) => past.at)
    .sort((a, b) => b - a)
    .slice(0, limit);
  // The limit is kept until the oldest of those that fill it has aged out.
  const oldest = epochMs(Math.min(...counted));
  return until(`${times(limit, 'attempt')} within the hour for ${whose}`, after(oldest, ATTEMPT_WINDOW));
}

function checkBlastRadius({ running, commonCause, now }: GuardInput): Reason | null {
  if (running !== null)
    return until(`another action is running on this host: ${running}`, after(now, BUSY_RETRY));
  if (commonCause !== null) return until(describeCommonCause(commonCause), after(now, DEPENDENCY_RETRY));
  return null;
}

function checkSelf({ self, act, limits, auditWritable, now }: GuardInput): Reason | null {
  const again = after(now, SELF_RETRY);
  if (!auditWritable) return until('the audit log cannot be written: no audit, no action', again);
  if (!act.forks) return null;
  if (self.forkFailing) return until('this host cannot start processes now', again);
  if (self.freeDiskBytes !== null && self.freeDiskBytes < limits.minFreeDisk) {
    return until(`less than ${Math.round(limits.minFreeDisk / MEBIBYTE)} MB of disk are free`, again);
  }
  if (self.pidsRatio !== null && self.pidsRatio > limits.maxPids) {
    return until(`more than ${Math.round(limits.maxPids * 100)} % of the process ids are in use`, again);
  }
  return null;
}

function latest(attempts: readonly ChargedAttempt[]): EpochMs | null {
  return attempts.reduce<EpochMs | null>(
    (last, past) => (last === null || past.at > last ? past.at : last),
    null,
  );
}

function until(reason: string, retryAt: EpochMs | null): Reason {
  return { reason, retryAt };
}

function times(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
