/**
 * Which incidents are told by mail and how far, kept on disk. A mail's id follows from what stands here: sent again
 * after a crash it has the same id, and readers show it once.
 */
import { z } from 'zod';
import { describeError } from '../../domain/errors.ts';
import type { Document, Logger, StateStore } from '../../domain/ports.ts';
import { type EpochMs, epochMs } from '../../domain/units.ts';

const DOCUMENT = 'mail';
const MOST_THREADS = 500;
const MOST_TOLD = 1_000;

/** One incident that chat could not take in time. */
export interface MailThread {
  readonly key: string;
  /** Since when it waits to be told anywhere. */
  readonly since: EpochMs;
  /** The version of the card that chat has to show so that no mail is needed. */
  readonly version: number;
  /** Of the first mail; those that follow carry it too. */
  readonly subject: string;
  readonly sent: readonly { readonly at: EpochMs; readonly look: string }[];
  /** What the server refused for good is not offered again. */
  readonly refused: string | null;
  readonly failures: number;
  readonly notBefore: EpochMs;
}

export interface MailState {
  readonly threads: readonly MailThread[];
  /** What digests have told: incident and word. */
  readonly told: readonly string[];
  readonly digestAt: EpochMs;
}

export interface MailLedger {
  readonly value: MailState;
  thread(key: string): MailThread | undefined;
  /** Resolves when it is on disk, or when it is known that it cannot be. */
  keep(thread: MailThread): Promise<void>;
  drop(key: string): Promise<void>;
  keepDigest(told: readonly string[], at: EpochMs): Promise<void>;
}

const moment = z.number().transform(epochMs);
const storedSchema = z.object({
  threads: z.array(
    z.object({
      key: z.string(),
      since: moment,
      version: z.number(),
      subject: z.string(),
      sent: z.array(z.object({ at: moment, look: z.string() })),
      refused: z.string().nullable(),
      failures: z.number(),
      notBefore: moment,
    }),
  ),
  told: z.array(z.string()),
  digestAt: moment,
});

interface Deps {
  readonly states: StateStore;
  readonly log: Logger;
}

export async function openMailLedger({ states, log }: Deps): Promise<MailLedger> {
  const empty: MailState = { threads: [], told: [], digestAt: epochMs(0) };
  const opened = await states.open(DOCUMENT, (data): MailState => storedSchema.parse(data), empty);
  if (opened.warning !== '') log.warn('mail state was not readable', { warning: opened.warning });
  return createLedger(opened.document, log);
}

/** Memory is the truth while running: a disk that cannot be written costs the next start, not this one. */
function createLedger(document: Document<MailState>, log: Logger): MailLedger {
  let state = document.value;

  async function save(next: MailState): Promise<void> {
    state = next;
    try {
      await document.update(() => state);
    } catch (cause) {
      log.error('mail state not saved', { error: describeError(cause) });
    }
  }

  return {
    get value() {
      return state;
    },
    thread: (key) => state.threads.find((thread) => thread.key === key),
    keep: (thread) =>
      save({
        ...state,
        threads: [...state.threads.filter(({ key }) => key !== thread.key), thread].slice(-MOST_THREADS),
      }),
    drop: (key) => save({ ...state, threads: state.threads.filter((thread) => thread.key !== key) }),
    keepDigest: (told, digestAt) =>
      save({ ...state, digestAt, told: [...state.told, ...told].slice(-MOST_TOLD) }),
  };
}
