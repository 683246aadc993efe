/**
 * Keeps one Socket Mode connection open. The SDK's own reconnect waits for seconds at each refresh, gives up,
 * and rejects where nobody can catch (measured), so it is switched off and this loop is the only owner: at a
 * refresh the next connection opens while the old one closes.
 */
import { type Ms, ms, seconds } from '../../domain/units.ts';
import { backOff } from '../back-off.ts';
import type { SurfaceFault } from '../surface-fault.ts';
import { type Connection, type ConnectionDeps, type ConnectionEnd, openConnection } from './connection.ts';

/** A connection that lived shorter than this is not followed at once. */
const SHORT_LIFE = seconds(5);

export interface SocketLoop {
  /** Resolves when the first try stands or failed. */
  start(): Promise<void>;
  stop(): void;
}

export interface SocketLoopDeps extends ConnectionDeps {
  readonly onUp: () => void;
  readonly onLost: (reason: string) => void;
  /** Refused twice in a row: nobody tries again. */
  readonly onRefused: (reason: string) => void;
}

export function createSocketLoop(deps: SocketLoopDeps): SocketLoop {
  const { clock, timing } = deps;
  const stopping = new AbortController();
  let current: Connection | null = null;
  let failures = 0;
  let refusals = 0;

  async function run(tried: () => void): Promise<void> {
    while (!stopping.signal.aborted) {
      const connection = openConnection(deps);
      current = connection;
      const bornAt = clock.monotonic();
      const failed = await connection.opened;
      const wait = failed === null ? null : afterFailure(failed, connection);
      tried();
      if (wait === 'never') return;
      if (wait !== null) {
        await pause(wait);
        continue;
      }
      refusals = 0;
      deps.onUp();
      const end = await connection.ended;
      await pause(afterEnd(end, clock.monotonic() - bornAt));
    }
  }

  function afterFailure(failed: SurfaceFault, connection: Connection): Ms | 'never' {
    connection.close();
    if (stopping.signal.aborted) return 'never';
    if (failed.kind === 'credentials') {
      refusals += 1;
      if (refusals > 1) {
        deps.onRefused(failed.reason);
        return 'never';
      }
      deps.onLost(failed.reason);
      return timing.confirmAfter;
    }
    deps.onLost(failed.reason);
    failures += 1;
    const own = backOff(failures - 1, timing.reconnectFrom, timing.reconnectUpTo);
    return ms(Math.max(own, seconds(failed.retryAfterSeconds ?? 0)));
  }

  function afterEnd(end: ConnectionEnd, lived: number): Ms {
    failures = lived >= timing.reconnectUpTo ? 0 : failures + 1;
    if (end.kind === 'refresh' && lived >= Math.min(SHORT_LIFE, timing.reconnectUpTo)) return seconds(0);
    if (end.kind === 'refresh') return timing.reconnectFrom;
    deps.onLost(end.reason);
    if (end.kind === 'crowded') return timing.crowdedFor;
    return backOff(Math.max(0, failures - 1), timing.reconnectFrom, timing.reconnectUpTo);
  }

  async function pause(span: Ms): Promise<void> {
    await clock.sleep(span, stopping.signal).catch(() => {
      // Stopped: the loop looks at the signal itself.
    });
  }

  return {
    start: () => new Promise((resolve) => void run(resolve)),
    stop() {
      stopping.abort();
      current?.close();
    },
  };
}
