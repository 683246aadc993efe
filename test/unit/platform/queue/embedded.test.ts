import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hours, minutes, ms, seconds } from '../../../../src/domain/units.ts';
import {
  asked,
  createEmbeddedWorld,
  type EmbeddedWorld,
  queueSettings,
  settled,
  taskCommand,
  type WorldOptions,
} from '../../../support/embedded-world.ts';
import { temporaryFolder } from '../../../support/temp-folder.ts';

async function start(over: Partial<WorldOptions> = {}): Promise<EmbeddedWorld> {
  const world = createEmbeddedWorld({ folder: temporaryFolder(), ...over });
  await world.queues.start();
  await settled(world);
  return world;
}

/** The same folder in a new process: the old one is not asked to stop. */
async function restart(folder: string, over: Partial<WorldOptions> = {}): Promise<EmbeddedWorld> {
  return start({ folder, ...over });
}

describe('submitting', () => {
  it('runs a task once it is on disk, and keeps what it came to', async () => {
    const world = await start();

    const result = await world.submit('a');
    await world.runs[0]?.end();

    expect(result).toMatchObject({
      kind: 'accepted',
      task: { queue: 'default', class: 'normal', by: 'cli:local' },
    });
    expect(await world.stateOf('a')).toBe('done');
    expect(await world.queues.view('default')).toMatchObject({ depth: 0, running: 0, ratePerMinute: 1 });
  });

  it('takes configured tasks with fitting variables only, and stores nothing else', async () => {
    const world = await start();

    const results = [
      await world.submit('a', { name: 'other' }),
      await world.submit('a b'),
      await world.submit('-rf'),
      await world.submit('a', { variables: { id: 'a', more: '1' } }),
      await world.submit('a', { queue: 'nowhere' }),
    ];

    expect(results.map(({ kind }) => kind)).toEqual([
      'not_found',
      'invalid',
      'invalid',
      'invalid',
      'not_found',
    ]);
    expect(await world.queues.list({ limit: 10 })).toMatchObject({ total: 0 });
  });

  it('is the same task for the same key, also at the same moment and after a restart', async () => {
    const folder = temporaryFolder();
    const world = await start({ folder });

    const both = await Promise.all([world.submit('a', { key: 'k' }), world.submit('a', { key: 'k' })]);
    const later = await restart(folder);
    const again = await later.submit('a', { key: 'k' });

    expect(both.map(({ kind }) => kind)).toEqual(['accepted', 'existing']);
    expect(again.kind).toBe('existing');
    expect(await later.queues.list({ limit: 10 })).toMatchObject({ total: 1 });
  });

  it('is refused when as many wait as may wait, and a dry run stores nothing', async () => {
    const world = await start({ mostWaiting: 2 });
    world.blocked = 'everything is frozen';

    const kinds = [];
    for (const name of ['a', 'b', 'c']) kinds.push((await world.submit(name)).kind);
    const would = await world.queues.submit(
      { name: 'job', queue: null, class: null, priority: null, variables: {}, delay: ms(0), key: null },
      { ...asked, dryRun: true },
    );

    expect(kinds).toEqual(['accepted', 'accepted', 'full']);
    expect(would.kind).toBe('full');
    expect(await world.queues.list({ limit: 10 })).toMatchObject({ total: 2 });
  });
});

describe('ordering', () => {
  it('starts critical before normal before batch, and priority 1 first among what came together', async () => {
    const world = await start();
    await world.submit('first');
    await world.submit('batch', { class: 'batch' });
    await world.submit('late', { priority: 60 });
    await world.submit('early', { priority: 1 });
    await world.submit('critical', { class: 'critical' });

    for (let run = 0; run < 5; run += 1) await world.runs[run]?.end();

    expect(world.started()).toEqual(['first', 'critical', 'early', 'late', 'batch']);
  });

  it('gives a critical task a slot of its own while others hold all', async () => {
    const world = await start({ queues: [queueSettings({ concurrency: 1, criticalSlots: 1 })] });
    await world.submit('long');

    await world.submit('normal');
    await world.submit('critical', { class: 'critical' });

    expect(world.started()).toEqual(['long', 'critical']);
  });

  it('runs an aged batch task at last, although critical ones never stop coming', async () => {
    const world = await start();
    await world.submit('busy');
    await world.submit('batch', { class: 'batch' });
    await world.clock.advance(hours(2));
    for (let index = 0; index < 20; index += 1) await world.submit(`c${index}`, { class: 'critical' });

    for (let run = 0; run < 12; run += 1) await world.runs[run]?.end();

    expect(world.started().indexOf('batch')).toBeLessThanOrEqual(9);
    expect(world.started().slice(1, 3)).toEqual(['c0', 'c1']);
  });

  it('changes the priority of waiting tasks', async () => {
    const world = await start();
    await world.submit('busy');
    await world.submit('a');
    const b = await world.submit('b');

    const ids = b.kind === 'accepted' ? [b.task.id] : [];
    const change = await world.queues.changePriority('default', 1, { ids }, asked);
    await world.runs[0]?.end();

    expect(change).toMatchObject({ kind: 'done', count: 1 });
    expect(world.started()).toEqual(['busy', 'b']);
  });

  it('starts a delayed task when it is due, not before', async () => {
    const world = await start();
    await world.submit('later', { delay: minutes(5) });

    await world.clock.advance(minutes(4));
    const before = [world.started().length, await world.stateOf('later')];
    await world.clock.advance(minutes(2));
    await settled(world);

    expect(before).toEqual([0, 'delayed']);
    expect(world.started()).toEqual(['later']);
  });
});

describe('limits', () => {
  it('starts no more than its rate allows', async () => {
    const world = await start({
      queues: [queueSettings({ concurrency: 50, rate: { max: 60, per: minutes(1) } })],
    });
    for (let index = 0; index < 20; index += 1) await world.submit(`t${index}`);

    const atOnce = world.started().length;
    await world.clock.advance(seconds(10));
    await settled(world);

    expect(atOnce).toBe(1);
    expect(world.started().length).toBe(11);
  });

  it('lowers concurrency for others than critical tasks, and gives it back', async () => {
    const world = await start({ queues: [queueSettings({ concurrency: 3 })] });
    await world.queues.setLimits('default', { concurrency: 1 }, asked);
    for (const name of ['a', 'b', 'c']) await world.submit(name);
    await world.submit('critical', { class: 'critical' });
    const lowered = world.started();

    await world.queues.setLimits('default', { concurrency: null }, asked);
    await settled(world);

    expect(lowered).toEqual(['a', 'critical']);
    expect(world.started()).toEqual(['a', 'critical', 'b']);
  });

  it('puts a held class off until the hold ends by itself, but not for ever', async () => {
    const world = await start();
    await world.queues.holdClass('default', 'batch', minutes(10), asked);
    await world.submit('batch', { class: 'batch' });
    const held = world.started().length;

    await world.clock.advance(minutes(11));
    await settled(world);

    expect(held).toBe(0);
    expect(world.started()).toEqual(['batch']);
  });

  it('starts a held task all the same once it is past its patience', async () => {
    const world = await start();
    await world.submit('batch', { class: 'batch', delay: seconds(1) });

    for (let turn = 0; turn < 8; turn += 1) {
      await world.queues.holdClass('default', 'batch', minutes(20), asked);
      await world.clock.advance(minutes(10));
    }
    await settled(world);

    expect(world.started()).toEqual(['batch']);
  });
});

describe('what holds a queue up', () => {
  it('names the task that has every slot, who paused it, or that nothing may start', async () => {
    const world = await start();
    const held = async () => (await world.queues.view('default'))?.heldUpBy;
    await world.submit('a');
    await world.submit('b');
    const atOnce = await held();

    await world.clock.advance(seconds(40));
    const running = await held();
    await world.queues.pause('default', null, asked);
    const paused = await held();
    world.blocked = 'everything is frozen';

    expect(atOnce).toBeUndefined();
    expect(running).toMatch(/^task job \(.+\) is running for 40 s in the only slot$/);
    expect(paused).toBe('queue default was paused by cli:local');
    expect(await held()).toBe('no task may start: everything is frozen');
  });

  it('counts how long nothing ended while there was work, and how long that was usual', async () => {
    const world = await start();
    const idle = async () => (await world.queues.view('default'))?.idle;
    const unknown = await idle();
    await world.submit('a');
    await world.clock.advance(seconds(3));
    await world.runs[0]?.end();
    await world.clock.advance(minutes(60));
    const asleep = await idle();
    await world.submit('b');
    await world.clock.advance(seconds(20));

    expect(unknown).toBeUndefined();
    expect(asleep).toEqual({ current: 0, longest: 3_000 });
    expect(await idle()).toEqual({ current: 20_000, longest: 3_000 });
  });
});

describe('pause, drain and redistribute', () => {
  it('starts nothing while paused, over a restart, until the time is over', async () => {
    const folder = temporaryFolder();
    const world = await start({ folder });
    await world.queues.pause('default', minutes(5), asked);
    await world.submit('a');

    const later = await restart(folder, { clock: world.clock });
    const during = [world.started().length, later.started().length];
    await later.clock.advance(minutes(6));
    await settled(later);

    expect(during).toEqual([0, 0]);
    expect(later.started()).toEqual(['a']);
  });

  it('takes nothing new while drained and runs what waits, until resumed', async () => {
    const world = await start();
    await world.submit('a');
    await world.submit('b');
    await world.queues.drain('default', asked);

    const refused = await world.submit('c');
    await world.runs[0]?.end();
    await world.queues.resume('default', asked);

    expect(refused.kind).toBe('refused');
    expect(world.started()).toEqual(['a', 'b']);
    expect((await world.submit('d')).kind).toBe('accepted');
  });

  it('moves waiting tasks to another queue, where they run', async () => {
    const world = await start({ queues: [queueSettings(), queueSettings({ name: 'spare' })] });
    await world.submit('busy');
    await world.submit('a');

    const would = await world.queues.redistribute('default', 'spare', {}, { ...asked, dryRun: true });
    const moved = await world.queues.redistribute('default', 'spare', {}, asked);
    await settled(world);

    expect([would, moved]).toMatchObject([
      { kind: 'would', count: 1 },
      { kind: 'done', count: 1 },
    ]);
    expect(world.started()).toEqual(['busy', 'a']);
    expect(await world.queues.view('spare')).toMatchObject({ running: 1 });
  });

  it('starts nothing while everything is frozen, and goes on afterwards', async () => {
    const world = await start();
    world.blocked = 'everything is frozen';
    await world.submit('a');
    const frozen = world.started().length;

    world.blocked = null;
    world.queues.wakeAll();
    await settled(world);

    expect([frozen, world.started().length]).toEqual([0, 1]);
  });
});

describe('ends', () => {
  it('tries a failed task again with back-off, then keeps it as a dead letter with the reason', async () => {
    const world = await start({ tasks: [taskCommand({ attempts: 2, backoff: seconds(10) })] });
    await world.submit('a');

    await world.runs[0]?.end({ kind: 'failed', why: 'it exited with 1' });
    const waiting = await world.stateOf('a');
    await world.clock.advance(seconds(11));
    await settled(world);
    await world.runs[1]?.end({ kind: 'failed', why: 'it exited with 1' });

    expect(waiting).toBe('delayed');
    const { tasks } = await world.queues.list({ state: 'dead', limit: 5 });
    expect(tasks).toMatchObject([{ attempts: 2, state: { reason: 'it exited with 1 (start 2 of 2)' } }]);
  });

  it('takes a waiting task back and ends a running one', async () => {
    const world = await start();
    const running = await world.submit('a');
    const waiting = await world.submit('b');
    const ids = [running, waiting].map((result) => (result.kind === 'accepted' ? result.task.id : ''));

    const answers = [];
    for (const id of [ids[1] ?? '', ids[0] ?? '']) answers.push(await world.queues.cancel(id, asked));
    const again = await world.queues.cancel(ids[0] ?? '', asked);

    expect(answers).toMatchObject([{ kind: 'done' }, { kind: 'done' }]);
    expect([await world.stateOf('a'), await world.stateOf('b')]).toEqual(['cancelled', 'cancelled']);
    expect(again).toMatchObject({ kind: 'refused' });
    expect(world.started()).toEqual(['a']);
  });

  it('shows progress and the last lines of a task while it runs', async () => {
    const world = await start();
    const result = await world.submit('a');
    world.runs[0]?.hooks.notes.log.push('half way');
    if (world.runs[0] !== undefined) world.runs[0].hooks.notes.progress = 0.5;

    const detail = await world.queues.task(result.kind === 'accepted' ? result.task.id : '');

    expect(detail).toMatchObject({ task: { progress: 0.5 }, log: ['half way'] });
  });
});

describe('after a kill', () => {
  it('runs an idempotent task again and makes a dead letter of another, each with the reason', async () => {
    const folder = temporaryFolder();
    const tasks = [
      taskCommand({ name: 'job' }),
      taskCommand({ name: 'safe', idempotent: true, attempts: 3 }),
    ];
    const world = await start({ folder, tasks, queues: [queueSettings({ concurrency: 2 })] });
    await world.submit('once');
    await world.submit('again', { name: 'safe' });

    const later = await restart(folder, { tasks, queues: [queueSettings({ concurrency: 2 })] });

    expect(world.started()).toEqual(['once', 'again']);
    expect(later.started()).toEqual(['again']);
    const { tasks: dead } = await later.queues.list({ state: 'dead', limit: 5 });
    expect(dead).toMatchObject([{ name: 'job', attempts: 1 }]);
    expect(dead[0]?.state).toHaveProperty('reason', expect.stringContaining('was not run again'));
  });

  it('never runs a task beside itself: what may still run is left alone and told', async () => {
    const folder = temporaryFolder();
    const tasks = [taskCommand({ idempotent: true, attempts: 3 })];
    const world = await start({ folder, tasks });
    await world.submit('a');
    world.runs[0]?.hooks.onStart(4_242);
    await settled(world);

    const later = await restart(folder, {
      tasks,
      processes: {
        identify: (pid) => ({ pid, startTicks: 1, bootId: 'boot' }),
        liveness: () => 'unknown',
      },
    });

    expect(later.started()).toEqual([]);
    expect(await later.stateOf('a')).toBe('dead');
  });

  it('keeps everything that was accepted and everything that ended, over segments and compactions', async () => {
    const folder = temporaryFolder();
    const options = { folder, quick: true, segmentBytes: 4_000, queues: [queueSettings({ concurrency: 4 })] };
    const world = await start(options);
    for (let index = 0; index < 20; index += 1) await world.submit(`t${index}`, { key: `k${index}` });
    await world.submit('waits', { delay: hours(1) });
    for (let turn = 1; turn <= 30; turn += 1) {
      const changes = Array.from({ length: 20 }, () =>
        world.queues.changePriority('default', turn, {}, asked),
      );
      await Promise.all(changes);
    }

    const later = await restart(folder, options);

    expect(later.started()).toEqual([]);
    expect(await later.queues.list({ state: 'done', limit: 500 })).toMatchObject({ total: 20 });
    const { tasks } = await later.queues.list({ state: 'delayed', limit: 5 });
    expect(tasks).toMatchObject([{ variables: { id: 'waits' }, priority: 30 }]);
    const files = readdirSync(folder).filter((name) => name.startsWith('journal-'));
    expect(files.length).toBeLessThan(10);
    expect(files).not.toContain('journal-00000001.jsonl');
  });

  it('cuts a torn last line off, and counts it', async () => {
    const folder = temporaryFolder();
    const world = await start({ folder });
    await world.submit('a', { delay: hours(1) });
    const [file = ''] = readdirSync(folder);
    appendFileSync(join(folder, file), '{"s":99,"r":"ad');

    const later = await restart(folder);

    expect(await later.stateOf('a')).toBe('delayed');
    expect(later.log.lines).toContainEqual(expect.objectContaining({ level: 'warn', fields: { bytes: 15 } }));
  });

  it('starts nothing where lines in the middle are damaged, keeps the file, and says so once', async () => {
    const folder = temporaryFolder();
    const world = await start({ folder });
    await world.submit('a', { delay: seconds(1) });
    await world.submit('b', { delay: seconds(1) });
    const file = join(folder, readdirSync(folder)[0] ?? '');
    const text = readFileSync(file, 'utf8');
    truncateSync(file);
    writeFileSync(file, text.replace('{"s":2,', '{"s":2'));

    const later = await restart(folder);
    await later.clock.advance(seconds(5));
    await settled(later);
    const again = await restart(folder);

    expect(later.started()).toEqual([]);
    expect(await later.queues.view('default')).toMatchObject({ paused: true });
    expect(later.queues.complaints()[0]).toContain('could not be read');
    expect(readdirSync(folder).some((name) => name.startsWith('damaged-'))).toBe(true);
    expect(again.queues.complaints()).toEqual([]);
  });
});
