/**
 * The state of a detector as one JSON text and back: typed arrays as base64, numbers that JSON has no word for
 * by name. A text of another version or made with other parameters is refused: the caller starts afresh.
 */
import { createHash } from 'node:crypto';
import type { DetectorState } from './detector.ts';
import type { DetectorParameters } from './parameters.ts';

const VERSION = 1;

const ARRAYS = { f64: Float64Array, f32: Float32Array, i32: Int32Array, u8: Uint8Array } as const;
type ArrayTag = keyof typeof ARRAYS;
type TypedArray = InstanceType<(typeof ARRAYS)[ArrayTag]>;

interface Packed {
  readonly $array: ArrayTag;
  readonly base64: string;
}

export function encodeState(state: DetectorState, parameters: DetectorParameters): string {
  return JSON.stringify({ version: VERSION, parameters: hashOf(parameters), state }, pack);
}

/** `null` where the text is no state of this version and these parameters. */
export function decodeState(text: string, parameters: DetectorParameters): DetectorState | null {
  const parsed = parse(text);
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { version, parameters: hash, state } = parsed as Record<string, unknown>;
  if (version !== VERSION || hash !== hashOf(parameters)) return null;
  return typeof state === 'object' && state !== null ? (state as DetectorState) : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text, unpack);
  } catch {
    // Not JSON at all: told apart from no state by nobody, so it is none.
    return null;
  }
}

function pack(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) };
  const tag = tagOf(value);
  if (tag === null) return value;
  const { buffer, byteOffset, byteLength } = value as TypedArray;
  return {
    $array: tag,
    base64: Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
  } satisfies Packed;
}

function unpack(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$number' in value) return Number(value.$number);
  if (!('$array' in value)) return value;
  const { $array, base64 } = value as Packed;
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
  return new ARRAYS[$array](bytes.buffer);
}

function tagOf(value: unknown): ArrayTag | null {
  for (const [tag, kind] of Object.entries(ARRAYS)) if (value instanceof kind) return tag as ArrayTag;
  return null;
}

function hashOf(parameters: DetectorParameters): string {
  return createHash('sha256').update(JSON.stringify(parameters)).digest('hex').slice(0, 16);
}
