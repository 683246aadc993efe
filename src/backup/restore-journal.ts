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
const STEPS_FILE = 'restore_steps.json';

export type RestorePhase = 'staging' | 'swapping' | 'committed' | 'done' | 'rolled_back';

export interface RestoreJournal {
  readonly phase: RestorePhase;
  readonly id: string;
  readonly sections: readonly Section[];
  /** The backup of what was there before. */
  readonly safety: string | null;
  /** Live folders, and whether this restore made them. */
  readonly roots: readonly { readonly folder: string; readonly made: boolean }[];
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly reason: string;
}

export async function readJournal(folder: string): Promise<RestoreJournal | null> {
  return readJson<RestoreJournal>(join(folder, JOURNAL_FILE));
}

export async function writeJournal(folder: string, journal: RestoreJournal): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeDurably(join(folder, JOURNAL_FILE), `${JSON.stringify(journal)}\n`);
}

/** What is about to be done; on disk before the phase says that it is being done. */
export async function writeSteps(folder: string, roots: readonly SwapRoot[]): Promise<void> {
  await writeDurably(join(folder, STEPS_FILE), `${JSON.stringify(roots)}\n`);
}

export async function readSteps(folder: string): Promise<readonly SwapRoot[]> {
  return (await readJson<readonly SwapRoot[]>(join(folder, STEPS_FILE))) ?? [];
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
