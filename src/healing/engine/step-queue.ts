/**
 * One job at a time for each incident, in order. A job that throws is logged and its incident put off for a while;
 * the others go on.
 */
import { describeError, OpsError } from '../../domain/errors.ts';
import type { Clock, Logger } from '../../domain/ports.ts';
import { type Ms, seconds } from '../../domain/units.ts';

const PUT_OFF: Ms = seconds(30);

export interface StepQueue {
  /** Runs the step of an incident soon; asking again before it began changes nothing. */
  poke(id: string): void;
  /** Runs a job in the same order as the steps, and hands its result back. */
  run<T>(id: string, job: () => Promise<T>): Promise<T>;
  isPutOff(id: string): boolean;
  /** Takes nothing new; resolves when what was begun has ended. */
  stop(): Promise<void>;
}

export function createStepQueue(
  step: (id: string) => Promise<void>,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): StepQueue {
  const tails = new Map<string, Promise<void>>();
  const poked = new Set<string>();
  const putOff = new Map<string, number>();
  let isStopped = false;

  function enqueue<T>(id: string, job: () => Promise<T>): Promise<T> {
    const result = (tails.get(id) ?? Promise.resolve()).then(job);
    const tail: Promise<void> = result
      .then(
        () => {},
        () => {}, // whoever asked for the job hears of its failure
      )
      .then(() => {
        if (tails.get(id) === tail) tails.delete(id);
      });
    tails.set(id, tail);
    return result;
  }

  async function take(id: string): Promise<void> {
    poked.delete(id);
    if (isStopped) return;
    try {
      await step(id);
      putOff.delete(id);
    } catch (cause) {
      putOff.set(id, clock.monotonic() + PUT_OFF);
      log.error('incident step failed and is put off', { incidentId: id, error: describeError(cause) });
    }
  }

  return {
    poke(id) {
      if (isStopped || poked.has(id)) return;
      poked.add(id);
      void enqueue(id, () => take(id));
    },
    run(id, job) {
      if (isStopped) return Promise.reject(new OpsError('NOT_RUNNING', 'healing is stopping'));
      return enqueue(id, job);
    },
    isPutOff: (id) => clock.monotonic() < (putOff.get(id) ?? 0),
    async stop() {
      isStopped = true;
      await Promise.all(tails.values());
    },
  };
}
