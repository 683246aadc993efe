/**
 * Reads a state document at start: the file, else its backup, else nothing usable.
 *
 * A bad file is moved aside under a name that says when, never deleted. A document is only `fresh` when there is
 * no trace of an earlier one: a file that was put aside must not turn into a clean start after the next restart.
 */
import { readdir, readFile, rename } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { DocumentOrigin, Parse } from '../domain/ports.ts';
import { type EpochMs, toIso } from '../domain/units.ts';
import { codeOf } from './durable-file.ts';
import { type Unsealed, unseal } from './state-envelope.ts';

export interface LoadedDocument<T> {
  /** `undefined` for `fresh` and `defaults`. */
  readonly data: T | undefined;
  readonly seq: number;
  readonly origin: DocumentOrigin;
  readonly warning: string;
}

type Found<T> = Unsealed<T> | { readonly kind: 'missing' };

export async function loadDocument<T>(
  path: string,
  parse: Parse<T>,
  now: EpochMs,
): Promise<LoadedDocument<T>> {
  const backup = await find(`${path}.bak`, parse);
  const main = olderThanBackup(await find(path, parse), backup);
  if (main.kind === 'good') return { data: main.data, seq: main.seq, origin: 'main', warning: '' };
  if (main.kind === 'missing' && backup.kind === 'missing') return nothingThere(path);

  const told = [await putAside(path, main, now)];
  if (backup.kind === 'good') {
    told.push('Its backup was used; the last change may be missing.');
    return { data: backup.data, seq: backup.seq, origin: 'backup', warning: told.join(' ') };
  }
  told.push(await putAside(`${path}.bak`, backup, now), 'Safe defaults are in force.');
  return { data: undefined, seq: 0, origin: 'defaults', warning: told.join(' ') };
}

async function find<T>(path: string, parse: Parse<T>): Promise<Found<T>> {
  try {
    return unseal(await readFile(path, 'utf8'), parse);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return { kind: 'missing' };
    return { kind: 'bad', reason: `it could not be read: ${codeOf(cause)}` };
  }
}

/** The backup is one write older by construction: when it is newer, an old file was copied in. */
function olderThanBackup<T>(main: Found<T>, backup: Found<T>): Found<T> {
  if (main.kind !== 'good' || backup.kind !== 'good' || backup.seq <= main.seq) return main;
  return { kind: 'bad', reason: `it is older (${main.seq}) than its own backup (${backup.seq})` };
}

async function nothingThere<T>(path: string): Promise<LoadedDocument<T>> {
  const names = await readdir(dirname(path)).catch(() => [] as string[]); // no folder: nothing was ever saved
  const trace = names.find((name) => name.startsWith(`${basename(path)}.`) && name.includes('.corrupt-'));
  if (trace === undefined) return { data: undefined, seq: 0, origin: 'fresh', warning: '' };
  const warning = `${basename(path)} is missing since it was put aside as ${trace}. Safe defaults are in force.`;
  return { data: undefined, seq: 0, origin: 'defaults', warning };
}

/** Says in one sentence what was wrong and where it is kept. */
async function putAside<T>(path: string, found: Found<T>, now: EpochMs): Promise<string> {
  const name = basename(path);
  if (found.kind === 'missing') return `${name} is missing.`;
  const why = found.kind === 'bad' ? found.reason : 'it was not used';
  const aside = `${path}.corrupt-${toIso(now).replaceAll(/[:.]/g, '')}`;
  try {
    await rename(path, aside);
    return `${name} cannot be used: ${why}. It is kept as ${basename(aside)}.`;
  } catch (cause) {
    return `${name} cannot be used: ${why}. It stays where it is: moving it failed with ${codeOf(cause)}.`;
  }
}
