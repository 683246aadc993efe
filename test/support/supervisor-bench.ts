/** A supervisor on a bench: real or fake processes, memory for everything else, and a way to start it again. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpsEvent } from '../../src/domain/events.ts';
import { ms } from '../../src/domain/units.ts';
import type { WorkerState } from '../../src/domain/worker.ts';
import {
  createHostProcesses,
  type HostProcesses,
  type MarkedProcess,
} from '../../src/healing/host-processes.ts';
import { createSupervisor, type Supervisor, type SupervisorDeps } from '../../src/healing/supervisor.ts';
import { poolIdOf } from '../../src/healing/worker-shift.ts';
import { WorkersConfig } from '../../src/healing/workers-config.ts';
import { createSystemClock } from '../../src/platform/clock.ts';
import { createEventBus } from '../../src/platform/event-bus.ts';
import { createProcReader } from '../../src/platform/proc.ts';
import { spawnDetached } from '../../src/platform/spawn-detached.ts';
import {
  createMemoryAudit,
  createMemoryCommands,
  createMemoryHttp,
  createMemoryLogger,
  createMemoryStateStore,
  createSeededRandom,
  live,
  type MemoryAudit,
  type MemoryLogger,
} from './memory-ports.ts';

export interface SupervisorBench {
  readonly folder: string;
  readonly audit: MemoryAudit;
  readonly log: MemoryLogger;
  readonly states: ReturnType<typeof createMemoryStateStore>;
  readonly events: OpsEvent[];
  readonly config: ReturnType<typeof live<WorkersConfig>>;
  readonly processes: HostProcesses;
  /** Living processes that carry a mark of this bench. */
  marked(): Promise<readonly MarkedProcess[]>;
  /** What the first instance printed. */
  output(): string;
  /** Replaces the whole of workers.json, as a reload would. */
  setWorkers(file: unknown): void;
  /** A bot with the same data as the one before. */
  build(over?: Partial<SupervisorDeps>): Supervisor;
  /** Ends every process that carries a mark of this bench, and the folder. */
  dispose(): Promise<void>;
}

export async function createBench(
  workers: readonly Readonly<Record<string, unknown>>[],
  over: Partial<SupervisorDeps> = {},
): Promise<SupervisorBench> {
  const folder = await mkdtemp(join(tmpdir(), 'nightshift-workers-'));
  const pool = await poolIdOf(folder);
  const log0 = join(folder, 'logs', `${workers[0]?.['name']}.log`);
  const log = createMemoryLogger();
  const bus = createEventBus(log);
  const audit = createMemoryAudit();
  const states = createMemoryStateStore();
  const events: OpsEvent[] = [];
  const config = live(WorkersConfig.parse({ workers }));
  const processes = over.processes ?? createHostProcesses(createProcReader());
  const random = createSeededRandom();
  bus.onAny((event) => void events.push(event));

  const base: SupervisorDeps = {
    clock: createSystemClock(),
    bus,
    log,
    audit,
    states,
    random,
    config,
    processes,
    http: createMemoryHttp(),
    commands: createMemoryCommands(),
    dataFolder: folder,
    lookup: (name) => (name === 'PATH' ? process.env['PATH'] : undefined),
    spawn: spawnDetached,
    frozen: () => false,
    redact: (text) => text.replaceAll('hunter2', '[redacted]'),
    ...over,
  };

  return {
    folder,
    audit,
    log,
    states,
    events,
    config,
    processes,
    setWorkers: (file) => config.set(WorkersConfig.parse(file)),
    marked: () => processes.marked(pool),
    output: () => (existsSync(log0) ? readFileSync(log0, 'utf8') : ''),
    build: (more = {}) => createSupervisor({ ...base, ...more }),
    async dispose() {
      for (const { pid } of await processes.marked(pool)) processes.signal(pid, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves with the first answer that is not `undefined`; looks every 5 ms. */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  limit = 15_000,
): Promise<T> {
  const clock = createSystemClock();
  const until = clock.monotonic() + limit;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (clock.monotonic() > until) throw new Error(`nothing after ${limit} ms: ${what}`);
    await clock.sleep(ms(5));
  }
}

/** The state of one instance once it is of this kind. */
export function inState<K extends WorkerState['kind']>(
  supervisor: Supervisor,
  kind: K,
  instance = 0,
): Promise<Extract<WorkerState, { kind: K }>> {
  return eventually(`instance ${instance} is ${kind}`, () => {
    const state = supervisor.workers.list()[instance]?.state;
    return state?.kind === kind ? (state as Extract<WorkerState, { kind: K }>) : undefined;
  });
}
