/** Properties of a unit, as D-Bus types them or as `systemctl show` prints them, to one view. Pure. */
import { type Ms, ms, seconds } from '../../../domain/units.ts';
import type { UnitProperty } from './door.ts';
import type { UnitView } from './unit.ts';

const USUAL_RESTART_DELAY: Ms = ms(100);
const USUAL_START_LIMIT: Ms = seconds(90);
/** A service may say "no limit"; hands are not kept off for longer than this all the same. */
const LONGEST_START: Ms = seconds(600);
const SPANS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

export function parseProperties(all: Readonly<Partial<Record<UnitProperty, unknown>>>): UnitView {
  const text = (name: UnitProperty): string => toText(all[name]);
  return {
    loadState: text('LoadState'),
    activeState: text('ActiveState'),
    subState: text('SubState'),
    result: text('Result'),
    type: text('Type'),
    mainPid: Number(text('MainPID')) || 0,
    invocation: text('InvocationID'),
    exitStatus: Number(text('ExecMainStatus')) || 0,
    restart: text('Restart') || 'no',
    restartDelay: span(all.RestartUSec) ?? USUAL_RESTART_DELAY,
    startLimit: ms(Math.min(LONGEST_START, span(all.TimeoutStartUSec) ?? USUAL_START_LIMIT)),
    controlGroup: text('ControlGroup'),
  };
}

/** The lines of `systemctl show`. */
export function parseShow(output: string): UnitView {
  const entries = output.split('\n').flatMap((line) => {
    const at = line.indexOf('=');
    return at === -1 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
  });
  return parseProperties(Object.fromEntries(entries));
}

/** An invocation id is bytes on the bus and hexadecimal in the terminal. */
function toText(value: unknown): string {
  if (value instanceof Uint8Array) return hex([...value]);
  if (Array.isArray(value)) return hex(value.map(Number));
  return value === undefined || value === null ? '' : String(value);
}

function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Microseconds on the bus, `1min 30s` in the terminal; `null` for "no limit" and for what cannot be read. */
export function span(value: unknown): Ms | null {
  if (typeof value === 'bigint') return value > 10n ** 15n ? null : ms(Number(value / 1_000n));
  if (typeof value === 'number') return ms(value / 1_000);
  const parts = [...String(value ?? '').matchAll(/(\d+(?:\.\d+)?)(us|ms|s|min|h|d)\b/g)];
  if (parts.length === 0) return null;
  return ms(parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (SPANS[unit] ?? 0), 0));
}
