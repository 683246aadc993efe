/**
 * A corpus made on the spot, the same for every run: many small text files (log-normal, median about 4 kB), some of
 * 100 MB (random, log text, mixed), a database, links of every sort, empty folders, a sparse file.
 */
import {
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export interface CorpusSize {
  readonly files: number;
  readonly big: number;
  readonly bigBytes: number;
  readonly databaseBytes: number;
}

export const FULL: CorpusSize = { files: 20_000, big: 8, bigBytes: 100_000_000, databaseBytes: 60_000_000 };
export const SMALL: CorpusSize = { files: 2_000, big: 2, bigBytes: 20_000_000, databaseBytes: 5_000_000 };

const WORDS =
  'request served error timeout retry worker queue latency upstream deploy started finished'.split(' ');
const FILES_IN_FOLDER = 200;

/** @returns Bytes of content. */
export function makeCorpus(folder: string, size: CorpusSize): number {
  const random = seeded(7);
  let bytes = 0;
  for (let number = 0; number < size.files; number += 1) {
    const place = join(folder, 'small', `d${Math.floor(number / FILES_IN_FOLDER)}`);
    if (number % FILES_IN_FOLDER === 0) mkdirSync(place, { recursive: true });
    const length = Math.min(400_000, Math.round(4_000 * Math.exp(1.2 * normal(random))));
    const text = textOf(length, random);
    writeFileSync(join(place, `f${number}.json`), text);
    bytes += text.length;
  }
  mkdirSync(join(folder, 'big'));
  for (let number = 0; number < size.big; number += 1) {
    bytes += bigFile(join(folder, 'big', `b${number}.bin`), size.bigBytes, number % 3, random);
  }
  bytes += bigFile(join(folder, 'data.db'), size.databaseBytes, 2, random);
  links(folder, size.files);
  return bytes;
}

function links(folder: string, files: number): void {
  mkdirSync(join(folder, 'links'));
  for (let number = 0; number < 100; number += 1) {
    symlinkSync(`../small/d0/f${number}.json`, join(folder, 'links', `s${number}`));
    if (number < files)
      linkSync(join(folder, 'small/d0', `f${number}.json`), join(folder, 'links', `h${number}`));
    mkdirSync(join(folder, 'empty', `e${number}`), { recursive: true });
  }
  symlinkSync('/nowhere', join(folder, 'links/dangling'));
  const sparse = openSync(join(folder, 'sparse.img'), 'w');
  ftruncateSync(sparse, 16_000_000);
  closeSync(sparse);
}

/** 0: random, 1: text, 2: half of each. */
function bigFile(path: string, length: number, kind: number, random: () => number): number {
  const file = openSync(path, 'w');
  const block = Buffer.alloc(1_000_000);
  for (let done = 0; done < length; done += block.length) {
    const isText = kind === 1 || (kind === 2 && (done / block.length) % 2 === 0);
    if (isText) block.write(textOf(block.length, random), 'latin1');
    else for (let at = 0; at < block.length; at += 4) block.writeUInt32LE((random() * 2 ** 32) >>> 0, at);
    writeSync(file, block);
  }
  closeSync(file);
  return length;
}

function textOf(length: number, random: () => number): string {
  const lines: string[] = [];
  for (let size = 0; size < length; ) {
    const pick = (): string => WORDS[Math.floor(random() * WORDS.length)] ?? '';
    const line = `{"t":${Math.floor(random() * 1e9)},"m":"${pick()} ${pick()} ${pick()}","v":${random().toFixed(4)}}\n`;
    lines.push(line);
    size += line.length;
  }
  return lines.join('').slice(0, length);
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random() || 1e-9)) * Math.cos(2 * Math.PI * random());
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
