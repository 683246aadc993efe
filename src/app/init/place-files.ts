/** Puts files into the folder: new ones at once, others only when that was allowed. Each appears whole or not at all. */
import { chmod, copyFile, mkdir, readFile, realpath, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, removeQuietly, temporaryName } from '../../platform/durable-file.ts';
import { type MergedEnv, mergeDotEnv } from './dot-env.ts';

const PUBLIC = 0o644;
const PRIVATE = 0o600;

/** What became of the files, by their paths below the folder. */
export interface Placed {
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
  /** There before, other than wanted, and left. */
  readonly left: readonly string[];
  /** Keys of `.env` that have another value there; it stays. */
  readonly kept: readonly string[];
}

/** @param mayReplace Asked for each file that is there and differs; the old one is kept as `.bak`. */
export async function placeFiles(
  folder: string,
  files: ReadonlyMap<string, string>,
  variables: Readonly<Record<string, string>>,
  mayReplace: (path: string) => Promise<boolean>,
): Promise<Placed> {
  const placed = { written: [] as string[], unchanged: [] as string[], left: [] as string[] };
  for (const [path, text] of files) {
    const there = await readText(join(folder, path));
    if (there === text) placed.unchanged.push(path);
    else if (there !== null && !(await mayReplace(path))) placed.left.push(path);
    else {
      await place(join(folder, path), text, PUBLIC, there !== null);
      placed.written.push(path);
    }
  }
  const { kept } = await placeDotEnv(join(folder, '.env'), variables, placed);
  await mkdir(join(folder, 'data'), { recursive: true, mode: 0o700 });
  return { ...placed, kept };
}

/** Lines are added and comments filled in; the mode becomes 600 whatever it was. */
async function placeDotEnv(
  path: string,
  variables: Readonly<Record<string, string>>,
  placed: { readonly written: string[]; readonly unchanged: string[] },
): Promise<MergedEnv> {
  const there = await readText(path);
  const merged = mergeDotEnv(there ?? '', variables);
  if (merged.text === there) {
    await chmod(path, PRIVATE);
    placed.unchanged.push('.env');
  } else {
    await place(path, merged.text, PRIVATE, false);
    placed.written.push('.env');
  }
  return merged;
}

async function place(path: string, text: string, mode: number, keepsOld: boolean): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const target = await realpath(path).catch(() => path); // a link stays a link; what is new has no other path
  const temporary = temporaryName(target);
  try {
    await writeFile(temporary, text, { mode, flag: 'wx' });
    if (keepsOld) await copyFile(target, `${target}.bak`);
    await rename(temporary, target);
  } finally {
    await removeQuietly(temporary);
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null;
    throw cause;
  }
}
