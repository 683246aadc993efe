/**
 * One Socket Mode connection from opening to end. The SDK's receiver does the protocol; this file decides when
 * the connection counts as open (its hello came) and when as dead (closed, or silent for too long).
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type App, SocketModeReceiver } from '@slack/bolt';
import { describeError } from '../../domain/errors.ts';
import type { Clock } from '../../domain/ports.ts';
import { ms } from '../../domain/units.ts';
import { inertLine } from '../inert.ts';
import { fault, type SurfaceFault } from '../surface-fault.ts';
import type { SurfaceTiming } from '../surface-timing.ts';
import { toFault } from './faults.ts';
import type { SdkLogger } from './sdk-log.ts';

/** Every frame of life that undici sees; only Slack's sockets live in this thread. */
const PULSES = ['undici:websocket:ping', 'undici:websocket:pong'];

export interface ConnectionDeps {
  readonly app: App;
  readonly appToken: string;
  readonly apiUrl: string;
  readonly clock: Clock;
  readonly timing: SurfaceTiming;
  readonly sdkLogger: SdkLogger;
}

/** `null` = open. */
export type OpenFault = SurfaceFault | null;

export type ConnectionEnd =
  /** Slack closes it in good order and expects the next one. */
  | { readonly kind: 'refresh' }
  /** Too many connections of this app are open. */
  | { readonly kind: 'crowded'; readonly reason: string }
  | { readonly kind: 'lost'; readonly reason: string };

export interface Connection {
  /** Settles within `timing.helloWithin`; never rejects. */
  readonly opened: Promise<OpenFault>;
  readonly ended: Promise<ConnectionEnd>;
  /** Says goodbye without waiting for it. */
  close(): void;
}

export function openConnection(deps: ConnectionDeps): Connection {
  const { clock, timing } = deps;
  const receiver = createReceiver(deps);
  receiver.init(deps.app);
  let lastLife = clock.monotonic();
  let trouble = '';
  let end: (how: ConnectionEnd) => void = () => {};
  const ended = new Promise<ConnectionEnd>((resolve) => {
    end = resolve;
  });
  const alive = (): void => {
    lastLife = clock.monotonic();
  };
  const cancelWatch = clock.every(ms(timing.quietFor / 4), () => {
    const silent = clock.monotonic() - lastLife;
    if (silent <= timing.quietFor) return;
    end({ kind: 'lost', reason: `The connection to Slack was silent for ${Math.round(silent / 1000)} s.` });
  });
  for (const pulse of PULSES) subscribe(pulse, alive);
  void ended.then(() => {
    cancelWatch();
    for (const pulse of PULSES) unsubscribe(pulse, alive);
  });
  receiver.client.on('ws_message', (data: unknown) => {
    alive();
    const reason = disconnectReason(data);
    if (reason !== null) end(orderlyEnd(reason));
  });
  receiver.client.on('error', (error: unknown) => {
    trouble = inertLine(describeError(error)).slice(0, 200);
  });
  receiver.client.on('disconnected', () => {
    end({ kind: 'lost', reason: `The connection to Slack broke. ${trouble}`.trim() });
  });
  return {
    opened: opening(receiver, deps, () => trouble),
    ended,
    close() {
      end({ kind: 'lost', reason: 'closed' });
      receiver.client.disconnect().catch(() => {
        // Already gone: that is what was wanted.
      });
    },
  };
}

function createReceiver(deps: ConnectionDeps): SocketModeReceiver {
  return new SocketModeReceiver({
    appToken: deps.appToken,
    autoReconnectEnabled: false,
    clientPingTimeout: deps.timing.pongWithin,
    logger: deps.sdkLogger,
    installerOptions: {
      clientOptions: {
        slackApiUrl: deps.apiUrl,
        timeout: deps.timing.callWithin,
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
      },
    },
  });
}

async function opening(
  receiver: SocketModeReceiver,
  deps: ConnectionDeps,
  trouble: () => string,
): Promise<OpenFault> {
  const settled = new AbortController();
  const started = receiver.start().then(
    () => null,
    (error: unknown) =>
      error === undefined
        ? fault('unreachable', `Slack did not take the connection. ${trouble()}`.trim())
        : toFault(error),
  );
  const late = deps.clock.sleep(deps.timing.helloWithin, settled.signal).then(
    () => fault('unreachable', 'Slack took the connection but never said hello.'),
    () => null,
  );
  const first = await Promise.race([started, late]);
  settled.abort();
  return first;
}

/** The reason inside Slack's `disconnect` message, or `null` for any other message. */
function disconnectReason(data: unknown): string | null {
  const text = typeof data === 'string' ? data : '';
  if (!text.includes('"disconnect"')) return null;
  try {
    const { type, reason } = JSON.parse(text) as { type?: unknown; reason?: unknown };
    return type === 'disconnect' ? String(reason) : null;
  } catch {
    // Not JSON: the SDK ignores it too.
    return null;
  }
}

function orderlyEnd(reason: string): ConnectionEnd {
  if (reason === 'too_many_websockets') {
    return { kind: 'crowded', reason: 'Slack holds too many connections of this app already.' };
  }
  if (reason === 'link_disabled') {
    return { kind: 'crowded', reason: 'Socket Mode is switched off in the settings of the Slack app.' };
  }
  return { kind: 'refresh' };
}
