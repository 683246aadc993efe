/**
 * Start in order, stop in reverse, each step with a deadline that holds even when the step ignores it.
 *
 * A failed start stops what already runs. `start()` twice is the same promise, and so is `stop()`; a half-failed
 * start can still be stopped.
 */
import { describeError, OpsError } from '../domain/errors.ts';
import type { Clock, Logger } from '../domain/ports.ts';
import { type Ms, ms, seconds } from '../domain/units.ts';

const STEP_LIMIT: Ms = seconds(5);
const STOP_LIMIT: Ms = seconds(9);
const START_LIMIT: Ms = seconds(30);

/** One part of the bot with a life of its own. */
export interface Part {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface Lifecycle {
  start(): Promise<void>;
  /** Never rejects: a part that cannot stop is logged and left behind. */
  stop(): Promise<void>;
}

export function createLifecycle(
  parts: readonly Part[],
  deps: { readonly clock: Clock; readonly log: Logger },
): Lifecycle {
  const running: Part[] = [];
  let starting: Promise<void> | undefined;
  let stopping: Promise<void> | undefined;

  async function startAll(): Promise<void> {
    for (const part of parts) {
      running.push(part);
      try {
        await within(deps.clock, START_LIMIT, part.start());
      } catch (cause) {
        await stop();
        throw cause;
      }
      if (stopping !== undefined) return;
    }
  }

  async function stopAll(): Promise<void> {
    const begun = deps.clock.monotonic();
    for (const part of running.splice(0).reverse()) {
      const left = STOP_LIMIT - (deps.clock.monotonic() - begun);
      try {
        await within(deps.clock, ms(Math.max(100, Math.min(STEP_LIMIT, left))), part.stop());
      } catch (cause) {
        deps.log.error('part did not stop', { part: part.name, error: describeError(cause) });
      }
    }
  }

  function stop(): Promise<void> {
    stopping ??= stopAll();
    return stopping;
  }

  return {
    start() {
      starting ??= startAll();
      return starting;
    },
    stop,
  };
}

/**
 * The outcome of `work`, or `DEADLINE` after `span`, whatever `work` does.
 *
 * @throws OpsError `DEADLINE`
 */
export function within<T>(clock: Clock, span: Ms, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.in(span, () =>
      reject(new OpsError('DEADLINE', `took longer than ${Math.round(span / 1_000)} s`)),
    );
    work.then(resolve, reject).finally(cancel);
  });
}
