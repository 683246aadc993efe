/**
 * How each target went down, kept over restarts: a manual stop is respected until a manual start, also by a bot that
 * was restarted in between. What is up has no entry.
 */
import { z } from 'zod';
import { describeError } from '../../domain/errors.ts';
import type { Logger, StateStore } from '../../domain/ports.ts';
import type { EpochMs } from '../../domain/units.ts';
import { Moment } from '../shapes.ts';
import { openStored, type Stored } from '../stored.ts';

/** `stopped` = on purpose, by somebody else than us; `ended` = on its own. */
export interface DownEntry {
  readonly kind: 'stopped' | 'ended';
  readonly at: EpochMs;
  readonly why: string;
}

export interface TargetMemory {
  /** `null` = it was up when last seen, or never seen. */
  get(target: string): DownEntry | null;
  set(target: string, entry: DownEntry | null): void;
}

type MemoryData = Readonly<Record<string, DownEntry>>;

const Schema: z.ZodType<MemoryData> = z.record(
  z.string(),
  z.object({ kind: z.enum(['stopped', 'ended']), at: Moment, why: z.string() }),
);

/** For what runs without a data folder of its own. */
export function createVolatileMemory(): TargetMemory {
  const entries = new Map<string, DownEntry>();
  return {
    get: (target) => entries.get(target) ?? null,
    set(target, entry) {
      if (entry === null) entries.delete(target);
      else entries.set(target, entry);
    },
  };
}

/** Answers from memory at once; the disk follows, in the order of the calls. */
export async function openTargetMemory(states: StateStore, log: Logger): Promise<TargetMemory> {
  const stored: Stored<MemoryData> = await openStored(states, 'target-memory', Schema, {});
  if (stored.warning !== '') log.warn('state document was mended', { warning: stored.warning });
  const now = createVolatileMemory();
  for (const [target, entry] of Object.entries(stored.value)) now.set(target, entry);
  return {
    get: now.get,
    set(target, entry) {
      if (isSame(now.get(target), entry)) return;
      now.set(target, entry);
      stored
        .update(({ [target]: _was, ...others }) => (entry === null ? others : { ...others, [target]: entry }))
        .catch((cause: unknown) =>
          log.error('how a target went down could not be saved', { target, error: describeError(cause) }),
        );
    },
  };
}

function isSame(a: DownEntry | null, b: DownEntry | null): boolean {
  return a?.kind === b?.kind && a?.at === b?.at && a?.why === b?.why;
}
