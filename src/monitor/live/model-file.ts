/**
 * What the streaming detector has learnt, on disk: one file, replaced as a whole, with the one before it beside it.
 * A file that cannot be used is left where it is and the backup is tried; without either, learning starts afresh.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describeError } from '../../domain/errors.ts';
import type { Logger } from '../../domain/ports.ts';
import { writeDurably } from '../../platform/durable-file.ts';
import type { DetectorState } from '../detect/detector.ts';
import type { DetectorParameters } from '../detect/parameters.ts';
import { decodeState, encodeState } from '../detect/state-codec.ts';

export interface ModelFile {
  /** Never throws: `null` where nothing usable is there. */
  read(): Promise<DetectorState | null>;
  /** Resolves when it is on disk, one write after the other; says in the log when it cannot be. Never throws. */
  write(state: DetectorState): Promise<void>;
}

export interface ModelFileDeps {
  readonly path: string;
  readonly parameters: DetectorParameters;
  readonly log: Logger;
}

export function createModelFile({ path, parameters, log }: ModelFileDeps): ModelFile {
  let last: Promise<void> = Promise.resolve();

  async function writeNow(state: DetectorState): Promise<void> {
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeDurably(path, Buffer.concat(await encodeState(state, parameters, nextTurn)));
    } catch (cause) {
      log.warn('the learnt model is not on disk', { error: describeError(cause) });
    }
  }

  return {
    async read() {
      for (const candidate of [path, `${path}.bak`]) {
        const bytes = await readFile(candidate).catch(() => null); // not there: the first start
        const state = bytes === null ? null : decodeState(bytes, parameters);
        if (state !== null) return state;
        if (bytes !== null) log.warn('a learnt model cannot be used', { path: candidate });
      }
      return null;
    },
    write(state) {
      last = last.then(() => writeNow(state));
      return last;
    },
  };
}
