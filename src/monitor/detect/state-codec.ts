/**
 * The state of a detector as bytes and back: one line of JSON in which each typed array is a place, then the arrays
 * themselves. Megabytes of numbers never become text, so that saving them holds nothing up.
 *
 * Bytes of another version, made with other parameters or with one bit wrong are refused: the caller starts afresh.
 */
import { createHash } from 'node:crypto';
import type { DetectorState } from './detector.ts';
import type { DetectorParameters } from './parameters.ts';

const VERSION = 2;
const LINE_END = 10;
const SLICE = 262_144;

const ARRAYS = { f64: Float64Array, f32: Float32Array, i32: Int32Array, u8: Uint8Array } as const;
type ArrayTag = keyof typeof ARRAYS;
type TypedArray = InstanceType<(typeof ARRAYS)[ArrayTag]>;

interface Placed {
  readonly $array: ArrayTag;
  readonly at: number;
  readonly bytes: number;
}

/**
 * What a file holds, in order. Megabytes are hashed in slices of well under a millisecond.
 *
 * @param pause awaited between slices; the state must be one that nobody changes meanwhile, as `save` gives it.
 */
export async function encodeState(
  state: DetectorState,
  parameters: DetectorParameters,
  pause: () => Promise<unknown>,
): Promise<readonly Uint8Array[]> {
  const arrays: Uint8Array[] = [];
  let at = 0;
  const place = (_key: string, value: unknown): unknown => {
    if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) };
    const tag = tagOf(value);
    if (tag === null) return value;
    const { buffer, byteOffset, byteLength } = value as TypedArray;
    arrays.push(new Uint8Array(buffer, byteOffset, byteLength));
    const placed: Placed = { $array: tag, at, bytes: byteLength };
    at += byteLength;
    return placed;
  };
  const body = JSON.stringify(state, place);
  const sha256 = await hashInSlices([...arrays, Buffer.from(body)], pause);
  const head = { version: VERSION, parameters: hashOf(parameters), sha256 };
  return [Buffer.from(`${JSON.stringify(head)}\n${body}\n`), ...arrays];
}

async function hashInSlices(parts: readonly Uint8Array[], pause: () => Promise<unknown>): Promise<string> {
  const hash = createHash('sha256');
  let since = 0;
  for (const part of parts) {
    for (let from = 0; from < part.length; from += SLICE) {
      const slice = part.subarray(from, from + SLICE);
      hash.update(slice);
      since += slice.length;
      if (since < SLICE) continue;
      since = 0;
      await pause();
    }
  }
  return hash.digest('hex');
}

/** `null` where the bytes are no whole state of this version and these parameters. */
export function decodeState(bytes: Uint8Array, parameters: DetectorParameters): DetectorState | null {
  const [head, body, arrays] = partsOf(bytes);
  const about = parse(head) as Record<string, unknown> | null;
  if (about?.['version'] !== VERSION || about['parameters'] !== hashOf(parameters)) return null;
  const hash = createHash('sha256').update(arrays).update(body).digest('hex');
  if (about['sha256'] !== hash) return null;
  const take = (_key: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if ('$number' in value) return Number(value.$number);
    if (!('$array' in value)) return value;
    const { $array, at, bytes: size } = value as Placed;
    return new ARRAYS[$array](Uint8Array.from(arrays.subarray(at, at + size)).buffer);
  };
  return parse(body, take) as DetectorState | null;
}

function partsOf(bytes: Uint8Array): readonly [head: string, body: string, arrays: Uint8Array] {
  const first = bytes.indexOf(LINE_END);
  const second = bytes.indexOf(LINE_END, first + 1);
  if (first === -1 || second === -1) return ['', '', new Uint8Array(0)];
  const text = (from: number, to: number): string => Buffer.from(bytes.subarray(from, to)).toString('utf8');
  return [text(0, first), text(first + 1, second), bytes.subarray(second + 1)];
}

function parse(text: string, reviver?: (key: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch {
    // Not JSON at all: told apart from no state by nobody, so it is none.
    return null;
  }
}

function tagOf(value: unknown): ArrayTag | null {
  if (!ArrayBuffer.isView(value)) return null;
  for (const [tag, kind] of Object.entries(ARRAYS)) if (value instanceof kind) return tag as ArrayTag;
  return null;
}

function hashOf(parameters: DetectorParameters): string {
  return createHash('sha256').update(JSON.stringify(parameters)).digest('hex').slice(0, 16);
}
