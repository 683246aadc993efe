/** BullMQ queues of somebody else's system, on a real redis-server that is frozen, killed and started again. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker, type WorkerOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createQueueBrake } from '../../src/app/queue-brake.ts';
import type { QueueCall, TaskQueue, TaskRequest } from '../../src/domain/queue.ts';
import { hours, ms, ratio, seconds } from '../../src/domain/units.ts';
import { createSystemClock } from '../../src/platform/clock.ts';
import { createBullQueues } from '../../src/platform/queue/bullmq.ts';
import type { RemoteEngine } from '../../src/platform/queue/queues.ts';
import { type BullQueueSettings, USUAL_CLASSES } from '../../src/platform/queue/settings.ts';
import { until } from '../support/bot-process.ts';
import { createMemoryLogger, createMemoryStateStore } from '../support/memory-ports.ts';
import { hasRedis, type RedisProcess, startRedis } from '../support/redis-process.ts';

const call: QueueCall = { by: 'cli:local', dryRun: false };
const clock = createSystemClock();
const folder = mkdtempSync(join(tmpdir(), 'nightshift-redis-'));
const ends: (() => unknown)[] = [];
let redis: RedisProcess;
let engine: RemoteEngine;

function settingsOf(name: string): BullQueueSettings {
  return { engine: 'bullmq', name, queue: name, prefix: 'bull', jobNames: ['send'], stuckAfter: hours(1) };
}

const NAMES = ['rates', 'mail', 'from', 'to', 'orphans', 'stays', 'limits', 'braked', 'away', 'spare'];

function build(): RemoteEngine {
  const settings = () => ({ queues: NAMES.map(settingsOf), tasks: [], classes: USUAL_CLASSES });
  const made = createBullQueues({ url: redis.url, settings, clock, log: createMemoryLogger() });
  ends.push(() => made.close());
  return made;
}

function connection(): Redis {
  const client = new Redis(redis.url, { maxRetriesPerRequest: null });
  client.on('error', () => {}); // the server is killed on purpose
  ends.push(() => client.disconnect());
  return client;
}

function user(name: string): Queue {
  const queue = new Queue(name, { connection: connection() });
  queue.on('error', () => {});
  return queue;
}

function worker(name: string, run: () => Promise<unknown>, options: Partial<WorkerOptions> = {}): Worker {
  const made = new Worker(name, run, { connection: connection(), ...options });
  made.on('error', () => {});
  ends.push(() => made.close(true));
  return made;
}

const send = (over: Partial<TaskRequest> = {}): TaskRequest => ({
  name: 'send',
  queue: 'mail',
  class: null,
  priority: null,
  variables: { to: '7' },
  delay: ms(0),
  key: null,
  ...over,
});

describe.skipIf(!hasRedis)(
  'createBullQueues, on a real redis-server (skipped where it is not installed)',
  () => {
    beforeAll(async () => {
      redis = await startRedis(folder);
      engine = build();
    });
    afterAll(async () => {
      for (const end of ends.reverse()) await end();
      await redis?.end();
      rmSync(folder, { recursive: true, force: true });
    });

    it('counts jobs with and without a priority, and those that were removed when they were done', async () => {
      const queue = user('rates');
      await queue.add('a', {});
      await queue.add('b', {}, { priority: 5 });
      await queue.add('c', {}, { delay: 600_000 });

      const before = await engine.view('rates');
      worker('rates', async () => 1, { removeOnComplete: { count: 0 } });
      const after = await until(5_000, async () => {
        const view = await engine.view('rates');
        return view?.ratePerMinute === 2 ? view : undefined;
      });

      expect(before).toMatchObject({ depth: 3, running: 0, ratePerMinute: 0, workers: 0, reason: '' });
      expect(after).toMatchObject({ depth: 1, running: 0, workers: 1 });
    });

    it('submits jobs under configured names only, and one key is one job', async () => {
      const first = await engine.submit(send({ key: 'order 7' }), call);
      const again = await engine.submit(send({ key: 'order 7' }), call);

      expect(first).toMatchObject({ kind: 'accepted', task: { queue: 'mail', name: 'send', priority: 50 } });
      expect(again).toMatchObject({ kind: 'existing' });
      expect(await engine.submit(send({ name: 'evil' }), call)).toMatchObject({ kind: 'refused' });
      expect(await engine.submit(send({ class: 'batch' }), call)).toMatchObject({ kind: 'invalid' });
      expect(await engine.list({ queue: 'mail', limit: 10 })).toMatchObject({ total: 1, unknown: [] });
      const id = first.kind === 'accepted' ? first.task.id : '';
      expect((await engine.task(id))?.task.variables).toEqual({ to: '7' });
      expect(await engine.cancel(id, call)).toMatchObject({ kind: 'done' });
      expect(await engine.cancel(id, call)).toMatchObject({ kind: 'not_found' });
    });

    it('moves jobs with their priority, the rest of their delay and the rest of their attempts, once', async () => {
      const queue = user('from');
      await queue.add('a', { n: 1 }, { priority: 3, attempts: 4 });
      await queue.add('b', { n: 2 }, { delay: 600_000 });

      const would = await engine.redistribute('from', 'to', {}, { ...call, dryRun: true });
      const moved = await engine.redistribute('from', 'to', {}, call);
      const again = await engine.redistribute('from', 'to', {}, call);

      expect([would, moved, again]).toMatchObject([
        { kind: 'would', count: 2 },
        { kind: 'done', count: 2 },
        { kind: 'done', count: 0 },
      ]);
      const there = await user('to').getJobs(['prioritized', 'delayed']);
      expect(there.map(({ name, data, priority }) => ({ name, data, priority }))).toEqual([
        { name: 'a', data: { n: 1 }, priority: 3 },
        { name: 'b', data: { n: 2 }, priority: 0 },
      ]);
      expect(there[0]?.opts.attempts).toBe(4);
      expect(there[1]?.delay).toBeGreaterThan(590_000);
    });

    it('loses no job where the other queue still has a finished one of the same id', async () => {
      const queue = user('stays');
      await queue.add('a', {});
      await user('spare').add('a', {}, { jobId: 'from-stays-1' });
      const busy = worker('spare', async () => 1);
      await until(5_000, async () => (await engine.view('spare'))?.depth === 0);
      await busy.close();

      const moved = await engine.redistribute('stays', 'spare', {}, call);

      expect(moved).toMatchObject({ kind: 'done', count: 0 });
      expect(await engine.view('stays')).toMatchObject({ depth: 1 });
    });

    it('finds jobs whose worker died by their lock, frees those alone, and changes priorities of waiting ones alone', async () => {
      const queue = user('orphans');
      await queue.add('a', {}, { priority: 9 });
      const dying = worker('orphans', () => new Promise(() => {}), {
        lockDuration: 600,
        stalledInterval: 600_000,
      });
      await until(5_000, async () => (await engine.view('orphans'))?.running === 1);
      const healthy = [await engine.stuck('orphans'), await engine.freeStuck('orphans', call)];
      await dying.close(true);
      const stuck = await until(5_000, async () => {
        const found = await engine.stuck('orphans');
        return found !== null && found !== undefined && found.length > 0 ? found : undefined;
      });

      expect(healthy).toMatchObject([[], { kind: 'done', count: 0 }]);
      expect(stuck[0]?.reason).toContain('lock is gone');
      expect(await engine.changePriority('orphans', 1, {}, call)).toMatchObject({ count: 0 });
      expect(await engine.freeStuck('orphans', call)).toMatchObject({ kind: 'done', count: 1 });
      expect(await engine.view('orphans')).toMatchObject({ running: 0, dead: 1, stuck: 0 });
    });

    it('pauses and resumes, and refuses what it cannot keep', async () => {
      await user('mail').add('a', {});

      await engine.pause('mail', null, call);
      const paused = await engine.view('mail');
      await engine.resume('mail', call);

      expect(paused).toMatchObject({ paused: true, depth: 1 });
      expect(await engine.view('mail')).toMatchObject({ paused: false });
      expect(await engine.pause('mail', hours(1), call)).toMatchObject({ kind: 'refused' });
      expect(await engine.drain('mail', call)).toMatchObject({ kind: 'refused' });
      expect(await engine.holdClass('mail', 'batch', hours(1), call)).toMatchObject({ kind: 'refused' });
    });

    it('gives back lowered limits, also those of a process that died', async () => {
      const queue = user('limits');
      await queue.setGlobalConcurrency(7);
      await engine.view('limits');

      await engine.setLimits('limits', { concurrency: 1, rate: { max: 5, per: ms(1_000) } }, call);
      await engine.setLimits('limits', { concurrency: 2 }, call);
      const lowered = await engine.view('limits');
      const after = await build().view('limits');

      expect(lowered).toMatchObject({ concurrency: 2, rate: { max: 5, per: 1_000 } });
      expect(after).toMatchObject({ concurrency: 7, rate: null });
    });

    it('is braked by the throttle ladder in places and starts, and gets both back', async () => {
      const queue = user('braked');
      await queue.setGlobalConcurrency(8);
      await queue.setGlobalRateLimit(100, 1_000);
      const port = { ...engine, names: () => ['braked'], processes: () => [] } as unknown as TaskQueue;
      const brake = createQueueBrake({ port, states: createMemoryStateStore(), mayHold: () => true });

      expect(await brake.hold({ batch: ratio(0), others: ratio(0.5), span: seconds(15) })).toEqual([]);
      const lowered = await engine.view('braked');
      expect(await brake.hold(null)).toEqual([]);

      expect(lowered).toMatchObject({ concurrency: 4, rate: { max: 50, per: 1_000 } });
      expect(await engine.view('braked')).toMatchObject({ concurrency: 8, rate: { max: 100, per: 1_000 } });
    });

    it('says unknown within 2 s while Redis is frozen or away, sends nothing later, and sees again when it is back', async () => {
      await engine.view('away');
      const timed = async <T>(ask: () => Promise<T>): Promise<{ value: T; took: number }> => {
        const begun = performance.now();
        return { value: await ask(), took: performance.now() - begun };
      };

      await redis.signal('SIGSTOP');
      const frozen = await timed(() => engine.view('away'));
      await redis.signal('SIGCONT');
      await until(5_000, async () => (await engine.view('away'))?.depth === 0);
      await redis.signal('SIGKILL');
      const away = await timed(() => engine.submit(send({ queue: 'away' }), call));
      const view = await timed(() => engine.view('away'));
      const listed = await engine.list({ queue: 'away', limit: 5 });
      await redis.restart();
      const back = await until(8_000, async () => {
        const seen = await engine.view('away');
        return seen?.depth === null ? undefined : seen;
      });

      expect(frozen.value).toMatchObject({ depth: null, running: null, paused: null });
      expect(away.value).toMatchObject({ kind: 'unknown' });
      expect(view.value?.depth).toBeNull();
      expect(listed).toMatchObject({ tasks: [], total: null });
      expect(Math.max(frozen.took, away.took, view.took)).toBeLessThan(4_000);
      expect(back).toMatchObject({ depth: 0, reason: '' });
      expect(await engine.submit(send({ queue: 'away' }), call)).toMatchObject({ kind: 'accepted' });
    });
  },
);
