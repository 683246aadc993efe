/**
 * systemd over D-Bus: no fork, errors with names, and the signals that tell a manual stop from a crash.
 *
 * Jobs of a unit that begin while we restart it are taken for ours. A job without a readable type is remembered as
 * one all the same: it was short, as stops are.
 */
import { describeError } from '../../../domain/errors.ts';
import type { Clock, Logger } from '../../../domain/ports.ts';
import { type Bus, type BusSignal, createBus, errorName } from './bus.ts';
import { type JobEnd, NOT_ALLOWED, type SystemdDoor, type UnitAnswer, type UnitListener } from './door.ts';
import { busLimits, setBusLimit } from './limits.ts';
import { parseProperties } from './properties.ts';

const SYSTEMD = 'org.freedesktop.systemd1';
const MANAGER = `${SYSTEMD}.Manager`;
const PROPERTIES = 'org.freedesktop.DBus.Properties';
const ROOT = '/org/freedesktop/systemd1';
const ENDS_KEPT = 200;
const REFUSED = /InteractiveAuthorizationRequired|AccessDenied|AuthFailed/;

export interface DbusDoorDeps {
  readonly address: string;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Watched {
  readonly listener: UnitListener;
  readonly path: string;
}

export function createDbusDoor(deps: DbusDoorDeps): SystemdDoor {
  const watched = new Map<string, Watched>();
  const busy = new Set<string>();
  const ends = createJobEnds();
  const bus: Bus = createBus({ ...deps, onSignal, onConnect: subscribe });

  async function subscribe(call: Bus['call']): Promise<void> {
    await call({ destination: SYSTEMD, path: ROOT, interface: MANAGER, member: 'Subscribe' });
    for (const member of ['JobNew', 'JobRemoved']) {
      await addMatch(call, `type='signal',interface='${MANAGER}',member='${member}'`);
    }
    for (const { path } of watched.values()) await addMatch(call, changesOf(path));
  }

  function onSignal({ member, path, body }: BusSignal): void {
    if (member === 'PropertiesChanged') {
      for (const unit of watched.values()) if (unit.path === path) unit.listener.changed();
      return;
    }
    if (member === 'JobNew' || member === 'JobRemoved') onJob(member, body.map(String));
  }

  function onJob(member: 'JobNew' | 'JobRemoved', [, job = '', name = '', result]: readonly string[]): void {
    const listener = watched.get(name)?.listener;
    if (member === 'JobRemoved') {
      ends.end(job, result ?? 'unknown');
      listener?.changed();
    } else if (listener !== undefined && !busy.has(name)) {
      void tellJob(job, listener);
    }
  }

  async function tellJob(job: string, listener: UnitListener): Promise<void> {
    listener.job('unknown');
    try {
      const body = [`${SYSTEMD}.Job`, 'JobType'];
      const [type] = await bus.call({
        destination: SYSTEMD,
        path: job,
        interface: PROPERTIES,
        member: 'Get',
        signature: 'ss',
        body,
      });
      listener.job(String((type as { readonly value?: unknown } | undefined)?.value ?? 'unknown'));
    } catch {
      // It ended before it could be asked; that it was there is known already.
    }
  }

  return {
    forks: false,
    look: (unit) => look(bus, unit),
    async restart(unit, signal) {
      busy.add(unit);
      try {
        return await restart(bus, ends, unit, signal);
      } finally {
        busy.delete(unit);
      }
    },
    limits: (unit) => busLimits(bus, unitPath(unit)),
    setLimit: (unit, name, value) => setBusLimit(bus, unit, name, value),
    watch(unit, listener) {
      const path = unitPath(unit);
      watched.set(unit, { listener, path });
      if (bus.connectedSince() !== null) addMatch(bus.call, changesOf(path)).catch(() => {}); // the beat looks anyway
      return () => void watched.delete(unit);
    },
    watchedSince: bus.connectedSince,
    close: bus.close,
  };
}

async function look(bus: Bus, unit: string): Promise<UnitAnswer> {
  try {
    const [all] = await bus.call({
      destination: SYSTEMD,
      path: unitPath(unit),
      interface: PROPERTIES,
      member: 'GetAll',
      signature: 's',
      body: [''],
    });
    return { kind: 'unit', view: parseProperties(plain(all)) };
  } catch (cause) {
    return {
      kind: 'silent',
      reason: `systemd does not answer on the bus (${describeError(cause)})`,
      lasting: false,
    };
  }
}

async function restart(bus: Bus, ends: JobEnds, unit: string, signal: AbortSignal): Promise<JobEnd> {
  const ask = (member: string, signature: string, body: readonly unknown[]) =>
    bus.call({ destination: SYSTEMD, path: ROOT, interface: MANAGER, member, signature, body });
  try {
    await ask('ResetFailedUnit', 's', [unit]);
  } catch (cause) {
    const name = errorName(cause);
    if (REFUSED.test(name)) return { kind: 'refused', reason: NOT_ALLOWED };
    // A unit that is not loaded has no failures to clear.
    if (!name.endsWith('NoSuchUnit')) return { kind: 'refused', reason: describeError(cause) };
  }
  try {
    const [job] = await ask('RestartUnit', 'ss', [unit, 'replace']);
    return { kind: 'ended', result: await ends.wait(String(job), signal) };
  } catch (cause) {
    const name = errorName(cause);
    if (REFUSED.test(name)) return { kind: 'refused', reason: NOT_ALLOWED };
    const reason = describeError(cause);
    return name === '' ? { kind: 'lost', reason } : { kind: 'refused', reason };
  }
}

function addMatch(call: Bus['call'], rule: string): Promise<unknown> {
  return call({
    destination: 'org.freedesktop.DBus',
    path: '/org/freedesktop/DBus',
    interface: 'org.freedesktop.DBus',
    member: 'AddMatch',
    signature: 's',
    body: [rule],
  });
}

function changesOf(path: string): string {
  return `type='signal',interface='${PROPERTIES}',member='PropertiesChanged',path='${path}'`;
}

/** Everything but letters and digits is written as its byte, as systemd does. */
export function unitPath(unit: string): string {
  const label = [...Buffer.from(unit)]
    .map((byte, at) => {
      const char = String.fromCharCode(byte);
      const isPlain = /[A-Za-z]/.test(char) || (at > 0 && /\d/.test(char));
      return isPlain ? char : `_${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
  return `${ROOT}/unit/${label}`;
}

/** Variants to plain values. */
function plain(all: unknown): Readonly<Record<string, unknown>> {
  const entries = Object.entries((all ?? {}) as Record<string, { readonly value?: unknown }>);
  return Object.fromEntries(entries.map(([name, variant]) => [name, variant?.value]));
}

interface JobEnds {
  end(job: string, result: string): void;
  /** Also for a job that ended before anybody waited for it. */
  wait(job: string, signal: AbortSignal): Promise<string>;
}

function createJobEnds(): JobEnds {
  const known = new Map<string, string>();
  const waiting = new Map<string, (result: string) => void>();
  return {
    end(job, result) {
      known.set(job, result);
      const oldest = known.keys().next().value;
      if (known.size > ENDS_KEPT && oldest !== undefined) known.delete(oldest);
      waiting.get(job)?.(result);
    },
    wait(job, signal) {
      const result = known.get(job);
      if (result !== undefined) return Promise.resolve(result);
      return new Promise((resolve, reject) => {
        const done = (end: string): void => {
          signal.removeEventListener('abort', give);
          waiting.delete(job);
          resolve(end);
        };
        const give = (): void => {
          waiting.delete(job);
          reject(signal.reason);
        };
        waiting.set(job, done);
        signal.addEventListener('abort', give, { once: true });
      });
    },
  };
}
