import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { days, ms, seconds } from '../../../src/domain/units.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';

describe('createSystemClock', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const clock = createSystemClock();

  it('measures spans by a clock that setting the date does not move', () => {
    const before = clock.monotonic();

    vi.setSystemTime(new Date('2099-01-01T00:00:00Z'));

    expect(clock.now()).toBe(Date.parse('2099-01-01T00:00:00Z'));
    expect(clock.monotonic() - before).toBeLessThan(1_000);
  });

  it('sleeps for the span, and wakes early with the reason of its signal', async () => {
    const reason = new Error('stopping');
    const controller = new AbortController();
    const slept = clock.sleep(seconds(1));
    const broken = clock.sleep(seconds(60), controller.signal).catch((cause: unknown) => cause);

    await vi.advanceTimersByTimeAsync(1_000);
    controller.abort(reason);

    await expect(slept).resolves.toBeUndefined();
    await expect(broken).resolves.toBe(reason);
    await expect(clock.sleep(ms(1), controller.signal)).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('never runs a slow call twice at a time', async () => {
    let running = 0;
    let most = 0;
    const stop = clock.every(seconds(1), async () => {
      running += 1;
      most = Math.max(most, running);
      await clock.sleep(seconds(5));
      running -= 1;
    });

    await vi.advanceTimersByTimeAsync(30_000);
    stop();

    expect(most).toBe(1);
  });

  it('goes on after a call that threw, and stops when told', async () => {
    let calls = 0;
    const thrown: unknown[] = [];
    const note = (cause: unknown): void => void thrown.push(cause);
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);

    const stop = clock.every(seconds(1), () => {
      calls += 1;
      throw new Error('one bad beat');
    });
    await vi.advanceTimersByTimeAsync(3_000);
    stop();
    stop();
    await vi.advanceTimersByTimeAsync(3_000);
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    process.removeListener('unhandledRejection', note);
    for (const other of others) process.on('unhandledRejection', other);

    expect(calls).toBe(3);
    expect(thrown).toHaveLength(3);
  });

  it('waits longer than one timer can hold instead of firing at once', async () => {
    let fired = 0;
    const stop = clock.in(days(30), () => {
      fired += 1;
    });
    const deadline = clock.deadline(days(30));

    await vi.advanceTimersByTimeAsync(days(29));
    expect([fired, deadline.aborted]).toEqual([0, false]);

    await vi.advanceTimersByTimeAsync(days(1));
    expect([fired, deadline.aborted]).toEqual([1, true]);
    stop();
  });

  it('takes a fraction of a millisecond as a deadline, and a past one at once', async () => {
    const short = clock.deadline(ms(1.5));
    const past = clock.deadline(ms(-5));

    await vi.advanceTimersByTimeAsync(2);

    expect(short.aborted).toBe(true);
    expect((short.reason as DOMException).name).toBe('TimeoutError');
    expect(past.aborted).toBe(true);
  });
});
