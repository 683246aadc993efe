/**
 * Writes a whole file so that neither kill -9 nor a power cut leaves a torn or lost one.
 *
 * Full write to a unique temporary, size check, fsync; the current file is kept as `.bak`; rename; fsync of the
 * folder. Main and backup are each replaced by rename, so a good file exists at every moment. Without the check
 * of the size a full disk can hand over a truncated file and call it success.
 */
import { randomBytes } from 'node:crypto';
import { copyFile, type FileHandle, link, open, readdir, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OpsError } from '../domain/errors.ts';

const PRIVATE = 0o600;
const TEMPORARY = /\.\d+-[0-9a-f]{12}\.tmp$/;
/** Where a folder cannot be opened or synced (Windows, some network shares) there is nothing to sync. */
const NO_FOLDER_SYNC: ReadonlySet<string> = new Set(['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP']);
/** Where hard links do not exist a copy does. */
const NO_LINKS: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EXDEV',
]);

/** A name beside `path` that nobody else uses and that `sweepTemporaries` knows. */
export function temporaryName(path: string): string {
  return `${path}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
}

/**
 * Replaces `path` by `content` and keeps what was there as `<path>.bak`. Resolves when all of it is on disk.
 * Calls for one path must not overlap.
 *
 * @throws OpsError `STATE_UNWRITABLE`; the old file is then still there and the temporary gone.
 */
export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await writeWhole(temporary, typeof content === 'string' ? Buffer.from(content) : content);
    await keepBackup(path);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await removeQuietly(temporary);
    throw unwritable(path, cause);
  }
}

/** Removes what interrupted writes left in `folder`. Only for the owner of the data folder, before it writes. */
export async function sweepTemporaries(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [] as string[]); // no folder, nothing to sweep
  const left = names.filter((name) => TEMPORARY.test(name));
  for (const name of left) await removeQuietly(join(folder, name));
  return left;
}

/** Makes renames, links and removals in `folder` durable. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch (cause) {
    if (!NO_FOLDER_SYNC.has(codeOf(cause))) throw cause;
  } finally {
    await handle?.close();
  }
}

/** Writes every byte or throws: a short write on a full disk is not an error to the system. */
export async function writeFully(handle: FileHandle, content: Uint8Array): Promise<void> {
  for (let done = 0; done < content.length; ) {
    const { bytesWritten } = await handle.write(content, done, content.length - done);
    if (bytesWritten === 0) throw new Error('the disk took no more bytes');
    done += bytesWritten;
  }
}

/** `ENOSPC`, `EROFS` … of a system error; its message where it has no code. */
export function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}

/** A file system without hard links, as on some memory cards and network shares. */
export function knowsNoLinks(cause: unknown): boolean {
  return NO_LINKS.has(codeOf(cause));
}

export async function removeQuietly(path: string): Promise<void> {
  await unlink(path).catch(() => {}); // already gone, or the disk will say so at the next write
}

function unwritable(path: string, cause: unknown): OpsError {
  const reason = codeOf(cause);
  return new OpsError('STATE_UNWRITABLE', `${path} could not be written: ${reason}`, {
    context: { file: path, reason },
    cause,
  });
}

async function writeWhole(path: string, content: Uint8Array): Promise<void> {
  const handle = await open(path, 'wx', PRIVATE);
  try {
    await writeFully(handle, content);
    const { size } = await handle.stat();
    if (size !== content.length) throw new Error(`wrote ${size} of ${content.length} bytes`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function keepBackup(path: string): Promise<void> {
  const spare = temporaryName(path);
  try {
    await linkOrCopy(path, spare);
    await rename(spare, `${path}.bak`);
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause; // the very first write has nothing to keep
  } finally {
    // After a crash between backup and rename both names are one file, and renaming it onto itself does nothing.
    await removeQuietly(spare);
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (cause) {
    if (!knowsNoLinks(cause)) throw cause;
    await copyFile(from, to);
    const copy = await open(to, 'r+');
    await copy.sync().finally(() => copy.close());
  }
}
