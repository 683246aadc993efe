/**
 * The files of one log and their order: `<name>.<day>.jsonl`, `<name>.<day>.2.jsonl`, …, `<name>.jsonl`.
 *
 * The order of the names is the order of the lines, whatever the clock did in between: a rotated file never gets
 * a name that sorts before an older one.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { before, days, type EpochMs, epochMs, fromIso, toIso } from '../domain/units.ts';
import { codeOf } from './durable-file.ts';
import { readLinesBackward } from './line-reader.ts';

const ROTATED = /^\.(\d{4}-\d{2}-\d{2})(?:\.(\d+))?\.jsonl$/;

export interface JsonlFile {
  readonly name: string;
  readonly path: string;
  /** UTC day of its lines; `null` for the file that is being written. */
  readonly day: string | null;
  readonly index: number;
}

/** Oldest first, the current one last; empty where there is no folder yet. */
export async function listJsonlFiles(folder: string, name: string): Promise<readonly JsonlFile[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return [] as string[];
    throw cause;
  });
  return orderFiles(folder, name, names);
}

/** Pure: which of `names` belong to the log, in the order of their lines. */
export function orderFiles(folder: string, name: string, names: readonly string[]): readonly JsonlFile[] {
  return names
    .map((entry) => parseName(folder, name, entry))
    .filter((file) => file !== undefined)
    .sort(inOrder);
}

/** Where the current file goes when its day is over. */
export function rotatedPath(
  folder: string,
  name: string,
  files: readonly JsonlFile[],
  day: string,
): JsonlFile {
  const newest = files.findLast((file) => file.day !== null);
  const taken = newest?.day ?? '';
  const label = day > taken ? day : taken;
  const index = label === taken && newest !== undefined ? newest.index + 1 : 1;
  const file = index === 1 ? `${name}.${label}.jsonl` : `${name}.${label}.${index}.jsonl`;
  return { name: file, path: join(folder, file), day: label, index };
}

/**
 * Rotated files whose day lies more than `retentionDays` before the newest rotated one. Counted from there and
 * not from the clock: one that jumps a year ahead must not empty the log.
 */
export function expiredFiles(
  files: readonly JsonlFile[],
  now: EpochMs,
  retentionDays: number,
): readonly JsonlFile[] {
  const newest = files.findLast((file) => file.day !== null)?.day;
  if (newest === undefined || newest === null) return [];
  const from = epochMs(Math.min(startOf(newest), now));
  const keepFrom = dayOf(before(from, days(retentionDays - 1)));
  return files.filter((file) => file.day !== null && file.day < keepFrom);
}

/** Every line of every file, newest first. */
export async function* linesNewestFirst(files: readonly JsonlFile[]): AsyncGenerator<Buffer> {
  for (const file of files.toReversed()) yield* readLinesBackward(file.path);
}

/** The UTC day of a moment: `2026-11-22`. */
export function dayOf(moment: EpochMs): string {
  return toIso(moment).slice(0, 10);
}

/** Plain comparison, not by language: the current file comes last. */
function inOrder(a: JsonlFile, b: JsonlFile): number {
  const [dayA, dayB] = [a.day ?? '~', b.day ?? '~'];
  if (dayA !== dayB) return dayA < dayB ? -1 : 1;
  return a.index - b.index;
}

function startOf(day: string): EpochMs {
  return fromIso(`${day}T00:00:00Z`) ?? epochMs(0);
}

function parseName(folder: string, name: string, entry: string): JsonlFile | undefined {
  const path = join(folder, entry);
  if (entry === `${name}.jsonl`) return { name: entry, path, day: null, index: 0 };
  if (!entry.startsWith(`${name}.`)) return undefined;
  const match = ROTATED.exec(entry.slice(name.length));
  if (match === null) return undefined;
  return { name: entry, path, day: match[1] ?? '', index: Number(match[2] ?? 1) };
}
