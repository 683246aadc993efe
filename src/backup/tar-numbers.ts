/**
 * The numbers in a header of a tar entry. There are two headers for every small file, so the usual form, octal
 * digits, is read here; every other form (base 256 of GNU tar, what is damaged) is left to the library.
 */
import { Header } from 'tar/header';

const SPACE = 0x20;
const ZERO = 0x30;
const SEVEN = 0x37;
const SUM_AT = 148;
const SUM_END = 156;

const FIELDS = {
  mode: [100, 107],
  uid: [108, 115],
  gid: [116, 123],
  size: [124, 135],
  mtime: [136, 147],
} as const;

export type NumberField = keyof typeof FIELDS;

/** `undefined`: the field is empty. */
export function numberAt(block: Buffer, field: NumberField): number | undefined {
  const [from, to] = FIELDS[field];
  return octalAt(block, from, to) ?? fromLibrary(new Header(block), field);
}

/** The sum of all bytes, its own field counted as blanks. */
export function isSumRight(block: Buffer): boolean {
  let sum = (SUM_END - SUM_AT) * SPACE;
  for (let at = 0; at < SUM_AT; at += 1) sum += block[at] ?? 0;
  for (let at = SUM_END; at < block.length; at += 1) sum += block[at] ?? 0;
  const said = octalAt(block, SUM_AT, SUM_AT + 6);
  return said === undefined ? new Header(block).cksumValid : said === sum;
}

/** Digits from the first to the last place and then the end of the field, as this program and GNU tar write them. */
function octalAt(block: Buffer, from: number, to: number): number | undefined {
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = block[at] ?? 0;
    if (digit < ZERO || digit > SEVEN) return undefined;
    value = value * 8 + digit - ZERO;
  }
  const end = block[to];
  return end === 0 || end === SPACE ? value : undefined;
}

function fromLibrary(header: Header, field: NumberField): number | undefined {
  if (field !== 'mtime') return header[field];
  const { mtime } = header;
  return mtime === undefined ? undefined : Math.floor(mtime.getTime() / 1_000);
}
