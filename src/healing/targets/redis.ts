/**
 * Targets of kind `redis`: a cache. Only what is known to be cache is removed: keys of a prefix, or the one database
 * that is declared to be nothing else. Never every database. Every call has two seconds.
 */
import { describeError } from '../../domain/errors.ts';
import type { Clock } from '../../domain/ports.ts';
import type { Outcome } from '../../domain/strategy.ts';
import type { Capability, RedisTarget, TargetState } from '../../domain/target.ts';
import { type Ms, ms, seconds } from '../../domain/units.ts';
import { withDeadline } from '../../platform/deadline.ts';
import {
  type CapabilityCall,
  type CapabilityText,
  cannot,
  failed,
  succeeded,
  type TargetDriver,
  unknownOutcome,
} from './driver.ts';

const CAN: readonly Capability[] = ['clear_cache'];
const CALL_LIMIT: Ms = seconds(2);
const BATCH = 500;
/** A look slower than this is worth a word. */
const SLOW: Ms = ms(500);

/** The calls we need; ioredis has them under these names. */
export interface RedisClient {
  ping(): Promise<unknown>;
  scan(cursor: string, pattern: string, count: number): Promise<readonly [string, readonly string[]]>;
  unlink(keys: readonly string[]): Promise<number>;
  emptyDatabase(): Promise<unknown>;
  close(): void;
}

/** Opens a connection, or throws; it is asked again where one was lost. */
export type RedisConnect = (url: string, database: number, limit: Ms) => Promise<RedisClient>;

export interface RedisDriverDeps {
  readonly clock: Clock;
  readonly connect: RedisConnect;
  /** Of REDIS_URL. */
  readonly usualUrl: string | null;
}

export function createRedisDriver(target: RedisTarget, deps: RedisDriverDeps): TargetDriver {
  const { clock } = deps;
  const { name } = target;
  const url = target.url ?? deps.usualUrl;
  let state: TargetState = { name, up: null, pids: [], reason: 'not looked at yet' };
  let client: RedisClient | null = null;

  const drop = (): void => {
    client?.close();
    client = null;
  };
  /** One call under its deadline; a call that was not answered ends the connection. */
  const ask: Ask = async (what, call) => {
    try {
      return await withDeadline(clock, { what, span: CALL_LIMIT }, async () => {
        client ??= await deps.connect(url ?? '', target.database, CALL_LIMIT);
        return call(client);
      });
    } catch (cause) {
      drop();
      throw cause;
    }
  };
  const refresh = async (): Promise<void> => {
    if (url === null) {
      state = { name, up: null, pids: [], reason: NO_URL };
      return;
    }
    const begun = clock.monotonic();
    try {
      await ask('PING', (open) => open.ping());
      const took = Math.round(clock.monotonic() - begun);
      const reason = took > SLOW ? `answers, after ${took} ms` : 'answers';
      state = { name, up: true, pids: [], reason };
    } catch (cause) {
      state = judgeSilence(name, describeError(cause));
    }
  };

  return {
    target,
    capabilities: () => CAN,
    describe: (call) => describe(call, target, url, state),
    perform(call, signal) {
      const fault =
        call.capability === 'clear_cache' ? faultOf(target, url) : `a cache has no ${call.capability}`;
      return fault === null ? clearCache(target, ask, signal) : Promise.resolve(failed(fault));
    },
    undo: () => Promise.resolve(failed('what was in a cache comes back by itself')),
    state: () => state,
    refresh,
    close: drop,
  };
}

const NO_URL = 'there is no url, here or in REDIS_URL';

type Ask = <T>(what: string, call: (open: RedisClient) => Promise<T>) => Promise<T>;

async function clearCache(target: RedisTarget, ask: Ask, signal: AbortSignal): Promise<Outcome> {
  const { prefix, database, maxKeys } = target;
  let removed = 0;
  try {
    if (prefix === null) {
      await ask('FLUSHDB', (open) => open.emptyDatabase());
      return succeeded(`database ${database} is empty`);
    }
    for await (const count of clear(ask, prefix, maxKeys, signal)) removed += count;
    const more = removed >= maxKeys ? ', and no more are allowed at once' : '';
    return succeeded(`${removed} keys removed${more}`);
  } catch (cause) {
    const reason = `${describeError(cause)}; ${removed} keys were removed before`;
    return prefix === null || removed > 0 ? unknownOutcome(reason) : failed(reason);
  }
}

/** Batch by batch, so that nobody waits behind us; a cursor may come round again, so the number is bounded. */
async function* clear(ask: Ask, prefix: string, most: number, signal: AbortSignal): AsyncGenerator<number> {
  const pattern = `${prefix.replace(/[\\*?[\]]/g, (char) => `\\${char}`)}*`;
  let cursor = '0';
  let left = most;
  do {
    signal.throwIfAborted();
    const [next, found] = await ask('SCAN', (open) => open.scan(cursor, pattern, BATCH));
    const keys = found.slice(0, left);
    if (keys.length > 0) yield await ask('UNLINK', (open) => open.unlink(keys));
    left -= keys.length;
    cursor = next;
  } while (cursor !== '0' && left > 0);
}

function describe(
  call: CapabilityCall,
  target: RedisTarget,
  url: string | null,
  state: TargetState,
): CapabilityText {
  if (!CAN.includes(call.capability)) return cannot(target, call.capability);
  const fault = faultOf(target, url) ?? (state.up === false ? state.reason : null);
  if (fault !== null) return { kind: 'cannot', reason: fault };
  const effect =
    target.prefix === null
      ? `empty database ${target.database} of ${target.name}`
      : `remove keys ${target.prefix}* from database ${target.database} of ${target.name}, at most ${target.maxKeys}`;
  return { kind: 'can', effect, undo: null, idempotent: true, forks: false };
}

function faultOf({ name, prefix, ownsDatabase }: RedisTarget, url: string | null): string | null {
  if (url === null) return NO_URL;
  if (prefix !== null || ownsDatabase) return null;
  return `${name} has no prefix, and its database is not said to be a cache alone`;
}

/** Refused or silent is down; an answer that is not understood (loading, no rights) is unknown. */
function judgeSilence(name: string, reason: string): TargetState {
  const up = /NOAUTH|WRONGPASS|NOPERM|LOADING/.test(reason) ? null : false;
  return { name, up, pids: [], reason: `redis: ${reason}` };
}
