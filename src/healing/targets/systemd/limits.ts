/**
 * The two limits of a unit that the throttle lowers, read and set at run time: nothing of it outlives a boot, and no
 * file of the unit is touched.
 */
import { describeError } from '../../../domain/errors.ts';
import type { CommandRunner } from '../../../domain/ports.ts';
import { seconds } from '../../../domain/units.ts';
import { type Bus, errorName } from './bus.ts';
import { NOT_ALLOWED } from './door.ts';
import { span } from './properties.ts';
import { type LimitsAnswer, type SetLimitEnd, UNIT_LIMITS, type UnitLimitName } from './unit-limits.ts';

const SYSTEMD = 'org.freedesktop.systemd1';
const ROOT = '/org/freedesktop/systemd1';
const REFUSED = /InteractiveAuthorizationRequired|AccessDenied|AuthFailed/;
const LOOK_LIMIT = seconds(5);
/** What systemd writes for "no limit". */
const NO_LIMIT = 2n ** 64n - 1n;
const PER_CORE_PERCENT = 10_000;

export async function busLimits(bus: Bus, path: string): Promise<LimitsAnswer> {
  try {
    const [all] = await bus.call({
      destination: SYSTEMD,
      path,
      interface: 'org.freedesktop.DBus.Properties',
      member: 'GetAll',
      signature: 's',
      body: [''],
    });
    const values = (all ?? {}) as Readonly<Record<string, { readonly value?: unknown } | undefined>>;
    return toLimits((name) => values[name]?.value);
  } catch (cause) {
    return { kind: 'silent', reason: `systemd does not answer on the bus (${describeError(cause)})` };
  }
}

export async function setBusLimit(
  bus: Bus,
  unit: string,
  name: UnitLimitName,
  value: number | null,
): Promise<SetLimitEnd> {
  try {
    const { Variant } = await import('@jellybrick/dbus-next');
    const variant = new Variant('t', value === null ? NO_LIMIT : BigInt(value));
    await bus.call({
      destination: SYSTEMD,
      path: ROOT,
      interface: `${SYSTEMD}.Manager`,
      member: 'SetUnitProperties',
      signature: 'sba(sv)',
      body: [unit, true, [[name, variant]]],
    });
    return { kind: 'done' };
  } catch (cause) {
    const error = errorName(cause);
    if (REFUSED.test(error)) return { kind: 'refused', reason: NOT_ALLOWED };
    const reason = describeError(cause);
    return error === '' ? { kind: 'lost', reason } : { kind: 'refused', reason };
  }
}

export async function commandLimits(
  commands: CommandRunner,
  program: string,
  unit: string,
): Promise<LimitsAnswer> {
  const argv = [program, 'show', ...UNIT_LIMITS.flatMap((name) => ['-p', name]), '--', unit];
  const result = await commands.run({ argv, timeLimit: LOOK_LIMIT });
  if (result.kind !== 'exited' || result.code !== 0) {
    return { kind: 'silent', reason: 'systemctl show did not answer' };
  }
  const lines = Object.fromEntries(result.output.split('\n').map((line) => line.split('=', 2)));
  return toLimits((name) => lines[name]);
}

export async function setCommandLimit(
  commands: CommandRunner,
  program: string,
  unit: string,
  name: UnitLimitName,
  value: number | null,
): Promise<SetLimitEnd> {
  const argv = [program, '--no-ask-password', 'set-property', '--runtime', '--', unit, setting(name, value)];
  const result = await commands.run({ argv, timeLimit: LOOK_LIMIT });
  if (result.kind === 'not_started') return { kind: 'refused', reason: result.reason };
  if (result.kind !== 'exited') return { kind: 'lost', reason: 'systemctl did not end by itself' };
  if (result.code === 0) return { kind: 'done' };
  const isForbidden = /authentication required|access denied/i.test(result.output);
  return { kind: 'refused', reason: isForbidden ? NOT_ALLOWED : result.output.trim().slice(-200) };
}

/** An empty quota is no quota; memory has a word for it. */
function setting(name: UnitLimitName, value: number | null): string {
  if (name === 'MemoryHigh') return `MemoryHigh=${value ?? 'infinity'}`;
  return value === null ? 'CPUQuota=' : `CPUQuota=${Math.round(value / PER_CORE_PERCENT)}%`;
}

function toLimits(told: (name: UnitLimitName) => unknown): LimitsAnswer {
  const quota = quotaOf(told('CPUQuotaPerSecUSec'));
  const memory = bytesOf(told('MemoryHigh'));
  if (quota === undefined || memory === undefined) {
    return { kind: 'silent', reason: 'systemd did not say what limits the unit has' };
  }
  return { kind: 'limits', limits: { CPUQuotaPerSecUSec: quota, MemoryHigh: memory } };
}

/** `undefined` = not readable. */
function quotaOf(value: unknown): number | null | undefined {
  if (typeof value === 'bigint') return value === NO_LIMIT ? null : Number(value);
  if (value === 'infinity') return null;
  const time = typeof value === 'string' ? span(value) : null;
  return time === null ? undefined : Math.round(time * 1_000);
}

function bytesOf(value: unknown): number | null | undefined {
  if (typeof value === 'bigint') return value === NO_LIMIT ? null : Number(value);
  if (value === 'infinity') return null;
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : undefined;
}
