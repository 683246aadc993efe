/**
 * Watches one living worker: ready or not yet, then healthy or hung. It only tells; a hung worker is healing's
 * to restart, never the supervisor's.
 *
 * A worker with a health check is not called ready before that check has answered well once, so `running` is
 * always evidence.
 */
import type { Cancel } from '../domain/ports.ts';
import { type EpochMs, elapsed, type Ms, ms } from '../domain/units.ts';
import type { WorkerCheck } from './worker-check-config.ts';
import { askWorker, type CheckDeps } from './worker-checks.ts';
import {
  FIRST_LOOK,
  type Finding,
  foldFinding,
  type HealthLimits,
  type HealthMemory,
} from './worker-health.ts';
import type { WorkerConfig } from './workers-config.ts';

const READY_BEAT: Ms = ms(500);

export type RunVerdict =
  | { readonly kind: 'starting' }
  | { readonly kind: 'running' }
  | { readonly kind: 'unhealthy'; readonly reason: string; readonly since: EpochMs };

export interface RunWatch {
  verdict(): RunVerdict;
  stop(): void;
}

export interface WatchedRun {
  readonly config: WorkerConfig;
  readonly instance: number;
  readonly bornAt: EpochMs;
  /** Found running: it had its time to get ready, so bad answers count from the first. */
  readonly adopted: boolean;
  /** Not called running before it has lived this long. */
  readonly probation: Ms;
  /** Told after each change of the verdict's kind. */
  onChange(from: RunVerdict, to: RunVerdict): void;
}

interface WatchState {
  readonly verdict: RunVerdict;
  readonly memory: HealthMemory;
  /** Getting ready: a bad answer says no more than "not yet", the time limit decides. */
  readonly settling: boolean;
}

interface Moment {
  readonly now: EpochMs;
  readonly monotonic: Ms;
  readonly age: Ms;
}

export function watchRun(run: WatchedRun, deps: CheckDeps): RunWatch {
  let state: WatchState = { verdict: { kind: 'starting' }, memory: FIRST_LOOK, settling: !run.adopted };
  let stopped = false;
  const { clock } = deps;
  const lived = Math.max(0, elapsed(run.bornAt, clock.now()));
  const startedAt = clock.monotonic();

  async function beat(): Promise<void> {
    const check = checkFor(run.config, state.settling);
    const finding = check === null ? ({ kind: 'good' } as const) : await askWorker(check, run.instance, deps);
    if (stopped) return;
    const monotonic = clock.monotonic();
    const moment = { now: clock.now(), monotonic, age: ms(lived + monotonic - startedAt) };
    const from = state.verdict;
    state = fold(state, finding, run, moment);
    if (from.kind !== state.verdict.kind) run.onChange(from, state.verdict);
    const span = nextBeat(run.config, state);
    if (span !== null) cancel = clock.in(span, () => void beat());
  }

  const first = Math.min(READY_BEAT, Math.max(0, run.config.ready.after - lived));
  let cancel: Cancel = clock.in(ms(first), () => void beat());
  return {
    verdict: () => state.verdict,
    stop() {
      stopped = true;
      cancel();
    },
  };
}

/** Readiness has its own check, or the health check, or none; afterwards it is the health check. */
function checkFor(config: WorkerConfig, settling: boolean): WorkerCheck | null {
  const health = config.health?.check ?? null;
  return settling ? (config.ready.check ?? health) : health;
}

function fold(state: WatchState, finding: Finding, run: WatchedRun, moment: Moment): WatchState {
  const memory = foldFinding(state.memory, finding, limitsFor(run, state.settling), moment.monotonic);
  const { ready } = run.config;
  const isOldEnough = moment.age >= Math.max(ready.after, run.probation);
  if (memory.verdict === 'bad') return { ...state, memory, verdict: unhealthy(state, memory.reason, moment) };
  if (memory.verdict === 'good' && isOldEnough) {
    return { memory, settling: false, verdict: { kind: 'running' } };
  }
  if (
    state.settling &&
    memory.verdict !== 'good' &&
    finding.kind !== 'unknown' &&
    moment.age >= ready.within
  ) {
    const reason = `not ready within ${Math.round(ready.within / 1_000)} s`;
    return { ...state, memory, verdict: unhealthy(state, reason, moment) };
  }
  return { ...state, memory };
}

function limitsFor(run: WatchedRun, settling: boolean): HealthLimits {
  const check = checkFor(run.config, settling);
  return {
    failures: settling ? Number.POSITIVE_INFINITY : (run.config.health?.failures ?? 1),
    maxAge: check?.kind === 'heartbeat' ? check.maxAge : ms(0),
    bornAt: run.bornAt,
  };
}

/** Unhealthy since it first was; the reason is the latest. */
function unhealthy(state: WatchState, reason: string, moment: Moment): RunVerdict {
  const since = state.verdict.kind === 'unhealthy' ? state.verdict.since : moment.now;
  return { kind: 'unhealthy', reason, since };
}

/** `null`: nothing more to ask; its exit will be noticed anyway. */
function nextBeat(config: WorkerConfig, state: WatchState): Ms | null {
  if (state.settling) return READY_BEAT;
  return config.health?.interval ?? null;
}
