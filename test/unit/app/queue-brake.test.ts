import { describe, expect, it } from 'vitest';
import { createQueueBrake } from '../../../src/app/queue-brake.ts';
import type { TaskQueue } from '../../../src/domain/queue.ts';
import type { QueueBrake } from '../../../src/domain/throttle.ts';
import { minutes, ms, ratio, seconds } from '../../../src/domain/units.ts';
import { createEmbeddedWorld, type EmbeddedWorld, queueSettings } from '../../support/embedded-world.ts';
import { createMemoryStateStore } from '../../support/memory-ports.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const RATE = { max: 120, per: minutes(1) };
const hold = (batch: number, others: number) => ({
  batch: ratio(batch),
  others: ratio(others),
  span: seconds(15),
});

async function setUp() {
  const folder = temporaryFolder();
  const states = createMemoryStateStore();
  /** A new process over the same disk. */
  async function start(): Promise<{ readonly world: EmbeddedWorld; readonly brake: QueueBrake }> {
    const queues = [queueSettings({ concurrency: 4, rate: RATE }), queueSettings({ name: 'vital' })];
    const world = createEmbeddedWorld({ folder, queues });
    await world.queues.start();
    const port: TaskQueue = { ...world.queues, readings: async () => [], views: async () => [] };
    return { world, brake: createQueueBrake({ port, states, mayHold: (name) => name !== 'vital' }) };
  }
  return { start, states };
}

describe('createQueueBrake', () => {
  it('lowers places and starts of a queue, never those of critical work, and gives both back', async () => {
    const { world, brake } = await (await setUp()).start();

    expect(await brake.hold(hold(0, 0.5))).toEqual([]);
    expect(await world.queues.view('default')).toMatchObject({
      concurrency: 2,
      rate: { max: 60, per: minutes(1) },
      held: [{ class: 'batch' }],
    });
    await world.submit('nightly', { class: 'batch' });
    await world.submit('urgent', { class: 'critical' });
    expect(world.started()).toEqual(['urgent']);

    expect(await brake.hold(null)).toEqual([]);
    expect(await world.queues.view('default')).toMatchObject({ concurrency: 4, rate: RATE, held: [] });
    expect(await brake.isHeld()).toBe(false);
  });

  it('always lowers from what stood at the beginning, however often it is asked', async () => {
    const { world, brake } = await (await setUp()).start();

    for (const others of [0.75, 0.5, 0.5, 0.25]) await brake.hold(hold(0, others));

    expect(await world.queues.view('default')).toMatchObject({
      concurrency: 1,
      rate: { max: 30, per: minutes(1) },
    });
  });

  it('spaces single starts where only a few a minute are left', async () => {
    const { world, brake } = await (await setUp()).start();
    world.settings = {
      ...world.settings,
      queues: [queueSettings({ rate: { max: 6, per: minutes(1) } })],
    };

    await brake.hold(hold(0, 0.5));

    expect(await world.queues.view('default')).toMatchObject({ rate: { max: 1, per: ms(20_000) } });
  });

  it('keeps what stood before on disk, so that the next process gives it back', async () => {
    const { start, states } = await setUp();
    await (await start()).brake.hold(hold(0, 0.5));
    expect(states.saved.get('queue-brake')).toContain('"concurrency":4');

    const { world, brake } = await start();
    expect(await brake.isHeld()).toBe(true);
    await brake.hold(null);

    expect(await brake.isHeld()).toBe(false);
    expect(states.saved.get('queue-brake')).toBe('{"queues":{}}');
    expect(await world.queues.view('default')).toMatchObject({ concurrency: 4, rate: RATE });
  });

  it('leaves the queue of a critical target alone', async () => {
    const { world, brake } = await (await setUp()).start();

    await brake.hold(hold(0, 0.25));

    expect(await world.queues.view('vital')).toMatchObject({ concurrency: 1, rate: null, held: [] });
  });

  it('counts what could be held now: waiting batch and normal tasks, not critical ones', async () => {
    const { world, brake } = await (await setUp()).start();
    world.blocked = 'nothing starts in this test';
    for (const kind of ['batch', 'batch', 'normal', 'critical'] as const) {
      await world.submit(`one-${world.runs.length}`, { class: kind });
    }

    expect(await brake.load()).toEqual({ batch: 2, others: 3 });
  });
});
