import { afterEach, describe, expect, it } from 'vitest';
import { formatMark } from '../../src/healing/host-processes.ts';
import type { Supervisor } from '../../src/healing/supervisor.ts';
import { poolIdOf } from '../../src/healing/worker-shift.ts';
import { spawnDetached } from '../../src/platform/spawn-detached.ts';
import {
  type SupervisorBench as Bench,
  createBench,
  eventually,
  inState,
} from '../support/supervisor-bench.ts';

const FOREVER = 'setInterval(() => {}, 1000)';
const QUICK = { firstDelaySeconds: 0, backoffSeconds: 0.02, jitterPercent: 0 };

const benches: Bench[] = [];
const supervisors: Supervisor[] = [];

afterEach(async () => {
  for (const supervisor of supervisors.splice(0)) await supervisor.stop();
  for (const bench of benches.splice(0)) await bench.dispose();
});

async function bench(script: string, over: Readonly<Record<string, unknown>> = {}): Promise<Bench> {
  const worker = { name: 'billing', command: ['node', '-e', script], ready: { afterSeconds: 0 }, ...over };
  const made = await createBench([worker]);
  benches.push(made);
  return made;
}

async function started(from: Bench): Promise<Supervisor> {
  const supervisor = from.build();
  supervisors.push(supervisor);
  await supervisor.start();
  return supervisor;
}

function isAlive(from: Bench, pid: number): boolean {
  return from.processes.look(pid).kind === 'alive';
}

function livingPid(supervisor: Supervisor): number | undefined {
  const state = supervisor.workers.list()[0]?.state;
  return state?.kind === 'starting' || state?.kind === 'running' ? state.pid : undefined;
}

function handedOver(from: Bench): Promise<unknown> {
  return eventually('it is handed over', () => from.events.find((event) => event.type === 'worker.gave_up'));
}

/** A living process with the mark of this bench that is not the worker itself. */
async function childOf(from: Bench, worker: number): Promise<number | undefined> {
  return (await from.marked()).find(({ pid }) => pid !== worker)?.pid;
}

describe('a killed worker', () => {
  it('is back with a new pid each time it is killed', async () => {
    const it20 = await bench(FOREVER, {
      restart: { ...QUICK, backoffSeconds: 0, maxExitsInTenMinutes: 500, maxExitsInDay: 500 },
    });
    const supervisor = await started(it20);
    const pids = new Set<number>();

    for (let round = 0; round < 20; round += 1) {
      const pid = await eventually('it lives', () => livingPid(supervisor));
      pids.add(pid);
      process.kill(pid, 'SIGKILL');
      await eventually('the exit is noticed', () =>
        it20.events.some((event) => event.type === 'worker.exited' && event.pid === pid) ? true : undefined,
      );
    }
    await eventually('it lives', () => livingPid(supervisor));

    expect(pids.size).toBe(20);
    expect(supervisor.workers.list()[0]).toMatchObject({
      exitsInTenMinutes: 20,
      lastExit: 'was killed by SIGKILL',
    });
  });

  it('takes the children it left behind with it, also those with a session of their own', async () => {
    const forks = `const c = require('child_process').spawn(process.execPath, ['-e', '${FOREVER}'], { detached: true, stdio: 'ignore' }); console.log(c.pid); ${FOREVER}`;
    const made = await bench(forks, { restart: QUICK });
    const supervisor = await started(made);
    const { pid } = await inState(supervisor, 'running');
    const grandchild = await eventually('it has forked', () => childOf(made, pid));

    process.kill(pid, 'SIGKILL');
    await eventually('a new one runs', () => {
      const state = supervisor.workers.list()[0]?.state;
      return state?.kind === 'running' && state.pid !== pid ? true : undefined;
    });

    expect(isAlive(made, grandchild)).toBe(false);
  });
});

describe('a crash loop', () => {
  it('ends after five exits of a worker that lives 1.5 s, and stays ended when the bot starts again', async () => {
    const made = await bench(
      "console.log('cannot reach the database, key hunter2'); setTimeout(() => process.exit(3), 1500)",
      {
        restart: QUICK,
      },
    );
    const first = await started(made);
    await handedOver(made);
    const exits = made.events.filter((event) => event.type === 'worker.exited');
    const handed = made.events.find((event) => event.type === 'worker.gave_up');
    await first.stop();

    const second = await started(made);
    const refusal = await second.workers.restart('billing', 'nightshift');

    expect(exits).toHaveLength(5);
    expect(handed).toMatchObject({ worker: 'billing', reason: '5 exits within 10 minutes' });
    expect(handed?.type === 'worker.gave_up' && handed.evidence).toMatch(
      /exited with code 3 after 1\.\d s[\s\S]*cannot reach the database, key \[redacted\]/,
    );
    expect(second.workers.list()[0]?.state.kind).toBe('gave_up');
    expect(refusal).toMatchObject({ kind: 'refused' });
  });

  it('begins a new window when a person starts the worker', async () => {
    const made = await bench('process.exit(1)', { restart: QUICK });
    const supervisor = await started(made);
    await handedOver(made);
    made.events.length = 0;

    const change = await supervisor.workers.start('billing', 'cli:local');
    await handedOver(made);

    expect(change.kind).toBe('done');
    expect(made.events.filter((event) => event.type === 'worker.exited')).toHaveLength(5);
  });

  it('counts a program that cannot be started at all', async () => {
    const made = await bench('', { command: ['/nonexistent/program'], restart: QUICK });
    const supervisor = await started(made);

    await inState(supervisor, 'gave_up');

    expect(supervisor.workers.list()[0]?.lastExit).toMatch(/could not be started: .*ENOENT/);
  });
});

describe('a restart of the bot', () => {
  it('takes over the living worker, and restarts it when it dies afterwards', async () => {
    const made = await bench(FOREVER, { restart: QUICK });
    const first = await started(made);
    const before = await inState(first, 'running');
    await first.stop();

    const second = await started(made);
    const adopted = await inState(second, 'running');
    process.kill(adopted.pid, 'SIGKILL');
    const fresh = await eventually('a new one runs', () => {
      const state = second.workers.list()[0]?.state;
      return state?.kind === 'running' && state.pid !== adopted.pid ? state : undefined;
    });

    expect(adopted).toMatchObject({ pid: before.pid, adopted: true });
    expect(fresh.adopted).toBe(false);
    expect(second.workers.list()[0]?.exitsInTenMinutes).toBe(1);
  });

  it('finds a worker whose pid the dead bot could not write down any more', async () => {
    const made = await bench(FOREVER);
    let pid = 0;
    const dying = made.build({
      async spawn(request) {
        const spawned = await spawnDetached(request);
        if (spawned.kind === 'started') pid = spawned.pid;
        return new Promise(() => {}); // the bot dies here: nothing after the spawn ever happens
      },
    });
    void dying.start();
    await eventually('it was spawned', () => (pid > 0 && isAlive(made, pid) ? true : undefined));

    const second = await started(made);

    expect(await inState(second, 'running')).toMatchObject({ pid, adopted: true });
    expect(await made.marked()).toHaveLength(1);
  });

  it('ends what carries its mark without being on record, and runs exactly one', async () => {
    const made = await bench(FOREVER);
    const mark = formatMark({
      pool: await poolIdOf(made.folder),
      slot: 'billing#0',
      spawnId: 'abcdef0123456789',
    });
    const stray = await spawnDetached({
      argv: [process.execPath, '-e', FOREVER],
      cwd: null,
      env: { NIGHTSHIFT_WORKER: mark },
      outputPath: `${made.folder}/stray.log`,
    });

    const supervisor = await started(made);
    const { pid } = await inState(supervisor, 'running');

    expect(stray.kind === 'started' && isAlive(made, stray.pid)).toBe(false);
    expect((await made.marked()).map((found) => found.pid)).toEqual([pid]);
  });

  it('counts a worker that died while the bot was away', async () => {
    const made = await bench(FOREVER, { restart: QUICK });
    const first = await started(made);
    const { pid } = await inState(first, 'running');
    await first.stop();
    process.kill(pid, 'SIGKILL');
    await eventually('it is gone', () => (isAlive(made, pid) ? undefined : true));

    const second = await started(made);
    await inState(second, 'running');

    expect(second.workers.list()[0]).toMatchObject({
      exitsInTenMinutes: 1,
      lastExit: 'ended while the bot was away',
    });
  });

  it('ends the worker with it where that is configured, and does not count that', async () => {
    const made = await bench(FOREVER, { onBotStop: 'stop' });
    const first = await started(made);
    const { pid } = await inState(first, 'running');
    await first.stop();
    const after = isAlive(made, pid);

    const second = await started(made);
    await inState(second, 'running');

    expect(after).toBe(false);
    expect(second.workers.list()[0]?.exitsInTenMinutes).toBe(0);
  });
});

describe('an order to stop', () => {
  it('ends a worker that ignores SIGTERM by SIGKILL, and keeps it stopped over a restart of the bot', async () => {
    const deaf = `process.on('SIGTERM', () => {}); ${FOREVER}; console.log('deaf')`;
    const made = await bench(deaf, { stopTimeoutSeconds: 0.3 });
    const first = await started(made);
    const { pid } = await inState(first, 'running');
    await eventually('it is deaf', () => (made.output().includes('deaf') ? true : undefined));

    const change = await first.workers.stop('billing', 'slack:U1');
    await first.stop();
    const second = await started(made);

    expect(change).toEqual({ kind: 'done', text: `billing: pid ${pid} ended by SIGKILL` });
    expect(isAlive(made, pid)).toBe(false);
    expect(second.workers.list()[0]?.state).toMatchObject({ kind: 'stopped', by: 'slack:U1' });
    expect(await second.workers.restart('billing', 'nightshift')).toMatchObject({ kind: 'refused' });
    expect(await second.workers.start('billing', 'slack:U1')).toMatchObject({ kind: 'done' });
  });

  it('ends the whole tree, children with a session of their own included', async () => {
    const forks = `require('child_process').spawn(process.execPath, ['-e', '${FOREVER}'], { detached: true, stdio: 'ignore' }); ${FOREVER}`;
    const made = await bench(forks);
    const supervisor = await started(made);
    const { pid } = await inState(supervisor, 'running');
    const grandchild = await eventually('it has forked', () => childOf(made, pid));

    await supervisor.workers.stop('billing', 'cli:local');

    expect([pid, grandchild].map((one) => isAlive(made, one))).toEqual([false, false]);
  });
});

describe('instances', () => {
  it('come and go with the ordered number, which holds over a restart of the bot', async () => {
    const made = await bench(FOREVER, { onBotStop: 'stop' });
    const first = await started(made);

    await first.workers.scale('billing', 3, 'cli:local');
    await Promise.all([0, 1, 2].map((instance) => inState(first, 'running', instance)));
    const scaled = first.workers.list().length;
    await first.workers.scale('billing', 2, 'cli:local');
    await first.stop();
    const second = await started(made);

    expect(scaled).toBe(3);
    expect(second.workers.list()).toHaveLength(2);
  });
});
