/**
 * Key files that are copied away as soon as they change: a nightly backup of the configuration may be a day old.
 * What a copy replaces is kept beside it, by time. The files are looked at every few seconds, never watched: what
 * is replaced by a rename stays seen.
 */
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '../domain/errors.ts';
import { type Ms, minutes, seconds, toIso } from '../domain/units.ts';
import type { ReplicaConfig } from './config.ts';
import { findProgram } from './programs.ts';
import { openRemote } from './rclone.ts';
import { NO_RCLONE } from './replicate.ts';
import type { Room } from './room.ts';
import { placeOf } from './site.ts';

const COPY_LIMIT: Ms = minutes(10);
const FIRST_BACK_OFF: Ms = seconds(30);
const LONGEST_BACK_OFF: Ms = minutes(60);
const LIST_FILE = 'mirror_files.txt';

export interface Mirror {
  /** Looks once; copies what changed since the last copy. Says what went wrong, `null` = nothing. */
  look(signal: AbortSignal): Promise<string | null>;
}

export function createMirror(room: Room): Mirror {
  return new KeyFiles(room);
}

class KeyFiles implements Mirror {
  readonly #room: Room;
  /** As copied last, for each place. */
  readonly #copied = new Map<string, string>();
  readonly #failures = new Map<string, { readonly count: number; readonly at: Ms }>();
  #lastSeen = '';

  constructor(room: Room) {
    this.#room = room;
  }

  async look(signal: AbortSignal): Promise<string | null> {
    const { deps, folders } = this.#room;
    const { mirror, replicas } = deps.config.current();
    if (mirror.files.length === 0 || replicas.length === 0) return null;
    const seen = await pictureOf(mirror.files.map((file) => placeOf(file, folders)));
    // A file that is being written is left alone until two looks agree.
    const isSettled = seen.picture === this.#lastSeen;
    this.#lastSeen = seen.picture;
    if (!isSettled || seen.present.length === 0) return null;
    const reasons: string[] = [];
    for (const replica of replicas) {
      if (this.#copied.get(replica.name) === seen.picture || this.#isPutOff(replica.name)) continue;
      const failure = await this.#copyTo(replica, seen.present, signal).catch(describeError);
      this.#keep(replica.name, seen.picture, failure);
      if (failure !== null) reasons.push(`${replica.name}: ${failure}`);
    }
    return reasons.length === 0 ? null : reasons.join('; ');
  }

  #keep(place: string, picture: string, failure: string | null): void {
    if (failure === null) {
      this.#copied.set(place, picture);
      this.#failures.delete(place);
      return;
    }
    const count = (this.#failures.get(place)?.count ?? 0) + 1;
    this.#failures.set(place, { count, at: this.#room.deps.clock.monotonic() });
  }

  #isPutOff(place: string): boolean {
    const past = this.#failures.get(place);
    if (past === undefined) return false;
    const wait = Math.min(FIRST_BACK_OFF * 2 ** (past.count - 1), LONGEST_BACK_OFF);
    return this.#room.deps.clock.monotonic() < past.at + wait;
  }

  async #copyTo(
    replica: ReplicaConfig,
    files: readonly string[],
    signal: AbortSignal,
  ): Promise<string | null> {
    const { deps, folders } = this.#room;
    const program = await findProgram('rclone');
    if (program === null) return NO_RCLONE.reason;
    const remote = openRemote(replica, { ...deps, program, timeLimit: COPY_LIMIT, signal });
    const list = join(folders.own, LIST_FILE);
    await mkdir(folders.own, { recursive: true, mode: 0o700 });
    await writeFile(list, `${files.map((file) => file.slice(1)).join('\n')}\n`, { mode: 0o600 });
    const earlier = remote.at(`mirror-earlier/${toIso(deps.clock.now()).replaceAll(/[-:]|\.\d+/g, '')}`);
    const only = ['--files-from-raw', list];
    const compare = replica.hasHashes ? [] : ['--download'];
    return (
      (await remote.run(['copy', '/', remote.at('mirror'), ...only, '--backup-dir', earlier])) ??
      (await remote.run(['check', '/', remote.at('mirror'), ...only, '--one-way', ...compare]))
    );
  }
}

async function pictureOf(
  files: readonly string[],
): Promise<{ readonly picture: string; readonly present: readonly string[] }> {
  const lines = await Promise.all(
    files.map(async (file) => {
      const found = await stat(file, { bigint: true }).catch(() => null); // not there, which is a state too
      return found?.isFile() ? { file, line: `${file} ${found.size} ${found.mtimeNs} ${found.ino}` } : null;
    }),
  );
  const there = lines.filter((line) => line !== null);
  return {
    picture: there.map(({ line }) => line).join('\n'),
    present: there.map(({ file }) => file),
  };
}
