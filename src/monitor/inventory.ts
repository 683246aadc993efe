/**
 * What this host is: asked of systeminformation once, after the start, and never again.
 *
 * The library starts programs and answers with empty text or zero when they cannot be started; so an empty or
 * zero answer is *unknown* here, and nothing is ever decided on it.
 */
import { describeError } from '../domain/errors.ts';
import type { Clock, Logger } from '../domain/ports.ts';
import { type Ms, seconds } from '../domain/units.ts';
import { withDeadline } from '../platform/deadline.ts';

const DEADLINE: Ms = seconds(15);

/** `null` = unknown. */
export interface Inventory {
  readonly system: string | null;
  readonly kernel: string | null;
  readonly processor: string | null;
  readonly cores: number | null;
  readonly memoryBytes: number | null;
}

export async function readInventory(clock: Clock, log: Logger): Promise<Inventory | null> {
  try {
    return await withDeadline(clock, { what: 'the inventory of this host', span: DEADLINE }, ask);
  } catch (cause) {
    log.info('the inventory of this host is unknown', { error: describeError(cause) });
    return null;
  }
}

async function ask(): Promise<Inventory> {
  const { default: si } = await import('systeminformation');
  const [os, cpu, mem] = await Promise.all([si.osInfo(), si.cpu(), si.mem()]);
  const name = [os.distro, os.release].filter((part) => part !== '' && part !== 'unknown').join(' ');
  return {
    system: text(name),
    kernel: text(os.kernel),
    processor: text([cpu.manufacturer, cpu.brand].join(' ').trim()),
    cores: positive(cpu.cores),
    memoryBytes: positive(mem.total),
  };
}

function text(value: string): string | null {
  return value.trim() === '' ? null : value.trim();
}

function positive(value: number): number | null {
  return Number.isFinite(value) && value > 0 ? value : null;
}
