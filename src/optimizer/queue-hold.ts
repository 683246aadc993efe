/**
 * Holds the queues as the ladder says, again with every beat, because a hold ends by itself. A change is in the audit
 * log before it is done; that it goes on is not.
 */
import type { AuditLog, Logger } from '../domain/ports.ts';
import type { QueueBrake, QueueHold } from '../domain/throttle.ts';

const ENDS = 'Throttle of the queues ends: they are as configured again';

const LEFT_OVER = 'what the process before held';

export interface QueueHolder {
  /** @param held Why it may only be proposed; `null` = it is done. */
  bring(hold: QueueHold | null, reason: string, held: string | null): Promise<void>;
  isHolding(): boolean;
}

export function createQueueHolder(deps: {
  readonly queues: QueueBrake;
  readonly audit: AuditLog;
  readonly log: Logger;
}): QueueHolder {
  let told = '';
  let holding = false;
  let isFirst = true;
  let problem = '';

  /** The process before this one may have left limits lowered that outlive it. */
  async function takeOver(): Promise<void> {
    holding = await deps.queues.isHeld();
    if (holding) told = LEFT_OVER;
    isFirst = false;
  }

  async function say(hold: QueueHold | null, reason: string, held: string | null): Promise<void> {
    const words = hold === null ? '' : deps.queues.describe(hold);
    const key = hold === null ? '' : `${held ?? ''}|${words}`;
    if (key === told) return;
    const text = hold === null ? ENDS : textOf(words, reason, held);
    const kind = held === null ? 'intent' : 'proposal';
    await deps.audit.append({ kind, actor: 'nightshift', text, data: { throttle: { hold } } });
    told = key;
  }

  return {
    isHolding: () => holding,
    async bring(hold, reason, held) {
      if (isFirst) await takeOver();
      await say(hold, reason, held);
      const wanted = held === null ? hold : null;
      if (wanted === null && !holding) return;
      const found = (await deps.queues.hold(wanted)).join('; ');
      holding = wanted !== null || found !== '';
      if (found !== '' && found !== problem)
        deps.log.warn('queues could not be throttled', { problem: found });
      problem = found;
    },
  };
}

function textOf(words: string, reason: string, held: string | null): string {
  if (held === null) return `Throttle the queues: ${words}, because ${reason}`;
  return `Would throttle the queues: ${words}, because ${reason} (${held})`;
}
