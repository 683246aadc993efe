/**
 * The drill desk: runs the catalogue in sandboxes, one drill at a time, keeps what came of it, and tells it.
 *
 * Nothing of the user's is touched: every sandbox is a bot of its own (see sandbox.ts). While a drill runs, what the
 * host shows does not teach its baseline.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor } from '../../domain/approval.ts';
import type { ControlResult, DrillDesk } from '../../domain/controls.ts';
import type {
  DrillProgress,
  DrillReport,
  DrillRequest,
  DrillStatus,
  DrillTrial,
} from '../../domain/drill.ts';
import { describeError, isOpsError } from '../../domain/errors.ts';
import type { EventBus, Logger } from '../../domain/ports.ts';
import { type Ms, ms, seconds } from '../../domain/units.ts';
import { acquireLock, type Lock } from '../../platform/lock.ts';
import { createProcessTable } from '../../platform/process-identity.ts';
import type { Environment } from '../environment.ts';
import { CATALOGUE, type FaultEntry } from './catalogue.ts';
import { createDrillFiles, type DrillFiles, drillId } from './drill-files.ts';
import { figuresOf, hasPassed, missesOf } from './figures.ts';
import type { SandboxDeps } from './sandbox.ts';
import { runTrial, type TrialRequest } from './trial.ts';

/** Sandboxes at a time: most of a trial is waiting, and two fit on a small host. */
const LANES = 2;
/** What a trial took where it was measured; only for saying how long it will be. */
const USUAL: Ms = seconds(105);

export interface DrillDeps extends SandboxDeps {
  readonly dataFolder: string;
  readonly log: Logger;
  /** `null` where nobody listens: a drill at a terminal without a bot. */
  readonly bus: Pick<EventBus, 'publish'> | null;
  readonly hostname: string;
  readonly nameOf: (by: Actor) => string;
  /** One trial, in real life `runTrial`. */
  readonly trial?: (request: TrialRequest, deps: SandboxDeps) => Promise<DrillTrial>;
}

export interface Drills extends DrillDesk {
  underWay(): boolean;
  /** Resolves when nothing runs. */
  finished(): Promise<void>;
  /** Ends a drill that runs, sandboxes and all. */
  stop(): Promise<void>;
}

interface Run {
  readonly request: DrillRequest;
  readonly by: string;
  readonly progress: () => DrillProgress;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

export function createDrills(deps: DrillDeps): Drills {
  const files = createDrillFiles(join(deps.dataFolder, 'drills'));
  let run: Run | null = null;
  let failure: string | null = null;

  async function begin(request: DrillRequest, by: Actor, dryRun: boolean): Promise<ControlResult> {
    const entries = entriesOf(request);
    const total = entries.length * request.repeat + 1;
    const takes = Math.ceil(((Math.ceil(total / LANES) + 1) * USUAL) / 60_000);
    const what = `${entries.map(({ fault }) => fault).join(', ')}, each ${times(request.repeat)}, and a control period`;
    if (dryRun)
      return { kind: 'would', text: `Would break a sandbox of its own: ${what}. About ${takes} min.` };
    if (run !== null) return { kind: 'refused', reason: 'a drill is under way; see drill status' };
    const taken = await takeTurn(deps);
    if (taken.kind === 'refused') return taken;
    failure = null;
    const started = startRun(request, entries, deps.nameOf(by), deps, files);
    run = started;
    void started.ended
      .catch((cause: unknown) => {
        failure = started.abort.signal.aborted ? 'it was stopped' : describeError(cause);
        deps.log.error('drill did not come to its end', { error: failure });
      })
      .finally(() => {
        run = null;
        return taken.lock.release();
      })
      .catch((cause: unknown) =>
        deps.log.warn('lock of the drill could not be released', { error: describeError(cause) }),
      );
    return { kind: 'done', text: `The drill has begun: ${what}. About ${takes} min; see drill status.` };
  }

  return {
    catalogue: () => CATALOGUE,
    run: begin,
    async status(): Promise<DrillStatus> {
      const reports = await files.list();
      const last = reports[0] ?? null;
      const before = last === null ? null : (reports.slice(1).find((past) => isAlike(past, last)) ?? null);
      return { running: run?.progress() ?? null, last, before, failure };
    },
    underWay: () => run !== null,
    async finished() {
      await run?.ended.catch(() => {}); // told by the status
    },
    async stop() {
      run?.abort.abort();
      await run?.ended.catch(() => {}); // told by the status
    },
  };
}

/** One drill at a time on a data folder, whoever asks: the bot, or a terminal beside it. */
async function takeTurn({
  dataFolder,
  hostname,
  clock,
  proc,
}: DrillDeps): Promise<{ readonly kind: 'taken'; readonly lock: Lock } | RefusedTurn> {
  const folder = join(dataFolder, 'drills');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const processes = createProcessTable({ proc });
  try {
    const lock = await acquireLock({ file: join(folder, 'drill.lock'), host: hostname, clock, processes });
    return { kind: 'taken', lock };
  } catch (cause) {
    if (!isOpsError(cause, 'DATA_LOCKED')) throw cause;
    return { kind: 'refused', reason: 'another program runs a drill on this data folder' };
  }
}

type RefusedTurn = Extract<ControlResult, { readonly kind: 'refused' }>;

/** What the environment of the bot says for its sandboxes: paths, and nothing secret. */
export function sandboxPlace(env: Environment): Pick<DrillDeps, 'dataFolder' | 'hostname' | 'path'> {
  const path = env.lookup('PATH') ?? '/usr/local/bin:/usr/bin:/bin';
  return { dataFolder: env.dataFolder, hostname: env.hostname, path };
}

function startRun(
  request: DrillRequest,
  entries: readonly FaultEntry[],
  by: string,
  deps: DrillDeps,
  files: DrillFiles,
): Run {
  const abort = new AbortController();
  const startedAt = deps.clock.now();
  const begun = deps.clock.monotonic();
  const queue = planOf(entries, request.repeat);
  const total = queue.length;
  const trials: DrillTrial[] = [];
  const now = new Map<number, string>();

  async function lane(number: number): Promise<void> {
    const folder = join(deps.dataFolder, 'drills', 'work', String(number));
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      abort.signal.throwIfAborted();
      now.set(number, next.entry?.fault ?? 'control');
      const ask: TrialRequest = { ...next, place: { folder }, signal: abort.signal };
      trials.push(await (deps.trial ?? runTrial)(ask, deps));
    }
    now.delete(number);
    await rm(folder, { recursive: true, force: true });
  }

  async function all(): Promise<void> {
    const lanes = await Promise.allSettled(
      Array.from({ length: Math.min(LANES, total) }, (_, at) => lane(at)),
    );
    const broken = lanes.find((one) => one.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
    const report = reportOf({ request, by, startedAt, finishedAt: deps.clock.now(), trials });
    await files.save(report);
    deps.bus?.publish({ type: 'drill.finished', kind: 'faults', report });
  }

  const progress = (): DrillProgress => {
    const done = trials.length;
    const each = done === 0 ? USUAL / LANES : (deps.clock.monotonic() - begun) / done;
    return {
      startedAt,
      by,
      done,
      total,
      now: [...now.values()],
      left: ms(Math.round(each * (total - done))),
    };
  };
  return { request, by, progress, abort, ended: all() };
}

/** The control period first: what acts without a fault makes the rest worth little. Then round by round. */
function planOf(
  entries: readonly FaultEntry[],
  repeat: number,
): { entry: FaultEntry | null; repetition: number }[] {
  const rounds = Array.from({ length: repeat }, (_, at) =>
    entries.map((entry) => ({ entry, repetition: at + 1 })),
  );
  return [{ entry: null, repetition: 1 }, ...rounds.flat()];
}

function reportOf(run: {
  readonly request: DrillRequest;
  readonly by: string;
  readonly startedAt: DrillReport['startedAt'];
  readonly finishedAt: DrillReport['finishedAt'];
  readonly trials: readonly DrillTrial[];
}): DrillReport {
  const { request, trials, ...rest } = run;
  const figures = figuresOf(trials);
  return {
    id: drillId(run.startedAt),
    ...rest,
    ...request,
    trials,
    figures,
    misses: missesOf(trials, figures),
    passed: hasPassed(trials, figures),
  };
}

function entriesOf({ fault }: DrillRequest): readonly FaultEntry[] {
  return CATALOGUE.filter((entry) => fault === null || entry.fault === fault);
}

function isAlike(a: DrillReport, b: DrillReport): boolean {
  return a.fault === b.fault;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
