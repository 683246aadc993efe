/**
 * A clock that somebody moves: for replaying the past with the code of the present. It holds no timer of the system
 * and never moves backwards.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Cancel, Clock } from '../domain/ports.ts';
import { type EpochMs, epochMs, type Ms, ms } from '../domain/units.ts';

export interface VirtualClock extends Clock {
  /**
   * Moves to `at` in steps of `step`; what fell due meanwhile runs once at the end of each step, in order, and
   * everything that waits on it settles before the next.
   */
  advanceTo(at: EpochMs, step: Ms): Promise<void>;
}

interface Timer {
  readonly due: number;
  readonly fn: () => void;
}

export function createVirtualClock(start: EpochMs): VirtualClock {
  let now: number = start;
  const timers = new Set<Timer>();

  function schedule(span: number, fn: () => void): Cancel {
    const timer: Timer = { due: now + Math.max(0, span), fn };
    timers.add(timer);
    return () => void timers.delete(timer);
  }

  async function runDue(): Promise<void> {
    for (;;) {
      const due = [...timers].filter((timer) => timer.due <= now).sort((a, b) => a.due - b.due);
      if (due.length === 0) return;
      for (const timer of due) {
        if (timers.delete(timer)) timer.fn();
      }
      await nextTurn();
    }
  }

  return {
    now: () => epochMs(now),
    monotonic: () => ms(now - start),
    sleep: (span, signal) => sleep(span, signal, schedule),
    every(span, fn) {
      let cancel: Cancel = () => {};
      let stopped = false;
      const turn = (): void => {
        void Promise.resolve(fn()).then(() => {
          if (!stopped) cancel = schedule(span, turn);
        });
      };
      cancel = schedule(span, turn);
      return () => {
        stopped = true;
        cancel();
      };
    },
    in: schedule,
    deadline(span) {
      const controller = new AbortController();
      schedule(span, () => controller.abort(new DOMException('The operation timed out', 'TimeoutError')));
      return controller.signal;
    },
    async advanceTo(at, step) {
      while (now < at) {
        now = Math.min(at, now + step);
        await runDue();
      }
    },
  };
}

function sleep(
  span: Ms,
  signal: AbortSignal | undefined,
  schedule: (span: number, fn: () => void) => Cancel,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const cancel = schedule(span, resolve);
    const giveUp = (): void => {
      cancel();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', giveUp, { once: true });
  });
}
