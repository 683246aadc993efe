import { describe, expect, it } from 'vitest';
import type { QueueTarget } from '../../../../src/domain/target.ts';
import { minutes } from '../../../../src/domain/units.ts';
import { createQueueDriver, type QueueDoor } from '../../../../src/healing/targets/queue.ts';

const TARGET: QueueTarget = {
  name: 'mails',
  kind: 'queue',
  queue: 'mails',
  overflow: null,
  critical: false,
  dependsOn: [],
  group: null,
  probes: [],
};
const signal = new AbortController().signal;
const MOVE = { capability: 'redistribute', to: 'slow' } as const;
const LIMIT = { capability: 'rate_limit', perSecond: 0.5, span: minutes(15) } as const;

function stage(
  over: Partial<QueueTarget> = {},
  answer: Awaited<ReturnType<QueueDoor['setLimits']>> = { kind: 'done', text: '3 moved' },
) {
  const calls: unknown[] = [];
  const door: QueueDoor = {
    names: () => ['mails', 'slow'],
    readings: async () => [{ queue: 'mails', depth: 7, reason: '' }],
    redistribute: async (from, to) => {
      calls.push([from, to]);
      return answer;
    },
    setLimits: async (queue, limits) => {
      calls.push([queue, limits]);
      return answer;
    },
  };
  return { driver: createQueueDriver({ ...TARGET, ...over }, door), calls };
}

describe('createQueueDriver', () => {
  it('moves what waits to where the rung or the target says', async () => {
    const { driver, calls } = stage({ overflow: 'slow' });
    expect(driver.describe(MOVE)).toMatchObject({
      effect: 'move the waiting tasks of queue mails to queue slow',
    });
    expect(await driver.perform(MOVE, signal)).toEqual({ kind: 'succeeded', note: '3 moved' });
    await driver.perform({ capability: 'redistribute', to: null }, signal);
    expect(calls).toEqual([
      ['mails', 'slow'],
      ['mails', 'slow'],
    ]);
  });

  it('slows down and gives back', async () => {
    const { driver, calls } = stage();
    await driver.perform(LIMIT, signal);
    await driver.undo(LIMIT, signal);
    expect(calls).toEqual([
      ['mails', { rate: { max: 1, per: 2_000 } }],
      ['mails', { rate: null }],
    ]);
  });

  it('cannot move nowhere, to itself, or to a queue that is not there', () => {
    const { driver } = stage();
    for (const to of [null, 'mails', 'gone']) {
      expect(driver.describe({ capability: 'redistribute', to })).toMatchObject({ kind: 'cannot' });
    }
    expect(stage({ queue: 'gone' }).driver.describe(LIMIT)).toMatchObject({
      reason: 'there is no queue gone',
    });
    expect(createQueueDriver(TARGET, null).describe(LIMIT)).toMatchObject({ kind: 'cannot' });
  });

  it('tells from a reading whether it can be read, and takes no answer for unknown', async () => {
    const { driver } = stage({}, { kind: 'unknown', reason: 'Redis is slow' });
    await driver.refresh();
    expect(driver.state()).toMatchObject({ up: true, reason: '7 waiting' });
    expect(await driver.perform(MOVE, signal)).toEqual({ kind: 'unknown', reason: 'Redis is slow' });
  });
});
