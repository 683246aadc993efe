/**
 * The order of a start: a worker waits until those it depends on run, but not for ever. Only where nothing runs yet; what
 * is taken over runs already, and what dies later is started again at once. The start of the bot waits for nobody.
 */
import type { Clock } from '../domain/ports.ts';
import { type Ms, minutes, ms } from '../domain/units.ts';
import type { WorkerStatus } from '../domain/worker.ts';

const LOOK: Ms = ms(250);
/** Then it is started all the same: what it needs may be started by somebody else. */
const LONGEST_WAIT: Ms = minutes(1);

export interface OrderDeps {
  readonly clock: Clock;
  /** Aborts when the bot leaves. */
  readonly leaving: AbortSignal;
  /** Names of workers that this one depends on. */
  needsOf(worker: string): readonly string[];
  statusOf(worker: string): readonly WorkerStatus[];
}

/** Whether it has to wait at all. */
export function mustWait(worker: string, deps: OrderDeps): boolean {
  return deps.needsOf(worker).some((name) => !isReady(name, deps));
}

/** False when the bot leaves meanwhile: then nothing is started. */
export async function waitForNeeds(worker: string, deps: OrderDeps): Promise<boolean> {
  const until = deps.clock.monotonic() + LONGEST_WAIT;
  while (mustWait(worker, deps) && deps.clock.monotonic() < until) {
    try {
      await deps.clock.sleep(LOOK, deps.leaving);
    } catch {
      // The bot leaves.
      return false;
    }
  }
  return !deps.leaving.aborted;
}

/** All of its instances run; a name that is no worker of ours is not waited for. */
function isReady(worker: string, { statusOf }: OrderDeps): boolean {
  return statusOf(worker).every(({ state }) => state.kind === 'running');
}
