/** All of the supervisor that exists once its document is open: built here, by hand, in one place. */
import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { describeError } from '../domain/errors.ts';
import type {
  AuditLog,
  Clock,
  CommandRunner,
  EventBus,
  HttpClient,
  Live,
  Logger,
  Random,
  StateStore,
} from '../domain/ports.ts';
import { type Ms, seconds } from '../domain/units.ts';
import type { Spawned, SpawnRequest } from '../platform/spawn-detached.ts';
import type { HostProcesses } from './host-processes.ts';
import { shiftExits } from './restart-window.ts';
import { openStored } from './stored.ts';
import { createTurns, type Turns } from './turns.ts';
import { createWorkerBook } from './worker-book.ts';
import { createCrew, type WorkerCrew } from './worker-crew.ts';
import { createWorkerDesk, type WorkerDesk } from './worker-desk.ts';
import type { WorkerLogs } from './worker-logs.ts';
import { createWorkerNotices } from './worker-notices.ts';
import type { OrderDeps } from './worker-order.ts';
import type { SlotDeps } from './worker-process.ts';
import { EMPTY_POOL, PoolRecord } from './worker-record.ts';
import type { WorkerSlot } from './worker-slot.ts';
import { wakeAll } from './worker-wake.ts';
import type { WorkerConfig, WorkersConfig } from './workers-config.ts';

/** The bot has ten seconds to stop; KILL and the last writes need some of them. */
const STOP_WITHIN: Ms = seconds(6);

export interface SupervisorDeps {
  readonly clock: Clock;
  readonly bus: EventBus;
  readonly log: Logger;
  readonly audit: AuditLog;
  readonly states: StateStore;
  readonly http: HttpClient;
  readonly commands: CommandRunner;
  readonly random: Random;
  readonly config: Live<WorkersConfig>;
  readonly processes: HostProcesses;
  readonly dataFolder: string;
  /** A variable of the bot's own environment; a worker sees of it what its `envFrom` names. */
  lookup(name: string): string | undefined;
  spawn(request: SpawnRequest): Promise<Spawned>;
  /** While true nothing is started that nobody ordered. */
  frozen(): boolean;
  redact(text: string): string;
}

export interface WorkerShift {
  readonly crew: WorkerCrew;
  readonly desk: WorkerDesk;
  /** Takes over what lives, then starts what should run. */
  wake(): Promise<void>;
  lookAfter(): void;
  rotateLogs(): Promise<void>;
  /** As many instances as the configuration and the orders say, and none of what is configured no more. */
  fit(): Promise<void>;
  shiftExits(by: Ms): Promise<void>;
  leave(): Promise<void>;
}

export async function openShift(deps: SupervisorDeps, logs: WorkerLogs): Promise<WorkerShift> {
  await logs.prepare();
  const document = await openStored(deps.states, 'workers', PoolRecord, EMPTY_POOL);
  if (document.warning !== '') deps.log.error('worker record was damaged', { warning: document.warning });

  const book = createWorkerBook(document);
  const pool = await poolIdOf(deps.dataFolder);
  const notices = createWorkerNotices({ ...deps, logs });
  const configOf = (worker: string): WorkerConfig | undefined =>
    deps.config.current().workers.find(({ name }) => name === worker);
  const slotDeps: SlotDeps = { ...deps, book, logs, notices, pool, configOf };
  const crew = createCrew(slotDeps);
  const turnsOf = turnsPerWorker(deps);
  const leaving = new AbortController();
  const order: OrderDeps = {
    clock: deps.clock,
    leaving: leaving.signal,
    needsOf: (worker) => configOf(worker)?.dependsOn ?? [],
    statusOf: (worker) => crew.of(worker).map((slot) => slot.status()),
  };
  const desk = createWorkerDesk({
    ...deps,
    book,
    configOf,
    slotsOf: crew.of,
    fit: crew.fit,
    turnsOf,
  });

  return {
    crew,
    desk,
    async wake() {
      for (const config of deps.config.current().workers) crew.enlist(config);
      await wakeAll(crew.all(), { ...slotDeps, order, recordLost: document.origin === 'defaults' });
    },
    lookAfter() {
      for (const slot of crew.all()) slot.lookAfter();
    },
    async rotateLogs() {
      for (const { name } of crew.all()) await logs.rotate(name.worker, name.instance);
    },
    fit: () => fitAll(crew, turnsOf, deps),
    shiftExits: (by) => book.changeAll((slot) => ({ ...slot, exits: shiftExits(slot.exits, by) })),
    async leave() {
      leaving.abort();
      await Promise.all(crew.all().map((slot) => leaveOne(slot, configOf(slot.name.worker), deps)));
    },
  };
}

/** The same folder is the same pool over restarts; two bots on one host never take each other's workers. */
export async function poolIdOf(dataFolder: string): Promise<string> {
  return createHash('sha256')
    .update(await realpath(dataFolder))
    .digest('hex')
    .slice(0, 12);
}

function turnsPerWorker({ log }: SupervisorDeps): (worker: string) => Turns {
  const turns = new Map<string, Turns>();
  return (worker) => {
    const known =
      turns.get(worker) ??
      createTurns((cause) => {
        log.error('worker order failed', { worker, error: describeError(cause) });
      });
    turns.set(worker, known);
    return known;
  };
}

async function fitAll(
  crew: WorkerCrew,
  turnsOf: (worker: string) => Turns,
  deps: SupervisorDeps,
): Promise<void> {
  const configured = deps.config.current().workers.map(({ name }) => name);
  const known = crew.all().map(({ name }) => name.worker);
  for (const worker of new Set([...configured, ...known])) {
    const order = { by: 'nightshift', why: 'workers.json was changed' };
    const change = await turnsOf(worker)(() => crew.fit(worker, order));
    if (change.kind === 'failed') deps.log.warn('worker cannot be fitted', { worker, reason: change.reason });
  }
}

/** Without /proc a worker that stays could never be taken over again, so it ends with the bot. */
function leaveOne(slot: WorkerSlot, config: WorkerConfig | undefined, deps: SupervisorDeps): Promise<void> {
  const keep = config?.onBotStop === 'keep' && deps.processes.bootId() !== null;
  return slot.leave(keep ? null : { atMost: STOP_WITHIN });
}
