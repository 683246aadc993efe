/**
 * Tells systemd that we are ready, still alive (the watchdog) and stopping. The beat comes from the main loop, so
 * a wedged loop falls silent and is killed.
 *
 * Node cannot open a datagram socket of a path. A descriptor that systemd opened for us (`OpenFile=`, 253 and
 * later) costs no fork; without one `systemd-notify` is run, once for each beat. See docs/adr/0006.
 */
import { write } from 'node:fs';
import { promisify } from 'node:util';
import { describeError } from '../domain/errors.ts';
import type { Cancel, Clock, CommandRunner, Logger } from '../domain/ports.ts';
import { type Ms, ms, seconds } from '../domain/units.ts';
import { withDeadline } from './deadline.ts';

const PROGRAM = '/usr/bin/systemd-notify';
const SEND_LIMIT: Ms = seconds(5);
/** How often "ready" is said again while it could not be said and there is no watchdog. */
const AGAIN: Ms = seconds(5);
const FIRST_DESCRIPTOR = 3;
/** What `OpenFile=` calls the descriptor. */
const DESCRIPTOR_NAME = 'notify';

/** What systemd expects of this process, from its environment. */
export interface ServiceManager {
  /** Path of its socket, or `@name`. */
  readonly socket: string;
  /** Silence that ends us; `null` = no watchdog. */
  readonly watchdog: Ms | null;
  /** A connected descriptor of that socket; `null` = none was given. */
  readonly descriptor: number | null;
}

export interface ServiceNotify {
  /** Says READY=1 and begins to beat. Never rejects. */
  start(): Promise<void>;
  /** Beats no more and says nothing: this process goes on. */
  rest(): Promise<void>;
  /** Says STOPPING=1. Never rejects. */
  stop(): Promise<void>;
}

export type Send = (descriptor: number, text: string) => Promise<unknown>;

export interface ServiceNotifyDeps {
  readonly manager: ServiceManager | null;
  readonly clock: Clock;
  readonly commands: CommandRunner;
  readonly log: Logger;
  /** Writes one datagram; another door in tests. */
  readonly send?: Send;
}

/** `null` where no service manager waits for us, or where it waits for another process. */
export function readServiceManager(
  variables: Readonly<Record<string, string | undefined>>,
  pid: number,
): ServiceManager | null {
  const socket = variables['NOTIFY_SOCKET'] ?? '';
  if (!/^[/@]/.test(socket)) return null;
  const span = Number(variables['WATCHDOG_USEC'] ?? 0) / 1_000;
  const isOurs = [undefined, '', String(pid)].includes(variables['WATCHDOG_PID']);
  return {
    socket,
    watchdog: isOurs && span > 0 ? ms(span) : null,
    descriptor: variables['LISTEN_PID'] === String(pid) ? descriptorIn(variables['LISTEN_FDNAMES']) : null,
  };
}

export function createServiceNotify(deps: ServiceNotifyDeps): ServiceNotify {
  const { manager } = deps;
  if (manager === null) return { start: async () => {}, rest: async () => {}, stop: async () => {} };
  const tell = teller(manager, deps);
  let isReady = false;
  let cancel: Cancel | undefined;

  async function beat(): Promise<void> {
    if (isReady && manager?.watchdog === null) return;
    isReady = (await tell(isReady ? ['WATCHDOG=1'] : ['READY=1', 'WATCHDOG=1'])) || isReady;
  }

  return {
    async start() {
      await beat();
      cancel ??= deps.clock.every(manager.watchdog === null ? AGAIN : ms(manager.watchdog / 2), beat);
    },
    async rest() {
      cancel?.();
    },
    async stop() {
      cancel?.();
      await tell(['STOPPING=1']);
    },
  };
}

/** Whether it was said. Not said is logged once, until it works again; a descriptor that failed is not used again. */
function teller(
  manager: ServiceManager,
  deps: ServiceNotifyDeps,
): (lines: readonly string[]) => Promise<boolean> {
  let { descriptor } = manager;
  let isQuiet = false;
  return async (lines) => {
    if (descriptor !== null && (await byDescriptor(descriptor, deps, lines))) return true;
    descriptor = null;
    const reason = await byProgram(manager, deps, lines);
    if (reason !== '' && !isQuiet) deps.log.warn('the service manager cannot be told', { reason });
    isQuiet = reason !== '';
    return reason === '';
  };
}

async function byDescriptor(
  descriptor: number,
  { clock, log, send = promisify(write) as Send }: ServiceNotifyDeps,
  lines: readonly string[],
): Promise<boolean> {
  try {
    const what = 'the socket of the service manager';
    await withDeadline(clock, { what, span: SEND_LIMIT }, () => send(descriptor, lines.join('\n')));
    return true;
  } catch (cause) {
    log.warn('the descriptor of the service manager does not work', { error: describeError(cause) });
    return false;
  }
}

/** Why it could not be said; empty when it was. */
async function byProgram(
  { socket }: ServiceManager,
  { commands }: ServiceNotifyDeps,
  lines: readonly string[],
): Promise<string> {
  const result = await commands.run({
    argv: [PROGRAM, ...lines],
    env: { NOTIFY_SOCKET: socket },
    timeLimit: SEND_LIMIT,
  });
  if (result.kind === 'exited') return result.code === 0 ? '' : `${PROGRAM} exited with ${result.code}`;
  return result.kind === 'not_started' ? result.reason : `${PROGRAM} ended: ${result.kind}`;
}

function descriptorIn(names: string | undefined): number | null {
  const place = (names ?? '').split(':').indexOf(DESCRIPTOR_NAME);
  return place === -1 ? null : FIRST_DESCRIPTOR + place;
}
