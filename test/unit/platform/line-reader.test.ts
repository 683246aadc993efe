import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLines, readLinesBackward } from '../../../src/platform/line-reader.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const line = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.integer({ min: 1, max: 90_000 }).map((n) => 'x'.repeat(n)),
);
const lines = fc.array(
  line.map((text) => text.replaceAll('\n', ' ')),
  { maxLength: 12 },
);

describe('readLines', () => {
  it('gives every line with its number, however long, and marks an unfinished last one', async () => {
    const path = join(temporaryFolder(), 'a');
    await fc.assert(
      fc.asyncProperty(lines, fc.boolean(), async (texts, torn) => {
        writeFileSync(path, texts.map((text) => `${text}\n`).join('') + (torn ? 'half' : ''));

        const read = await collect(readLines(path));

        expect(read.map((entry) => entry.bytes.toString())).toEqual(torn ? [...texts, 'half'] : texts);
        expect(read.map((entry) => entry.number)).toEqual(read.map((_, index) => index + 1));
        expect(read.filter((entry) => !entry.complete)).toHaveLength(torn ? 1 : 0);
      }),
      { numRuns: 50 },
    );
  });
});

describe('readLinesBackward', () => {
  it('gives the same lines, the last first', async () => {
    const path = join(temporaryFolder(), 'a');
    await fc.assert(
      fc.asyncProperty(lines, async (texts) => {
        writeFileSync(path, texts.map((text) => `${text}\n`).join(''));

        const read = await collect(readLinesBackward(path));

        expect(read.map((bytes) => bytes.toString())).toEqual(texts.toReversed());
      }),
      { numRuns: 50 },
    );
  });
});

async function collect<T>(values: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}
