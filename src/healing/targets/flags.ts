/**
 * A switch in a JSON file of the service: for a fallback or a cache that has no control URL. The file is replaced
 * whole (fsync, rename), keeps its mode, and nothing else in it is touched. The service has to read it anew itself.
 */
import { chmod, readFile, stat } from 'node:fs/promises';
import { describeError } from '../../domain/errors.ts';
import type { Outcome } from '../../domain/strategy.ts';
import type { Flag } from '../../domain/target.ts';
import { writeDurably } from '../../platform/durable-file.ts';
import { failed, succeeded, unknownOutcome } from './driver.ts';

const MOST_BYTES = 1_048_576;

export type FlagLook =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'fault'; readonly reason: string };

export function showFlag({ file, key }: Flag, value: Flag['on']): string {
  return `set ${key.join('.')} to ${JSON.stringify(value)} in ${file}`;
}

export async function readFlag(flag: Flag): Promise<FlagLook> {
  const read = await readObject(flag.file);
  if (read.kind === 'fault') return read;
  return { kind: 'value', value: valueAt(read.value, flag.key) };
}

export async function setFlag(flag: Flag, value: Flag['on']): Promise<Outcome> {
  const read = await readObject(flag.file);
  if (read.kind === 'fault') return failed(read.reason);
  const before = valueAt(read.value, flag.key);
  if (before === value) return succeeded('it was set already');
  const next = withValue(read.value, flag.key, value);
  if (next === null) return failed(`${flag.key.join('.')} goes through something that is no object`);
  try {
    const { mode } = await stat(flag.file);
    await writeDurably(flag.file, `${JSON.stringify(next, null, 2)}\n`);
    await chmod(flag.file, mode & 0o7777);
  } catch (cause) {
    return unknownOutcome(`${flag.file}: ${describeError(cause)}`);
  }
  return succeeded(`was ${JSON.stringify(before) ?? 'absent'}`);
}

type JsonObject = Readonly<Record<string, unknown>>;

async function readObject(
  file: string,
): Promise<
  { readonly kind: 'object'; readonly value: JsonObject } | { readonly kind: 'fault'; reason: string }
> {
  try {
    if ((await stat(file)).size > MOST_BYTES) return { kind: 'fault', reason: `${file} is too large` };
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (isObject(value)) return { kind: 'object', value };
    return { kind: 'fault', reason: `${file} holds no JSON object` };
  } catch (cause) {
    return { kind: 'fault', reason: `${file}: ${describeError(cause)}` };
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valueAt(object: JsonObject, key: readonly string[]): unknown {
  return key.reduce<unknown>(
    (at, name) => (isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined),
    object,
  );
}

/** `null` where a step on the way is something else than an object. */
function withValue(
  object: JsonObject,
  [name, ...rest]: readonly string[],
  value: unknown,
): JsonObject | null {
  if (name === undefined) return null;
  if (rest.length === 0) return { ...object, [name]: value };
  const inner = Object.hasOwn(object, name) ? object[name] : {};
  const next = isObject(inner) ? withValue(inner, rest, value) : null;
  return next === null ? null : { ...object, [name]: next };
}
