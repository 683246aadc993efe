/** Reads a file line by line, forwards or from its end, without holding all of it. Lines are raw bytes. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

const CHUNK = 65_536;
const NEWLINE = 10;

export interface Line {
  readonly bytes: Buffer;
  /** 1-based. */
  readonly number: number;
  /** False for a last line without its newline. */
  readonly complete: boolean;
}

export async function* readLines(path: string): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
    const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let at = text.indexOf(NEWLINE); at !== -1; at = text.indexOf(NEWLINE, from)) {
      number += 1;
      yield { bytes: text.subarray(from, at), number, complete: true };
      from = at + 1;
    }
    rest = text.subarray(from);
  }
  if (rest.length > 0) yield { bytes: rest, number: number + 1, complete: false };
}

/** The last line first; empty lines are left out. */
export async function* readLinesBackward(path: string): AsyncGenerator<Buffer> {
  const handle = await open(path, 'r');
  try {
    let rest: Buffer = Buffer.alloc(0);
    for (let end = (await handle.stat()).size; end > 0; ) {
      const start = Math.max(0, end - CHUNK);
      const chunk = Buffer.alloc(end - start);
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, start);
      const text = Buffer.concat([chunk.subarray(0, bytesRead), rest]);
      let to = text.length;
      while (to > 0) {
        const at = text.lastIndexOf(NEWLINE, to - 1);
        if (at === -1) break;
        if (at + 1 < to) yield text.subarray(at + 1, to);
        to = at;
      }
      rest = text.subarray(0, to);
      end = start;
    }
    if (rest.length > 0) yield rest;
  } finally {
    await handle.close();
  }
}
