import { describe, expect, it } from 'vitest';
import { epochMs, ms, seconds } from '../../../src/domain/units.ts';
import { createVirtualClock } from '../../../src/platform/virtual-clock.ts';

const START = epochMs(1_000_000);
const at = (second: number) => epochMs(START + second * 1_000);

describe('createVirtualClock', () => {
  it('shows one time by both clocks and moves only when it is moved', async () => {
    const clock = createVirtualClock(START);

    await clock.advanceTo(at(30), seconds(10));

    expect(clock.now()).toBe(at(30));
    expect(clock.monotonic()).toBe(30_000);
  });

  it('never moves backwards', async () => {
    const clock = createVirtualClock(at(60));

    await clock.advanceTo(at(10), seconds(10));

    expect(clock.now()).toBe(at(60));
  });

  it('runs what falls due at the end of each step, in the order in which it was due', async () => {
    const clock = createVirtualClock(START);
    const ran: string[] = [];
    const note = (name: string) => () => void ran.push(`${name} ${clock.monotonic()}`);
    clock.in(seconds(9), note('late'));
    clock.in(seconds(2), note('early'));
    clock.in(seconds(25), note('next'));
    clock.in(seconds(5), note('cancelled'))();

    await clock.advanceTo(at(30), seconds(10));

    expect(ran).toEqual(['early 10000', 'late 10000', 'next 30000']);
  });

  it('lets what waits on it settle before the next step, and runs what that asks for in the same moment', async () => {
    const clock = createVirtualClock(START);
    const seen: number[] = [];
    const work = async (): Promise<void> => {
      await clock.sleep(seconds(10));
      seen.push(clock.monotonic());
      await clock.sleep(ms(0));
      seen.push(clock.monotonic());
      await clock.sleep(seconds(10));
      seen.push(clock.monotonic());
    };
    void work();

    await clock.advanceTo(at(30), seconds(10));

    expect(seen).toEqual([10_000, 10_000, 20_000]);
  });

  it('repeats until it is told to stop', async () => {
    const clock = createVirtualClock(START);
    let turns = 0;
    const stop = clock.every(seconds(10), async () => {
      turns += 1;
    });

    await clock.advanceTo(at(35), seconds(5));
    stop();
    await clock.advanceTo(at(90), seconds(5));

    expect(turns).toBe(3);
  });

  it('gives up a sleep when its signal says so, and passes a deadline', async () => {
    const clock = createVirtualClock(START);
    const leaving = new AbortController();
    const sleeping = clock.sleep(seconds(100), leaving.signal).catch(() => 'given up');
    const deadline = clock.deadline(seconds(20));
    leaving.abort(new Error('enough'));

    await clock.advanceTo(at(19), seconds(1));
    expect(deadline.aborted).toBe(false);
    await clock.advanceTo(at(20), seconds(1));

    expect(await sleeping).toBe('given up');
    expect(deadline.aborted).toBe(true);
    await expect(clock.sleep(seconds(1), leaving.signal)).rejects.toThrow('enough');
  });
});
