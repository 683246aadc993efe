/**
 * Where a restore stands, on disk before each step. From it alone the next start knows what to do: before
 * `committed` everything is taken back, from then on only the leftovers are cleared away.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Section } from '../domain/backup.ts';
import { codeOf, writeDurably } from '../platform/durable-file.ts';
import type { SwapRoot } from './swap.ts';

const JOURNAL_FILE = 'restore.json';

/** `waiting`: some sections are exchanged and checked, and a person says whether it goes on. */
export type RestorePhase = 'staging' | 'swapping' | 'waiting' | 'committed' | 'done' | 'rolled_back';

/** A live folder that is being exchanged. */
export interface JournalRoot {
  readonly section: Section;
  readonly folder: string;
  /** This restore made it. */
  readonly made: boolean;
}

export interface RestoreJournal {
  readonly phase: RestorePhase;
  readonly id: string;
  readonly sections: readonly Section[];
  /** Sections that are exchanged and checked. */
  readonly exchanged: readonly Section[];
  /** Sections that may be exchanged in part. */
  readonly under: readonly Section[];
  /** It waits for no person but for the next start, which puts the state in place before anything reads it. */
  readonly handedOver: boolean;
  /** As the archive has them; `null` = all. */
  readonly only: readonly string[] | null;
  /** The backup of what was there before. */
  readonly safety: string | null;
  readonly roots: readonly JournalRoot[];
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly reason: string;
}

export async function readJournal(folder: string): Promise<RestoreJournal | null> {
  const found = await readJson<Partial<RestoreJournal>>(join(folder, JOURNAL_FILE));
  if (found === null) return null;
  // One of an older version names neither; it knew no restore in parts.
  return { exchanged: [], under: [], only: null, handedOver: false, ...found } as RestoreJournal;
}

export async function writeJournal(folder: string, journal: RestoreJournal): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeDurably(join(folder, JOURNAL_FILE), `${JSON.stringify(journal)}\n`);
}

/** What is about to be done to a section; on disk before the phase says that it is being done. */
export async function writeSteps(
  folder: string,
  section: Section,
  roots: readonly SwapRoot[],
): Promise<void> {
  await writeDurably(stepsFile(folder, section), `${JSON.stringify(roots)}\n`);
}

export async function readSteps(folder: string, section: Section): Promise<readonly SwapRoot[]> {
  return (await readJson<readonly SwapRoot[]>(stepsFile(folder, section))) ?? [];
}

function stepsFile(folder: string, section: Section): string {
  return join(folder, `restore_steps_${section}.json`);
}

/** Written by this program alone, whole or not at all; a torn one falls back to the copy before it. */
async function readJson<T>(path: string): Promise<T | null> {
  for (const file of [path, `${path}.bak`]) {
    try {
      return JSON.parse(await readFile(file, 'utf8')) as T;
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT' && file === path) return null;
    }
  }
  return null;
}
