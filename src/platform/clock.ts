/**
 * The system clock: the only caller of Date and timers.
 *
 * `every` waits for the call before it counts the next span, so a slow call never piles up, and goes on after a
 * call that threw. A span longer than Node's timers can hold is waited for in pieces, never cut short. Timers
 * keep the process alive until they are cancelled; a deadline alone does not.
 */
import { performance } from 'node:perf_hooks';
import type { Cancel, Clock } from '../domain/ports.ts';
import { type EpochMs, epochMs, type Ms, ms } from '../domain/units.ts';

/** Node's timers overflow past this and fire at once. */
const LONGEST_TIMER = 2_147_483_647;

export function createSystemClock(): Clock {
  return { now, monotonic, sleep, every, in: later, deadline };
}

function now(): EpochMs {
  return epochMs(Date.now());
}

function monotonic(): Ms {
  return ms(performance.now());
}

function sleep(span: Ms, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = later(span, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function every(span: Ms, fn: () => void | Promise<void>): Cancel {
  let stopped = false;
  let cancel: Cancel = () => {};
  const turn = async (): Promise<void> => {
    try {
      await fn();
    } finally {
      if (!stopped) cancel = later(span, () => void turn());
    }
  };
  cancel = later(span, () => void turn());
  return () => {
    stopped = true;
    cancel();
  };
}

function later(span: Ms, fn: () => void): Cancel {
  return arm(span, fn, true);
}

/** Not `AbortSignal.timeout`: that refuses fractions, fires at once past 24 days and may be collected early. */
function deadline(span: Ms): AbortSignal {
  const controller = new AbortController();
  arm(span, () => controller.abort(new DOMException('The operation timed out', 'TimeoutError')), false);
  return controller.signal;
}

function arm(span: number, fn: () => void, holdsProcess: boolean): Cancel {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    const piece = Math.min(Math.max(left, 0), LONGEST_TIMER);
    timer = setTimeout(() => (left > piece ? wait(left - piece) : fn()), piece);
    if (!holdsProcess) timer.unref();
  };
  wait(span);
  return () => clearTimeout(timer);
}
