/** What a tar reader sees in an archive, for tests. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { HeaderOf } from '../../src/backup/tar-header.ts';
import { createTarReader } from '../../src/backup/tar-read.ts';

export interface SeenEntry extends HeaderOf {
  readonly sha256: string;
}

/** @throws what the reader throws. */
export function readTar(path: string, chunkBytes = 1_000): readonly SeenEntry[] {
  const seen: SeenEntry[] = [];
  let entry: HeaderOf | undefined;
  let hash = createHash('sha256');
  const keep = (): void => {
    if (entry !== undefined) seen.push({ ...entry, sha256: hash.digest('hex') });
    entry = undefined;
    hash = createHash('sha256');
  };
  const reader = createTarReader({
    onEntry(next) {
      keep();
      entry = next;
    },
    onData: (content) => void hash.update(content),
    onEnd: keep,
  });
  const content = readFileSync(path);
  for (let at = 0; at < content.length; at += chunkBytes) reader.push(content.subarray(at, at + chunkBytes));
  keep();
  reader.end();
  return seen;
}
