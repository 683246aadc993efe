/**
 * A clock that moves only when told. `advance` runs every timer that falls due, in order, and lets promises
 * settle between them, so a whole night passes in milliseconds.
 */
import type { Cancel, Clock } from '../../src/domain/ports.ts';
import { type EpochMs, epochMs, type Ms, ms } from '../../src/domain/units.ts';

export interface FakeClock extends Clock {
  advance(span: Ms): Promise<void>;
  /** Moves the wall clock alone, as NTP or a person would. */
  jump(span: Ms): void;
  /** Lets everything that is already due settle. */
  settle(): Promise<void>;
}

interface Timer {
  due: number;
  fn: () => void;
}

export function createFakeClock(start = '2026-11-22T02:00:00.000Z'): FakeClock {
  let wall = Date.parse(start);
  let mono = 1_000_000;
  const timers = new Set<Timer>();

  function schedule(span: number, fn: () => void): Cancel {
    const timer: Timer = { due: mono + Math.max(0, span), fn };
    timers.add(timer);
    return () => void timers.delete(timer);
  }

  function nextDue(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.due <= until && (first === undefined || timer.due < first.due)) first = timer;
    }
    return first;
  }

  async function settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  async function advance(span: Ms): Promise<void> {
    const until = mono + span;
    await settle();
    for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
      wall += timer.due - mono;
      mono = timer.due;
      timers.delete(timer);
      timer.fn();
      await settle();
    }
    wall += until - mono;
    mono = until;
  }

  return {
    now: (): EpochMs => epochMs(wall),
    monotonic: (): Ms => ms(mono),
    sleep: (span, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const cancel = schedule(span, resolve);
        signal?.addEventListener(
          'abort',
          () => {
            cancel();
            reject(signal.reason);
          },
          { once: true },
        );
      }),
    every(span, fn) {
      let stopped = false;
      let cancel: Cancel = () => {};
      const turn = async (): Promise<void> => {
        await fn();
        if (!stopped) cancel = schedule(span, () => void turn());
      };
      cancel = schedule(span, () => void turn());
      return () => {
        stopped = true;
        cancel();
      };
    },
    in: (span, fn) => schedule(span, fn),
    deadline(span) {
      const controller = new AbortController();
      schedule(span, () => controller.abort(new DOMException('The operation timed out', 'TimeoutError')));
      return controller.signal;
    },
    advance,
    jump(span) {
      wall += span;
    },
    settle,
  };
}
