/**
 * Targets of kind `queue`: tasks that wait in the embedded queue or in BullMQ, reached by the port of the task
 * queues. How a queue is, its metrics tell (`queue_depth`, `queue_oldest`, `queue_rate`); here it is up when it can
 * be read.
 */
import type { Outcome } from '../../domain/strategy.ts';
import type { Capability, QueueTarget, TargetState } from '../../domain/target.ts';
import { type Ms, ms } from '../../domain/units.ts';
import {
  type CapabilityCall,
  type CapabilityText,
  cannot,
  failed,
  succeeded,
  type TargetDriver,
  unknownOutcome,
} from './driver.ts';

const CAN: readonly Capability[] = ['redistribute', 'rate_limit'];
const BY = { by: 'nightshift', dryRun: false } as const;
const NO_QUEUES = 'no task queue runs here';

/** What a change of a queue came to. */
type QueueAnswer =
  | { readonly kind: 'done' | 'would'; readonly text: string }
  | { readonly kind: 'refused' | 'not_found' | 'unknown'; readonly reason: string };

/** The part of the port of the task queues that healing needs. */
export interface QueueDoor {
  names(): readonly string[];
  readings(): Promise<
    readonly { readonly queue: string; readonly depth: number | null; readonly reason: string }[]
  >;
  redistribute(
    from: string,
    to: string,
    choice: object,
    call: { readonly by: string; readonly dryRun: boolean },
  ): Promise<QueueAnswer>;
  setLimits(
    queue: string,
    limits: { readonly rate: { readonly max: number; readonly per: Ms } | null },
    call: { readonly by: string; readonly dryRun: boolean },
  ): Promise<QueueAnswer>;
}

export function createQueueDriver(target: QueueTarget, door: QueueDoor | null): TargetDriver {
  const { name, queue } = target;
  let state: TargetState = { name, up: null, pids: [], reason: 'not looked at yet' };
  const limit = async (perSecond: number | null): Promise<Outcome> =>
    door === null
      ? failed(NO_QUEUES)
      : toOutcome(await door.setLimits(queue, { rate: perSecond === null ? null : rateOf(perSecond) }, BY));
  const move = async (to: string | null): Promise<Outcome> => {
    if (door === null) return failed(NO_QUEUES);
    return to === null ? failed(NOWHERE) : toOutcome(await door.redistribute(queue, to, {}, BY));
  };

  return {
    target,
    capabilities: () => CAN,
    describe: (call) => describe(call, target, door),
    async perform(call) {
      if (call.capability === 'redistribute') return move(call.to ?? target.overflow);
      if (call.capability === 'rate_limit') return limit(call.perSecond);
      return failed(`a queue has no ${call.capability}`);
    },
    async undo(call) {
      if (call.capability !== 'rate_limit') return failed(`${call.capability} of a queue has no inverse`);
      return limit(null);
    },
    state: () => state,
    async refresh() {
      const reading = (await door?.readings())?.find((one) => one.queue === queue);
      state = { name, pids: [], ...judge(queue, door, reading) };
    },
  };
}

const NOWHERE = 'it is not said where the tasks go: `to` of the rung, or `overflow` of the target';

/** Less than one a second is one in a longer time. */
function rateOf(perSecond: number): { readonly max: number; readonly per: Ms } {
  return perSecond >= 1
    ? { max: Math.round(perSecond), per: ms(1_000) }
    : { max: 1, per: ms(Math.round(1_000 / perSecond)) };
}

function judge(
  queue: string,
  door: QueueDoor | null,
  reading: { readonly depth: number | null; readonly reason: string } | undefined,
): Pick<TargetState, 'up' | 'reason'> {
  if (door === null) return { up: null, reason: NO_QUEUES };
  if (reading === undefined) return { up: null, reason: `there is no queue ${queue}` };
  if (reading.depth === null) return { up: null, reason: reading.reason };
  return { up: true, reason: `${reading.depth} waiting` };
}

function describe(call: CapabilityCall, target: QueueTarget, door: QueueDoor | null): CapabilityText {
  const { queue } = target;
  const fault = door === null ? NO_QUEUES : unknownQueue(queue, door);
  if (fault !== null) return { kind: 'cannot', reason: fault };
  if (call.capability === 'redistribute') return describeMove(queue, call.to ?? target.overflow, door);
  if (call.capability !== 'rate_limit') return cannot(target, call.capability);
  return {
    kind: 'can',
    effect: `start at most ${call.perSecond} tasks a second of queue ${queue}, for ${call.span / 60_000} min`,
    undo: `start tasks of queue ${queue} as fast as configured`,
    idempotent: true,
    forks: false,
  };
}

function describeMove(queue: string, to: string | null, door: QueueDoor | null): CapabilityText {
  const fault = to === null ? NOWHERE : to === queue ? `${queue} is where they wait` : unknownQueue(to, door);
  if (fault !== null) return { kind: 'cannot', reason: fault };
  const effect = `move the waiting tasks of queue ${queue} to queue ${to}`;
  return { kind: 'can', effect, undo: null, idempotent: true, forks: false };
}

function unknownQueue(queue: string, door: QueueDoor | null): string | null {
  return door?.names().includes(queue) === false ? `there is no queue ${queue}` : null;
}

function toOutcome(answer: QueueAnswer): Outcome {
  switch (answer.kind) {
    case 'done':
    case 'would':
      return succeeded(answer.text);
    case 'unknown':
      return unknownOutcome(answer.reason);
    case 'refused':
    case 'not_found':
      return failed(answer.reason);
  }
}
