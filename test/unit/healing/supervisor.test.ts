import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpResult, StateStore } from '../../../src/domain/ports.ts';
import { hours, minutes, ms, seconds } from '../../../src/domain/units.ts';
import type { WorkerState } from '../../../src/domain/worker.ts';
import type { Supervisor, SupervisorDeps } from '../../../src/healing/supervisor.ts';
import { poolIdOf } from '../../../src/healing/worker-shift.ts';
import { WorkersConfig } from '../../../src/healing/workers-config.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { createFakeProcesses, type FakeProcesses } from '../../support/fake-processes.ts';
import { createMemoryHttp } from '../../support/memory-ports.ts';
import { createBench, type SupervisorBench } from '../../support/supervisor-bench.ts';

interface Floor extends SupervisorBench {
  readonly clock: FakeClock;
  readonly host: FakeProcesses;
  /** Starts a bot over the same data and lets it settle. */
  begin(over?: Partial<SupervisorDeps>): Promise<Supervisor>;
  state(supervisor: Supervisor): WorkerState;
}

const floors: Floor[] = [];
afterEach(async () => {
  for (const floor of floors.splice(0)) await floor.dispose();
});

const BILLING = { name: 'billing', command: ['/usr/bin/billing', '--fast'] };

async function floor(
  worker: Readonly<Record<string, unknown>> = {},
  over: Partial<SupervisorDeps> = {},
): Promise<Floor> {
  const clock = createFakeClock();
  const host = createFakeProcesses();
  const bench = await createBench([{ ...BILLING, ...worker }], {
    clock,
    processes: host,
    spawn: host.spawn,
    ...over,
  });
  const made: Floor = {
    ...bench,
    clock,
    host,
    async begin(more) {
      const supervisor = bench.build(more);
      const starting = supervisor.start();
      await clock.settle();
      await starting;
      return supervisor;
    },
    state(supervisor) {
      const status = supervisor.workers.list()[0];
      if (status === undefined) throw new Error('no worker');
      return status.state;
    },
  };
  floors.push(made);
  return made;
}

/** Each life lasts 1.5 s, until the worker is not started any more. */
async function crashOften(on: Floor, supervisor: Supervisor, lives: number): Promise<void> {
  for (let life = 0; life < lives && on.state(supervisor).kind !== 'gave_up'; life += 1) {
    while (on.host.alive().length === 0 && on.state(supervisor).kind === 'backing_off') {
      await on.clock.advance(seconds(1));
    }
    await on.clock.advance(ms(1_500));
    for (const pid of on.host.alive()) on.host.exit(pid, { code: 1, signal: null });
    await on.clock.settle();
  }
}

/** A state store whose disk can be full. */
function fillable(inner: StateStore): { readonly states: StateStore; full(yes: boolean): void } {
  let isFull = false;
  return {
    full(yes) {
      isFull = yes;
    },
    states: {
      async open(name, parse, defaults) {
        const opened = await inner.open(name, parse, defaults);
        const { document } = opened;
        return {
          ...opened,
          document: {
            get value() {
              return document.value;
            },
            async update(change) {
              if (isFull) throw new Error('ENOSPC');
              return document.update(change);
            },
          },
        };
      },
    },
  };
}

describe('a worker that exits', () => {
  it('is started again at once, with the exit on disk before', async () => {
    const on = await floor();
    const supervisor = await on.begin();
    const [pid = 0] = on.host.alive();

    on.host.exit(pid, { code: null, signal: 'SIGKILL' });
    await on.clock.settle();

    expect(on.host.alive()).toEqual([pid + 1]);
    expect(JSON.parse(on.states.saved.get('workers') ?? '')).toMatchObject({
      slots: {
        'billing#0': { exits: [{ how: 'was killed by SIGKILL' }], lastExit: 'was killed by SIGKILL' },
      },
    });
    expect(on.audit.lines.map((line) => line.text)).toEqual([
      'Starting billing: the bot started.',
      `billing runs as pid ${pid}.`,
      `billing (pid ${pid}) was killed by SIGKILL.`,
      'Starting billing: it was killed by SIGKILL.',
      `billing runs as pid ${pid + 1}.`,
    ]);
    await supervisor.stop();
  });

  it('is handed over after five exits in under two minutes by the default policy, and nobody starts a sixth', async () => {
    const on = await floor();
    const supervisor = await on.begin();
    const began = on.clock.monotonic();

    await crashOften(on, supervisor, 10);
    const took = on.clock.monotonic() - began;
    await on.clock.advance(hours(2));

    expect(on.state(supervisor)).toMatchObject({ kind: 'gave_up', reason: '5 exits within 10 minutes' });
    expect(on.host.requests).toHaveLength(5);
    expect(took).toBeLessThan(minutes(2));
    expect(on.events.filter((event) => event.type === 'worker.gave_up')).toHaveLength(1);
  });

  it('is not called running in the short lives of a crash loop', async () => {
    const on = await floor({ ready: { afterSeconds: 0 }, restart: { backoffSeconds: 0 } });
    const supervisor = await on.begin();
    const seen = new Set<string>();

    for (let life = 0; life < 4; life += 1) {
      await on.clock.advance(ms(1_500));
      if (life > 1) seen.add(on.state(supervisor).kind);
      on.host.exit(on.host.alive()[0] ?? 0);
      await on.clock.settle();
    }
    await on.clock.advance(seconds(6));

    expect([...seen]).toEqual(['starting']);
    expect(on.state(supervisor).kind).toBe('running');
    await supervisor.stop();
  });

  it('keeps its window over restarts of the bot', async () => {
    const on = await floor({ onBotStop: 'stop' });
    for (let round = 0; round < 4; round += 1) {
      const supervisor = await on.begin();
      await crashOften(on, supervisor, 1);
      await supervisor.stop();
    }

    const last = await on.begin();
    await crashOften(on, last, 1);

    expect(on.state(last).kind).toBe('gave_up');
  });

  it('keeps its window when the wall clock jumps a day ahead', async () => {
    const on = await floor();
    const supervisor = await on.begin();
    await crashOften(on, supervisor, 4);

    on.clock.jump(hours(24));
    await supervisor.clockJumped(hours(24));
    await crashOften(on, supervisor, 1);

    expect(on.state(supervisor).kind).toBe('gave_up');
  });

  it('is not started again while a freeze holds, and is when it ends', async () => {
    let frozen = false;
    const on = await floor({}, { frozen: () => frozen });
    const supervisor = await on.begin();

    frozen = true;
    on.host.exit(on.host.alive()[0] ?? 0);
    await on.clock.advance(minutes(5));
    const held = on.state(supervisor);
    frozen = false;
    await on.clock.advance(seconds(2));

    expect(held).toMatchObject({ kind: 'backing_off', reason: expect.stringContaining('frozen') });
    expect(on.host.alive()).toHaveLength(1);
    await supervisor.stop();
  });

  it('is not started again while its exit cannot be written down, and is as soon as it can', async () => {
    const on = await floor();
    const disk = fillable(on.states);
    const supervisor = await on.begin({ states: disk.states });

    disk.full(true);
    on.host.exit(on.host.alive()[0] ?? 0);
    await on.clock.advance(minutes(1));
    const during = on.host.alive().length;
    disk.full(false);
    await on.clock.advance(seconds(6));

    expect(during).toBe(0);
    expect(on.host.alive()).toHaveLength(1);
    expect(supervisor.workers.list()[0]?.exitsInTenMinutes).toBe(1);
    await supervisor.stop();
  });

  it('is not started again while the audit log cannot be written', async () => {
    const on = await floor();
    const supervisor = await on.begin();

    on.audit.fail(true);
    on.host.exit(on.host.alive()[0] ?? 0);
    await on.clock.advance(minutes(1));
    const during = on.host.alive().length;
    on.audit.fail(false);
    await on.clock.advance(seconds(6));

    expect(during).toBe(0);
    expect(on.host.alive()).toHaveLength(1);
    await supervisor.stop();
  });
});

describe('a machine that cannot start processes', () => {
  it('is asked again every 5 s, and no exit is charged', async () => {
    const on = await floor();
    on.host.answerSpawns({ kind: 'unknown', reason: 'spawn EAGAIN' });
    const supervisor = await on.begin();
    await on.clock.advance(minutes(30));
    const waiting = on.state(supervisor);

    on.host.answerSpawns(null);
    await on.clock.advance(seconds(6));

    expect(waiting).toMatchObject({ kind: 'backing_off', reason: expect.stringContaining('EAGAIN') });
    expect(supervisor.workers.list()[0]?.exitsInDay).toBe(0);
    expect(on.host.alive()).toHaveLength(1);
    await supervisor.stop();
  });
});

describe('an uninterruptible worker', () => {
  it('is said to be stuck and gets no second one beside it until it is gone', async () => {
    const on = await floor({ stopTimeoutSeconds: 1 });
    const supervisor = await on.begin();
    const [pid = 0] = on.host.alive();
    on.host.ignore(pid, 'SIGTERM', 'SIGKILL');

    const restart = supervisor.workers.restart('billing', 'cli:local');
    await on.clock.advance(seconds(20));
    const change = await restart;
    const during = on.host.requests.length;
    on.host.exit(pid);
    await on.clock.advance(seconds(1));

    expect(change).toEqual({ kind: 'failed', reason: 'it does not end, even by SIGKILL' });
    expect(during).toBe(1);
    expect(on.host.requests).toHaveLength(2);
    expect(on.events.some((event) => event.type === 'self.unhealthy')).toBe(true);
    await supervisor.stop();
  });
});

describe('a hanging worker', () => {
  it('is reported as unhealthy, not restarted, and running again when it answers', async () => {
    let answer: HttpResult = { kind: 'answered', status: 200, body: 'ok', took: ms(3) };
    const on = await floor(
      { health: { http: { url: 'http://127.0.0.1:9000/health' } } },
      { http: createMemoryHttp(() => answer) },
    );
    const supervisor = await on.begin();
    await on.clock.advance(seconds(10));
    const well = on.state(supervisor);

    answer = { kind: 'timed_out', took: ms(2_000) };
    await on.clock.advance(seconds(16));
    const hung = on.state(supervisor);
    answer = { kind: 'answered', status: 200, body: 'ok', took: ms(3) };
    await on.clock.advance(seconds(6));

    expect(well.kind).toBe('running');
    expect(hung).toMatchObject({ kind: 'unhealthy', reason: 'no answer within 2,000 ms' });
    expect(on.state(supervisor).kind).toBe('running');
    expect(on.host.requests).toHaveLength(1);
    expect(on.audit.lines.map((line) => line.text)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('is unhealthy: no answer'),
        expect.stringContaining('answers well again'),
      ]),
    );
    await supervisor.stop();
  });

  it('is not running until its health check has answered well once', async () => {
    const on = await floor(
      { health: { http: { url: 'http://127.0.0.1:9000/health' } }, ready: { withinSeconds: 30 } },
      { http: createMemoryHttp(() => ({ kind: 'failed', reason: 'ECONNREFUSED', took: ms(1) })) },
    );
    const supervisor = await on.begin();

    await on.clock.advance(seconds(20));
    const early = on.state(supervisor);
    await on.clock.advance(seconds(20));

    expect(early.kind).toBe('starting');
    expect(on.state(supervisor)).toMatchObject({ kind: 'unhealthy', reason: 'not ready within 30 s' });
    await supervisor.stop();
  });
});

describe('orders', () => {
  it('are refused to the bot itself where a person stopped the worker', async () => {
    const on = await floor();
    const supervisor = await on.begin();

    await supervisor.workers.stop('billing', 'discord:42');
    const asked = [
      await supervisor.workers.start('billing', 'nightshift'),
      await supervisor.workers.restart('billing', 'nightshift'),
      await supervisor.workers.scale('billing', 2, 'nightshift'),
    ];

    expect(asked.map(({ kind }) => kind)).toEqual(['refused', 'refused', 'refused']);
    expect(asked[0]).toMatchObject({ reason: expect.stringContaining('discord:42') });
    expect(on.host.alive()).toEqual([]);
  });

  it('start nothing for anybody while a freeze holds, and still stop', async () => {
    let frozen = false;
    const on = await floor({}, { frozen: () => frozen });
    const supervisor = await on.begin();

    frozen = true;
    const restart = await supervisor.workers.restart('billing', 'cli:local');
    const stop = await supervisor.workers.stop('billing', 'cli:local');
    const start = await supervisor.workers.start('billing', 'cli:local');

    expect([restart.kind, stop.kind, start.kind]).toEqual(['refused', 'done', 'refused']);
    expect(restart).toMatchObject({ reason: expect.stringContaining('freeze') });
    await supervisor.stop();
  });

  it('take no number of instances that makes no sense', async () => {
    const on = await floor();
    const supervisor = await on.begin();

    const changes = [0, -1, 1.5, 33, Number.NaN].map((count) =>
      supervisor.workers.scale('billing', count, 'cli:local'),
    );

    expect((await Promise.all(changes)).map(({ kind }) => kind)).toEqual(Array(5).fill('refused'));
    await supervisor.stop();
  });

  it('are not carried out when they cannot be written down', async () => {
    const on = await floor();
    const supervisor = await on.begin();
    const [pid] = on.host.alive();

    on.audit.fail(true);
    const change = await supervisor.workers.stop('billing', 'cli:local');

    expect(change).toMatchObject({ kind: 'failed' });
    expect(on.host.alive()).toEqual([pid]);
    on.audit.fail(false);
    await supervisor.stop();
  });

  it('answer in time when the work takes longer than allowed', async () => {
    const on = await floor({ stopTimeoutSeconds: 60 });
    const supervisor = await on.begin();
    on.host.ignore(on.host.alive()[0] ?? 0, 'SIGTERM');

    const restart = supervisor.workers.restart('billing', 'nightshift', on.clock.deadline(seconds(5)));
    await on.clock.advance(seconds(5));

    expect(await restart).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('longer than allowed'),
    });
    await on.clock.advance(seconds(60));
    expect(on.host.requests).toHaveLength(2);
    await supervisor.stop();
  });

  it('name a worker that is not there', async () => {
    const on = await floor();
    const supervisor = await on.begin();

    expect(await supervisor.workers.start('nobody', 'cli:local')).toEqual({ kind: 'not_found' });
    expect(await supervisor.workers.logs('nobody', 10)).toBeUndefined();
    await supervisor.stop();
  });
});

describe('what a worker sees of the environment', () => {
  it('is what its configuration names, and none of the secrets of the bot', async () => {
    const on = await floor(
      { env: { MODE: 'fast' }, envFrom: ['BILLING_KEY', 'ABSENT'] },
      { lookup: (name) => ({ PATH: '/bin', BILLING_KEY: 'k', SLACK_BOT_TOKEN: 'xoxb-secret' })[name] },
    );
    const supervisor = await on.begin();

    expect(on.host.requests[0]?.env).toEqual({
      PATH: '/bin',
      MODE: 'fast',
      BILLING_KEY: 'k',
      NIGHTSHIFT_INSTANCE: '0',
      NIGHTSHIFT_WORKER: expect.stringMatching(/^[0-9a-f]{12}\/billing#0\/[0-9a-f]{16}$/),
    });
    await supervisor.stop();
  });
});

describe('a reload of the configuration', () => {
  it('starts what is new and ends what is gone', async () => {
    const on = await floor();
    const supervisor = await on.begin();
    on.config.set(WorkersConfig.parse({ workers: [{ ...BILLING, name: 'shipping' }] }));

    const reconciled = supervisor.reconcile();
    await on.clock.advance(seconds(1));
    await reconciled;

    expect(supervisor.workers.list().map(({ worker, state }) => `${worker} ${state.kind}`)).toEqual([
      'shipping running',
    ]);
    expect(on.host.alive()).toHaveLength(1);
    await supervisor.stop();
  });

  it('ends at the next start what was taken out while the bot was away', async () => {
    const on = await floor();
    const first = await on.begin();
    await first.stop();
    on.config.set(WorkersConfig.parse({ workers: [] }));

    await on.begin();

    expect(on.host.alive()).toEqual([]);
  });
});

describe('a record that was lost', () => {
  it('takes over what is found running and starts nothing else', async () => {
    const on = await floor();
    const lost: StateStore = {
      async open(name, parse, defaults) {
        const opened = await on.states.open(name, parse, defaults);
        return { ...opened, origin: 'defaults', warning: 'workers.json was put aside' };
      },
    };
    const pool = await poolIdOf(on.folder);
    on.config.set(WorkersConfig.parse({ workers: [BILLING, { ...BILLING, name: 'shipping' }] }));
    const pid = on.host.plant({ pool, slot: 'billing#0', spawnId: 'aa' });

    const supervisor = await on.begin({ states: lost });

    expect(supervisor.workers.list().map(({ state }) => state)).toMatchObject([
      { kind: 'starting', pid },
      { kind: 'gave_up', reason: expect.stringContaining('unreadable') },
    ]);
    expect(on.host.requests).toEqual([]);
    await supervisor.stop();
  });
});

describe('a system without /proc', () => {
  it('ends every worker with the bot, because none could be taken over', async () => {
    const host = createFakeProcesses(null);
    const on = await floor({ onBotStop: 'keep' }, { processes: host, spawn: host.spawn });
    const supervisor = await on.begin();

    await supervisor.stop();

    expect(host.alive()).toEqual([]);
  });

  it('starts no second one beside a process that may be the former one', async () => {
    const host = createFakeProcesses(null);
    const on = await floor({}, { processes: host, spawn: host.spawn });
    await on.begin(); // and is killed without a word

    const second = await on.begin();

    expect(on.state(second)).toMatchObject({
      kind: 'not_started',
      reason: expect.stringContaining('may or may not'),
    });
    expect(host.requests).toHaveLength(1);
    expect(on.events.some((event) => event.type === 'self.unhealthy')).toBe(true);
  });
});

describe('the last lines of the output', () => {
  it('of several instances come with their numbers', async () => {
    const on = await floor({ instances: 2 });
    const supervisor = await on.begin();
    await writeFile(join(on.folder, 'logs', 'billing.log'), 'one\ntwo\n');
    await writeFile(join(on.folder, 'logs', 'billing.1.log'), 'key hunter2\n');

    expect(await supervisor.workers.logs('billing', 4)).toEqual(['#0 one', '#0 two', '#1 key [redacted]']);
    await supervisor.stop();
  });
});
