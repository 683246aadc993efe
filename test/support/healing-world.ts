/**
 * The healing room over memory ports and a fake clock, with the power to die at any call to the outside.
 *
 * The world (disk, workers, samples) outlives the process in it: `kill` and `boot` are kill -9 and a restart. A
 * dead incarnation never hears back from a port and its timers never fire.
 */
import type { Anomaly } from '../../src/domain/anomaly.ts';
import { OpsError } from '../../src/domain/errors.ts';
import type { Mode, OpsEvent } from '../../src/domain/events.ts';
import type { Incident } from '../../src/domain/incident.ts';
import type { Band, JudgedSample, MetricName } from '../../src/domain/metric.ts';
import type {
  AuditEntry,
  AuditLine,
  Clock,
  CommandResult,
  Document,
  ErrandRunner,
  HttpRequest,
  HttpResult,
  MetricReader,
  StateStore,
} from '../../src/domain/ports.ts';
import { type EpochMs, type Ms, ms, seconds } from '../../src/domain/units.ts';
import type { WorkerChange, WorkerPool, WorkerState, WorkerStatus } from '../../src/domain/worker.ts';
import { HealingConfig } from '../../src/healing/config.ts';
import type { SelfState } from '../../src/healing/guard.ts';
import { createHealer, type Healer } from '../../src/healing/healer.ts';
import type { Interlock } from '../../src/healing/interlocks.ts';
import { createTargets, type WorkerTarget } from '../../src/healing/targets/registry.ts';
import { TargetsConfig } from '../../src/healing/targets-config.ts';
import { createEventBus } from '../../src/platform/event-bus.ts';
import { anomaly } from './builders.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import {
  createMemoryAudit,
  createMemoryCommands,
  createMemoryHttp,
  createMemoryLogger,
  createMemoryStateStore,
  createSeededRandom,
  live,
  type MemoryAudit,
  type MemoryCommands,
  type MemoryHttp,
  type MemoryLogger,
} from './memory-ports.ts';

const BEAT: Ms = seconds(5);
const VALUES = { good: 1, bad: 0, unknown: null } as const;
const NO_BAND: Band = { centre: null, low: null, high: null, warn: null, critical: null };

const NO_ERRANDS: ErrandRunner = {
  hashOf: () => ({ kind: 'gone', reason: 'no errands here' }),
  run: async () => ({ kind: 'failed', reason: 'no errands here' }),
  settled: async () => ({ kind: 'failed', reason: 'no errands here' }),
};

export interface WorldOptions {
  readonly healing?: object;
  readonly targets?: readonly object[];
  readonly workers?: readonly (Partial<WorkerTarget> & { readonly name: string })[];
  readonly mode?: Mode;
  readonly people?: number;
  readonly dataFolder?: string;
  readonly errands?: ErrandRunner;
  readonly http?: (request: HttpRequest) => HttpResult | Promise<HttpResult>;
}

/** Where the process dies: at the n-th call to a port, just before or just after it took effect. */
export interface Crash {
  readonly call: number;
  readonly when: 'before' | 'after';
}

export interface World {
  readonly clock: FakeClock;
  readonly audit: MemoryAudit;
  readonly commands: MemoryCommands;
  readonly http: MemoryHttp;
  readonly log: MemoryLogger;
  readonly events: OpsEvent[];
  readonly config: ReturnType<typeof live<HealingConfig>>;
  readonly targetsConfig: ReturnType<typeof live<TargetsConfig>>;
  /** Every restart and scale that reached a worker. */
  readonly restarts: string[];
  /** What a restart brings about; by default it makes the worker well. */
  onRestart: (worker: string) => void | Promise<void>;
  onCommand: (argv: readonly string[]) => CommandResult;
  /** Sees every audit line before it is written. */
  onAppend: (entry: AuditEntry) => void;
  self: SelfState;
  interlocks: Interlock[];
  mode: Mode;
  readonly healer: Healer;
  /** Calls to ports so far in this incarnation. */
  calls(): number;
  boot(crash?: Crash): Promise<void>;
  kill(): void;
  isDead(): boolean;
  /** The next start finds this document unreadable, without a backup. */
  loseState(name: string): void;
  /** The next start finds this document as it was before anything was written. */
  forgetState(name: string): void;
  /** Every write of state fails, as on a full disk. */
  failState(yes: boolean): void;
  /** Lines of this kind cannot be written, though the log believes that it can. */
  failAppend(kind: string | null): void;
  /** Confirmed by the monitor, without telling healing. */
  setActive(found: Anomaly): void;
  forgetActive(fingerprint: string): void;
  setWorker(worker: string, state: WorkerState): void;
  /** What the samples of a metric look like from now on; `unknown` = no value. */
  setMetric(metric: MetricName, verdict: JudgedSample['verdict'] | 'silent'): void;
  sicken(over?: Partial<Anomaly>): Promise<Anomaly>;
  clear(fingerprint: string): Promise<void>;
  advance(span: Ms): Promise<void>;
  only(): Incident;
  find(target: string): Incident | undefined;
  lines(kind: string): readonly AuditLine[];
  told(type: OpsEvent['type']): readonly OpsEvent[];
}

export const WORKER_DOWN = {
  name: 'worker_down',
  match: { kinds: ['worker_down'] },
  actions: ['restart_worker'],
} as const;

/** A world with one worker, `rpa-worker`, and the strategy that restarts it; production mode. */
export function createWorld(options: WorldOptions = {}): World {
  const clock = createFakeClock();
  const audit = createMemoryAudit(() => clock.now());
  const disk = createMemoryStateStore();
  const log = createMemoryLogger();
  const events: OpsEvent[] = [];
  const config = live(HealingConfig.parse({ strategies: [WORKER_DOWN], ...options.healing }));
  const targetsConfig = live(TargetsConfig.parse({ targets: options.targets ?? [] }));
  const workers = (options.workers ?? [{ name: 'rpa-worker' }]).map((worker) => ({
    critical: false,
    dependsOn: [],
    group: null,
    probes: [],
    ...worker,
  }));
  const states = new Map<string, WorkerState>(
    workers.map(({ name }) => [name, { kind: 'running', pid: 100, since: clock.now(), adopted: false }]),
  );
  const health = new Map<MetricName, JudgedSample['verdict'] | 'silent'>();
  const samples = new Map<MetricName, JudgedSample[]>();
  const active = new Map<string, Anomaly>();
  const random = createSeededRandom(7);
  const lost = new Set<string>();
  let isFull = false;
  let unwritable: string | null = null;
  const commands = createMemoryCommands((request) => world.onCommand(request.argv));
  const http = createMemoryHttp(options.http);
  let life = createLife();

  const sample = (): void => {
    for (const [metric, verdict] of health) {
      if (verdict === 'silent') continue;
      const list = samples.get(metric) ?? [];
      list.push({ metric, at: clock.now(), value: VALUES[verdict], verdict });
      samples.set(metric, list.slice(-2_000));
    }
  };
  clock.every(BEAT, sample);

  const metrics: MetricReader = {
    recent: (metric, span) => (samples.get(metric) ?? []).filter(({ at }) => clock.now() - at <= span),
    judgedSince: (metric, since) => (samples.get(metric) ?? []).filter(({ at }) => at > since),
    latest: (metric) => samples.get(metric)?.at(-1),
    band: () => NO_BAND,
    metrics: () => [...samples.keys()],
    activeAnomalies: () => [...active.values()],
  };

  const poolOf = (own: Life): WorkerPool => ({
    list: () => [...states].map(([worker, state]): WorkerStatus => statusOf(worker, state)),
    start: async () => ({ kind: 'not_found' }),
    stop: async () => ({ kind: 'not_found' }),
    restart: (worker) =>
      own.call(async (): Promise<WorkerChange> => {
        world.restarts.push(worker);
        await world.onRestart(worker);
        return { kind: 'done', text: 'restarted' };
      }),
    scale: (worker, count) =>
      own.call(async (): Promise<WorkerChange> => {
        world.restarts.push(`${worker}=${count}`);
        return { kind: 'done', text: `${count} instances` };
      }),
    logs: async () => ['last line'],
  });

  const build = (): Healer => {
    const own = life;
    const pool = poolOf(own);
    const mortalClock = own.clockOver(clock);
    const bus = createEventBus(log);
    bus.onAny((event) => {
      if (!own.isDead()) events.push(event);
    });
    return createHealer({
      clock: mortalClock,
      bus,
      log,
      audit: {
        ...audit,
        append: (entry) =>
          own.call(async () => {
            if (entry.kind === unwritable) throw new OpsError('AUDIT_UNWRITABLE', 'the disk is full');
            world.onAppend(entry);
            return audit.append(entry);
          }),
        query: (query) => own.call(() => audit.query(query)),
      },
      states: own.statesOver(disk, lost, () => isFull),
      metrics,
      commands: { run: (request) => own.call(() => commands.run(request)) },
      http: { request: (request) => own.call(() => http.request(request)) },
      random,
      config,
      targets: createTargets({
        config: targetsConfig,
        workers: live({ workers }),
        pool,
        http,
        commands,
        clock: mortalClock,
        log,
        host: 'web-1',
        hasProgram: () => true,
      }),
      pool,
      host: 'web-1',
      timezone: 'UTC',
      // A file has no folders below it: snapshots fail unless a test brings a folder of its own.
      dataFolder: options.dataFolder ?? '/dev/null',
      mode: () => world.mode,
      people: () => options.people ?? 1,
      selfState: () => world.self,
      interlocks: () => world.interlocks,
      errands: options.errands ?? NO_ERRANDS,
      githubToken: () => null,
      redact: (text) => text,
      configHash: () => 'hash',
      hasProgram: () => true,
      bootTime: () => ({ boot: 'this boot', at: clock.monotonic() }),
    });
  };

  let healer: Healer | null = null;
  const world: World = {
    clock,
    audit,
    commands,
    http,
    log,
    events,
    config,
    targetsConfig,
    restarts: [],
    onRestart: (worker) => world.setMetric(`target_up:${worker}`, 'good'),
    onCommand: () => ({ kind: 'exited', code: 0, output: '', took: ms(1) }),
    onAppend: () => {},
    self: { freeDiskBytes: 10_000_000_000, forkFailing: false, pidsRatio: 0.1 },
    interlocks: [],
    mode: options.mode ?? 'production',
    get healer(): Healer {
      if (healer === null) throw new Error('boot the world first');
      return healer;
    },
    calls: () => life.calls(),
    async boot(crash) {
      life = createLife(crash);
      healer = build();
      const started = healer.start();
      started.catch(() => {});
      await clock.settle();
      if (!life.isDead()) await started;
    },
    kill: () => life.die(),
    isDead: () => life.isDead(),
    loseState: (name) => void lost.add(name),
    forgetState: (name) => void disk.saved.delete(name),
    failState(yes) {
      isFull = yes;
    },
    failAppend(kind) {
      unwritable = kind;
    },
    setActive: (found) => void active.set(found.fingerprint, found),
    forgetActive: (fingerprint) => void active.delete(fingerprint),
    setWorker: (worker, state) => void states.set(worker, state),
    setMetric: (metric, verdict) => void health.set(metric, verdict),
    async sicken(over = {}) {
      const target = over.target === undefined ? 'rpa-worker' : over.target;
      const kind = over.kind ?? 'worker_down';
      const metric = over.evidence?.metric ?? `target_up:${target}`;
      const base = anomaly();
      const found = anomaly({
        target,
        fingerprint: `web-1/${target ?? '-'}/${kind}`,
        since: clock.now(),
        detectedAt: clock.now(),
        summary: `${target ?? 'web-1'} has ${kind}.`,
        ...over,
        evidence: { ...base.evidence, metric },
      });
      active.set(found.fingerprint, found);
      if (!health.has(metric) || health.get(metric) === 'good') world.setMetric(metric, 'bad');
      sample();
      const taken = world.healer.consider(found);
      taken.catch(() => {});
      await clock.settle();
      return found;
    },
    async clear(fingerprint) {
      active.delete(fingerprint);
      world.healer.cleared(fingerprint, 'It is back to normal.').catch(() => {});
      await clock.settle();
    },
    advance: (span) => clock.advance(span),
    only() {
      const all = world.healer.incidents({ limit: 100 });
      const [first] = all;
      if (first === undefined || all.length !== 1)
        throw new Error(`expected one incident, found ${all.length}`);
      return first;
    },
    find: (target) => world.healer.incidents({ limit: 100, target })[0],
    lines: (kind) => audit.lines.filter((line) => line.kind === kind),
    told: (type) => events.filter((event) => event.type === type),
  };
  return world;
}

function statusOf(worker: string, state: WorkerState): WorkerStatus {
  return { worker, instance: 0, state, exitsInTenMinutes: 0, exitsInDay: 0, lastExit: null };
}

interface Life {
  calls(): number;
  call<T>(effect: () => Promise<T>): Promise<T>;
  die(): void;
  isDead(): boolean;
  clockOver(clock: Clock): Clock;
  statesOver(disk: StateStore, lost: Set<string>, isFull: () => boolean): StateStore;
}

/** One incarnation of the process: counts its calls to the outside and dies where it was told to. */
function createLife(crash?: Crash): Life {
  let calls = 0;
  let dead = false;
  const never = <T>(): Promise<T> => new Promise<T>(() => {});

  const call = async <T>(effect: () => Promise<T>): Promise<T> => {
    if (dead) return never();
    calls += 1;
    const isLast = crash?.call === calls;
    if (isLast && crash?.when === 'before') {
      dead = true;
      return never();
    }
    const result = effect();
    if (isLast) dead = true;
    const value = await result;
    return dead ? never() : value;
  };
  const alive =
    (fn: () => void): (() => void) =>
    () => {
      if (!dead) fn();
    };

  return {
    calls: () => calls,
    call,
    die() {
      dead = true;
    },
    isDead: () => dead,
    clockOver: (clock) => ({
      now: (): EpochMs => clock.now(),
      monotonic: (): Ms => clock.monotonic(),
      sleep: (span, signal) => clock.sleep(span, signal).then(() => (dead ? never() : undefined)),
      every: (span, fn) => clock.every(span, () => (dead ? undefined : fn())),
      in: (span, fn) => clock.in(span, alive(fn)),
      deadline: (span) => clock.deadline(span),
    }),
    statesOver: (disk, lost, isFull) => ({
      async open(name, parse, defaults) {
        const opened = await disk.open(name, parse, defaults);
        const inner = opened.document;
        const document: Document<(typeof inner)['value']> = {
          get value() {
            return inner.value;
          },
          update: (change) =>
            call(async () => {
              if (isFull()) throw new OpsError('STATE_UNWRITABLE', 'the disk is full');
              return inner.update(change);
            }),
        };
        return lost.delete(name)
          ? { document, origin: 'defaults', warning: `${name} could not be read` }
          : { ...opened, document };
      },
    }),
  };
}
