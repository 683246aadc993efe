/**
 * Platforms deliver the same command or press more than once; each runs once. Its id is on disk before it runs, so
 * that a repeat after a restart is known too.
 */
import { z } from 'zod';
import { describeError } from '../domain/errors.ts';
import type { Clock, Document, Logger, StateStore } from '../domain/ports.ts';
import { elapsed, epochMs, hours, type Ms } from '../domain/units.ts';
import type { PrivateReply } from './surface.ts';

const DOCUMENT = 'chat-inbox';
/** Redeliveries come within minutes; an hour is well above. */
const KEPT_FOR: Ms = hours(1);
const MOST_KEPT = 500;

export interface Inbox {
  /** Runs `work` the first time `id` comes; a repeat is given the same answer. */
  once(id: string, work: () => Promise<PrivateReply>): Promise<PrivateReply>;
}

const storedSchema = z.array(z.object({ id: z.string(), at: z.number().transform(epochMs) }));
type Stored = z.infer<typeof storedSchema>;

interface Deps {
  readonly states: StateStore;
  readonly clock: Clock;
  readonly log: Logger;
}

export async function openInbox({ states, clock, log }: Deps): Promise<Inbox> {
  const opened = await states.open(DOCUMENT, (data): Stored => storedSchema.parse(data), []);
  const { document } = opened;
  const answers = new Map<string, Promise<PrivateReply>>();

  async function first(id: string, work: () => Promise<PrivateReply>): Promise<PrivateReply> {
    if (document.value.some((entry) => entry.id === id)) {
      return { ok: true, text: 'This was handled before a restart; the incident shows how it went.' };
    }
    await remember(document, id, clock, log);
    return work();
  }

  return {
    once(id, work) {
      const known = answers.get(id);
      if (known !== undefined) return known;
      const answer = first(id, work);
      answers.set(id, answer);
      const oldest = answers.keys().next().value;
      if (answers.size > MOST_KEPT && oldest !== undefined) answers.delete(oldest);
      return answer;
    },
  };
}

/** A disk that cannot be written must not silence the people who would mend it. */
async function remember(document: Document<Stored>, id: string, clock: Clock, log: Logger): Promise<void> {
  const now = clock.now();
  try {
    await document.update((entries) => [
      ...entries.filter((entry) => elapsed(entry.at, now) < KEPT_FOR).slice(-(MOST_KEPT - 1)),
      { id, at: now },
    ]);
  } catch (cause) {
    log.error('chat inbox not saved', { error: describeError(cause) });
  }
}
