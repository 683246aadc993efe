/**
 * Replays as work that goes on by itself, one at a time. Whoever asks waits for as long as they like; who asks the same
 * again waits for the same replay, or gets what came of it. What nobody waited for is told.
 *
 * In memory only: a replay that a restart cut off is simply asked for again.
 */
import { describeError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import type { ReplayProgress, ReplayRequest, ReplayResult, ReplaySummary } from '../domain/rehearsal.ts';
import { type EpochMs, elapsed, hours, type Ms, ms } from '../domain/units.ts';
import type { ReplayInput } from './replay-history.ts';
import type { RunningReplay } from './replay-thread.ts';

/** A result that nobody has seen yet is kept so long. */
const KEPT: Ms = hours(1);

export interface ReplayJob {
  /**
   * @param patience how long to wait for it; `null` = to the end.
   * @param told of what came of it, where nobody waits for it any more.
   */
  run(input: ReplayInput, patience: Ms | null, told?: (result: ReplayResult) => void): Promise<ReplayResult>;
  /** Ends a replay under way; false where there is none. */
  stop(): boolean;
}

export interface ReplayJobDeps {
  readonly clock: Clock;
  readonly start: (input: ReplayInput, onProgress: (rows: number, of: number) => void) => RunningReplay;
}

type Told = (result: ReplayResult) => void;

interface Job {
  readonly key: string;
  readonly request: ReplayRequest;
  readonly begunAt: EpochMs;
  readonly running: RunningReplay;
  readonly ended: Promise<ReplayResult>;
  progress: { readonly rows: number; readonly of: number };
  waiting: number;
  isStopped: boolean;
}

export function createReplayJob(deps: ReplayJobDeps): ReplayJob {
  let job: Job | null = null;
  let unseen: { readonly key: string; readonly at: EpochMs; readonly result: ReplayResult } | null = null;

  function begin(key: string, input: ReplayInput, told: Told): Job {
    const running = deps.start(input, (rows, of) => {
      begun.progress = { rows, of };
    });
    const begun: Job = {
      key,
      request: input.request,
      begunAt: deps.clock.now(),
      running,
      ended: running.summary
        .then(resultOf, (cause: unknown) => failureOf(begun, cause))
        .then((result) => {
          job = null;
          if (begun.waiting === 0) leave(key, result, told);
          return result;
        }),
      progress: { rows: 0, of: 0 },
      waiting: 0,
      isStopped: false,
    };
    return begun;
  }

  function leave(key: string, result: ReplayResult, told: Told): void {
    unseen = { key, at: deps.clock.now(), result };
    told(result);
  }

  function pickUp(key: string): ReplayResult | null {
    const found = unseen;
    if (found?.key !== key) return null;
    unseen = null;
    return elapsed(found.at, deps.clock.now()) <= KEPT ? found.result : null;
  }

  return {
    async run(input, patience, told = () => {}) {
      const key = JSON.stringify([input.request, input.configHash]);
      if (job !== null && job.key !== key) return { kind: 'busy', progress: progressOf(job, deps.clock) };
      const before = pickUp(key);
      if (before !== null) return before;
      job ??= begin(key, input, told);
      return waitFor(job, patience, deps.clock);
    },
    stop() {
      if (job === null) return false;
      job.isStopped = true;
      job.running.stop();
      return true;
    },
  };
}

async function waitFor(job: Job, patience: Ms | null, clock: Clock): Promise<ReplayResult> {
  job.waiting += 1;
  if (patience === null) return job.ended;
  const over = new AbortController();
  const lost = clock.sleep(patience, over.signal).then(
    () => null,
    () => null, // it ended first
  );
  const first = await Promise.race([job.ended, lost]);
  over.abort(new Error('it is over'));
  if (first !== null) return first;
  job.waiting -= 1;
  return { kind: 'running', progress: progressOf(job, clock) };
}

function progressOf({ request, begunAt, progress }: Job, clock: Clock): ReplayProgress {
  const { rows, of } = progress;
  const spent = Math.max(0, elapsed(begunAt, clock.now()));
  return { request, rows, of, left: rows === 0 ? null : ms((spent * (of - rows)) / rows) };
}

function resultOf(summary: ReplaySummary): ReplayResult {
  if (summary.rows > 0) return { kind: 'replayed', summary };
  return { kind: 'not_found', reason: 'There is no stored history in this window.' };
}

function failureOf({ isStopped }: Job, cause: unknown): ReplayResult {
  return isStopped
    ? { kind: 'failed', reason: 'The replay was ended.' }
    : { kind: 'failed', reason: describeError(cause) };
}
