import { describe, expect, it } from 'vitest';
import { seconds } from '../../../../src/domain/units.ts';
import { createStepQueue } from '../../../../src/healing/engine/step-queue.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { createMemoryLogger } from '../../../support/memory-ports.ts';

function stage(step: (id: string) => Promise<void>) {
  const clock = createFakeClock();
  const log = createMemoryLogger();
  return { clock, log, queue: createStepQueue(step, { clock, log }) };
}

describe('createStepQueue', () => {
  it('runs one job of an incident at a time and in order; incidents do not wait for one another', async () => {
    const order: string[] = [];
    let release = (): void => {};
    const { clock, queue } = stage(async (id) => {
      order.push(`begin ${id}`);
      if (id === 'a') await new Promise<void>((resolve) => (release = resolve));
      order.push(`end ${id}`);
    });
    queue.poke('a');
    queue.poke('b');
    const result = queue.run('a', async () => 7);
    await clock.settle();
    expect(order).toEqual(['begin a', 'begin b', 'end b']);
    release();
    expect(await result).toBe(7);
    expect(order.at(-1)).toBe('end a');
  });

  it('takes many pokes for one', async () => {
    let runs = 0;
    const { clock, queue } = stage(async () => {
      runs += 1;
    });
    for (let times = 0; times < 10; times += 1) queue.poke('a');
    await clock.settle();
    expect(runs).toBe(1);
    queue.poke('a');
    await clock.settle();
    expect(runs).toBe(2);
  });

  it('puts the one that throws off and goes on with the rest', async () => {
    let isBroken = true;
    const { clock, log, queue } = stage(async (id) => {
      if (id === 'a' && isBroken) throw new Error('disk full');
    });
    queue.poke('a');
    queue.poke('b');
    await clock.settle();
    expect(queue.isPutOff('a')).toBe(true);
    expect(queue.isPutOff('b')).toBe(false);
    expect(log.lines).toMatchObject([{ level: 'error', fields: { incidentId: 'a' } }]);
    await clock.advance(seconds(31));
    expect(queue.isPutOff('a')).toBe(false);
    isBroken = false;
    await expect(queue.run('a', () => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
  });

  it('stops when what was begun has ended, and takes nothing new', async () => {
    let release = (): void => {};
    const ran: string[] = [];
    const { clock, queue } = stage(async (id) => {
      ran.push(id);
      await new Promise<void>((resolve) => (release = resolve));
    });
    queue.poke('a');
    await clock.settle();
    const stopped = queue.stop();
    queue.poke('b');
    await expect(queue.run('c', async () => 1)).rejects.toMatchObject({ code: 'NOT_RUNNING' });
    release();
    await stopped;
    expect(ran).toEqual(['a']);
  });
});
