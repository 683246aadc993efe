/**
 * One connection to a D-Bus, made when first needed and made again when it broke. Every call has a deadline of its
 * own; a call that is not answered in time ends the connection, because a dead one says nothing either.
 *
 * The library is loaded on the first connection: who has no systemd target does not pay for it.
 */
import type { Message, MessageBus } from '@jellybrick/dbus-next';
import { describeError, OpsError } from '../../../domain/errors.ts';
import type { Clock, Logger } from '../../../domain/ports.ts';
import { type EpochMs, type Ms, seconds } from '../../../domain/units.ts';
import { withDeadline } from '../../../platform/deadline.ts';

const CALL_LIMIT: Ms = seconds(2);

export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
}

export interface BusSignal {
  readonly path: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

export interface Bus {
  /** @throws an error with `type` set to the D-Bus error name, or `DEADLINE`. */
  call(call: BusCall): Promise<readonly unknown[]>;
  connectedSince(): EpochMs | null;
  close(): void;
}

export interface BusDeps {
  readonly address: string;
  readonly clock: Clock;
  readonly log: Logger;
  onSignal(signal: BusSignal): void;
  /** Subscribes anew; `call` goes over the fresh connection. */
  onConnect(call: Bus['call']): Promise<void>;
}

interface Connection {
  readonly bus: MessageBus;
  readonly library: typeof import('@jellybrick/dbus-next');
  readonly since: EpochMs;
}

const SIGNAL = 4;

export function createBus(deps: BusDeps): Bus {
  const { clock } = deps;
  let opening: Promise<Connection> | null = null;
  let open: Connection | null = null;

  const within = <T>(what: string, work: Promise<T>): Promise<T> =>
    withDeadline(clock, { what, span: CALL_LIMIT }, () => work);
  const drop = (bus: MessageBus | null): void => {
    if (bus !== null && open !== null && open.bus !== bus) return;
    opening = null;
    open = null;
    bus?.disconnect();
  };
  const send = async (connection: Connection, call: BusCall): Promise<readonly unknown[]> => {
    const message = new connection.library.Message({
      ...call,
      signature: call.signature ?? '',
      body: [...(call.body ?? [])],
    });
    const answer = connection.bus.call(message);
    answer.catch(() => {}); // an answer after the deadline concerns nobody
    try {
      return (await within('an answer of the bus', answer))?.body ?? [];
    } catch (cause) {
      if (errorName(cause) === '') drop(connection.bus);
      throw cause;
    }
  };
  const connect = async (): Promise<Connection> => {
    const library = await import('@jellybrick/dbus-next');
    const bus = library.sessionBus({ busAddress: deps.address });
    const connection: Connection = { bus, library, since: clock.now() };
    bus.on('message', (message: Message) => {
      if (message.type === SIGNAL) deps.onSignal(message);
    });
    try {
      await within(
        'the connection to the bus',
        ready(bus, () => drop(bus), deps.log),
      );
      await deps.onConnect((call) => send(connection, call));
    } catch (cause) {
      bus.disconnect();
      throw cause;
    }
    open = connection;
    return connection;
  };

  return {
    async call(call) {
      opening ??= connect().catch((cause: unknown) => {
        drop(null);
        throw cause;
      });
      return send(await opening, call);
    },
    connectedSince: () => open?.since ?? null,
    close: () => drop(open?.bus ?? null),
  };
}

/** The first error ends the waiting; later ones end the connection. */
function ready(bus: MessageBus, onBroken: () => void, log: Logger): Promise<void> {
  return new Promise((resolve, reject) => {
    const emitter: NodeJS.EventEmitter = bus;
    bus.once('connect', () => resolve());
    emitter.on('error', (cause: unknown) => {
      log.debug('bus connection failed', { error: describeError(cause) });
      reject(new OpsError('INTERNAL', describeError(cause), { cause }));
      onBroken();
    });
  });
}

/** The D-Bus name of an error answer; empty where there was no answer. */
export function errorName(cause: unknown): string {
  return cause instanceof Error && 'type' in cause && typeof cause.type === 'string' ? cause.type : '';
}
