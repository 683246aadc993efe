/**
 * The lock of the data folder: one bot on one folder.
 *
 * The file appears complete or not at all (written aside, then linked, which fails when it exists). A stale owner
 * is known by pid, start time and boot, never by age, and is taken over at once: by whoever first links a claim
 * beside the lock, so that two who come together cannot both take it.
 */
import { link, open, readFile, rename } from 'node:fs/promises';
import { OpsError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import { fromIso, toIso } from '../domain/units.ts';
import { codeOf, knowsNoLinks, removeQuietly, temporaryName } from './durable-file.ts';
import type { Liveness, ProcessIdentity, ProcessTable } from './process-identity.ts';

const PRIVATE = 0o600;
const MOST_TRIES = 10;

/** Who holds the folder, as written in the file. */
export interface LockOwner extends ProcessIdentity {
  readonly host: string;
  /** ISO 8601 UTC. */
  readonly since: string;
  /** Where its console answers; `null` until it listens. */
  readonly url: string | null;
}

export interface FoundLock {
  readonly owner: LockOwner;
  readonly liveness: Liveness;
}

export interface Lock {
  /** Tells others where to find the running bot. */
  describe(more: { readonly url: string }): Promise<void>;
  /** Harmless when it is no longer ours. */
  release(): Promise<void>;
}

export interface LockDeps {
  readonly file: string;
  readonly host: string;
  readonly clock: Clock;
  readonly processes: ProcessTable;
}

/** @throws OpsError `DATA_LOCKED` naming the holder, `STATE_UNWRITABLE` when the folder takes no file. */
export async function acquireLock(deps: LockDeps): Promise<Lock> {
  const { clock, host, processes } = deps;
  const owner: LockOwner = {
    ...processes.identify(process.pid),
    host,
    since: toIso(clock.now()),
    url: null,
  };
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    if (await create(deps.file, owner)) return heldLock(deps.file, owner);
    await clearStale(deps, owner);
  }
  throw locked(await readOwner(deps.file));
}

/** The bot that runs on a folder, for those who want to talk to it; `undefined` when none is recorded. */
export async function readLock(file: string, processes: ProcessTable): Promise<FoundLock | undefined> {
  const owner = await readOwner(file);
  return owner === undefined ? undefined : { owner, liveness: processes.liveness(owner) };
}

function heldLock(file: string, first: LockOwner): Lock {
  let owner = first;
  return {
    async describe({ url }) {
      const next = { ...owner, url };
      await replace(file, next);
      owner = next;
    },
    async release() {
      if (isSame(await readOwner(file), owner)) await removeQuietly(file);
    },
  };
}

/** Removes a stale lock, or throws who holds it. When somebody else was faster there is nothing to remove. */
async function clearStale(deps: LockDeps, self: LockOwner): Promise<void> {
  const { file, processes } = deps;
  refuseIfHeld(await readOwner(file), processes);
  const claim = `${file}.claim`;
  if (!(await create(claim, self))) {
    const claimant = await readOwner(claim);
    refuseIfHeld(claimant, processes);
    await removeQuietly(claim); // it died in the middle of taking over
    return;
  }
  try {
    // Only the holder of the claim removes a stale lock, so what is read now is what is removed.
    const found = await look(file);
    if (found.kind === 'owned') refuseIfHeld(found.owner, processes);
    // A lock that was released meanwhile may be somebody's new one a moment later: leave it.
    if (found.kind !== 'missing') await removeQuietly(file);
  } finally {
    await removeQuietly(claim);
  }
}

function refuseIfHeld(owner: LockOwner | undefined, processes: ProcessTable): void {
  if (owner !== undefined && processes.liveness(owner) !== 'dead') throw locked(owner);
}

function locked(owner: LockOwner | undefined): OpsError {
  const who =
    owner === undefined
      ? 'somebody who comes and goes'
      : `pid ${owner.pid} on ${owner.host}, since ${owner.since}${owner.url === null ? '' : `, at ${owner.url}`}`;
  return new OpsError('DATA_LOCKED', `Another Nightshift runs on this data folder: ${who}.`, {
    context: { pid: owner?.pid ?? null, since: owner?.since ?? null, url: owner?.url ?? null },
  });
}

/** False when the file exists already. */
async function create(file: string, owner: LockOwner): Promise<boolean> {
  const temporary = temporaryName(file);
  try {
    await write(temporary, owner);
    await link(temporary, file).catch((cause: unknown) => writeWithoutLink(file, owner, cause));
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    throw unwritable(file, cause);
  } finally {
    await removeQuietly(temporary);
  }
}

/** Without links the file is there a moment before its content: better than no lock at all. */
async function writeWithoutLink(file: string, owner: LockOwner, cause: unknown): Promise<void> {
  if (!knowsNoLinks(cause)) throw cause;
  await write(file, owner);
}

async function replace(file: string, owner: LockOwner): Promise<void> {
  const temporary = temporaryName(file);
  try {
    await write(temporary, owner);
    await rename(temporary, file);
  } catch (cause) {
    await removeQuietly(temporary);
    throw unwritable(file, cause);
  }
}

async function write(path: string, owner: LockOwner): Promise<void> {
  const handle = await open(path, 'wx', PRIVATE);
  try {
    await handle.writeFile(`${JSON.stringify(owner)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readOwner(file: string): Promise<LockOwner | undefined> {
  const found = await look(file);
  return found.kind === 'owned' ? found.owner : undefined;
}

type Look =
  | { readonly kind: 'owned'; readonly owner: LockOwner }
  | { readonly kind: 'missing' }
  /** Cut by a power failure, or not ours: nobody can be named, so nobody holds it. */
  | { readonly kind: 'nobody' };

async function look(file: string): Promise<Look> {
  try {
    const owner = parseOwner(await readFile(file, 'utf8'));
    return owner === undefined ? { kind: 'nobody' } : { kind: 'owned', owner };
  } catch (cause) {
    return { kind: codeOf(cause) === 'ENOENT' ? 'missing' : 'nobody' };
  }
}

function parseOwner(text: string): LockOwner | undefined {
  try {
    const { pid, startTicks, bootId, host, since, url } = JSON.parse(text);
    if (!Number.isSafeInteger(pid) || typeof since !== 'string' || fromIso(since) === undefined)
      return undefined;
    return {
      pid,
      startTicks: typeof startTicks === 'number' ? startTicks : null,
      bootId: typeof bootId === 'string' ? bootId : null,
      host: String(host),
      since,
      url: typeof url === 'string' ? url : null,
    };
  } catch {
    return undefined; // not JSON: the caller hears that nobody is named
  }
}

function isSame(a: LockOwner | undefined, b: LockOwner): boolean {
  return a !== undefined && a.pid === b.pid && a.startTicks === b.startTicks && a.since === b.since;
}

function unwritable(file: string, cause: unknown): OpsError {
  const reason = codeOf(cause);
  return new OpsError('STATE_UNWRITABLE', `${file} could not be written: ${reason}`, {
    context: { file, reason },
    cause,
  });
}
