/**
 * Keeps the head and the tail of an output and counts the rest, in memory that does not grow with what is fed in.
 */

const HALF = 32_768;
/** A cut goes back to a blank this near, so that no half of a word (or of a secret) is left at the edge. */
const EDGE = 200;

export interface CappedOutput {
  add(chunk: Buffer): void;
  /** What was kept, with a line that says how much was left out. */
  text(): string;
}

export function createCappedOutput(half: number = HALF): CappedOutput {
  const head = Buffer.alloc(half);
  const tail = createTail(half);
  let headLength = 0;
  let total = 0;

  return {
    add(chunk) {
      total += chunk.length;
      const taken = chunk.copy(head, headLength);
      headLength += taken;
      tail.add(chunk.subarray(taken));
    },
    text() {
      const leftOut = total - headLength - tail.length();
      const first = head.subarray(0, headLength);
      if (leftOut === 0) return Buffer.concat([first, tail.bytes()]).toString();
      const mark = `\n[${leftOut.toLocaleString('en-US')} bytes left out]\n`;
      return trimEnd(first.toString()) + mark + trimStart(tail.bytes().toString());
    },
  };
}

/** The last `size` bytes of everything added. */
function createTail(size: number): { add(chunk: Buffer): void; length(): number; bytes(): Buffer } {
  const ring = Buffer.alloc(size);
  let next = 0;
  let length = 0;
  return {
    add(chunk) {
      const last = chunk.subarray(Math.max(0, chunk.length - size));
      const first = last.copy(ring, next);
      last.copy(ring, 0, first);
      next = (next + last.length) % size;
      length = Math.min(size, length + last.length);
    },
    length: () => length,
    bytes: () =>
      length < size ? ring.subarray(0, length) : Buffer.concat([ring.subarray(next), ring.subarray(0, next)]),
  };
}

function trimEnd(text: string): string {
  const edge = text.slice(-EDGE);
  const blank = Math.max(edge.lastIndexOf(' '), edge.lastIndexOf('\n'));
  return blank === -1 ? text.replace(/\ufffd+$/, '') : text.slice(0, text.length - edge.length + blank);
}

function trimStart(text: string): string {
  const blank = text.slice(0, EDGE).search(/[ \n]/);
  return blank === -1 ? text.replace(/^\ufffd+/, '') : text.slice(blank + 1);
}
