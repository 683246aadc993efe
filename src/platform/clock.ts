/**
 * The system clock: the only caller of Date and timers.
 *
 * `every` waits for the call before it counts the next span, so a slow call never piles up. Timers keep the
 * process alive on purpose only while something that was started has not been stopped.
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
    await fn();
    if (!stopped) cancel = later(span, () => void turn());
  };
  cancel = later(span, () => void turn());
  return () => {
    stopped = true;
    cancel();
  };
}

function later(span: Ms, fn: () => void): Cancel {
  const timer = setTimeout(fn, Math.min(Math.max(span, 0), LONGEST_TIMER));
  return () => clearTimeout(timer);
}

function deadline(span: Ms): AbortSignal {
  return AbortSignal.timeout(Math.max(span, 0));
}
