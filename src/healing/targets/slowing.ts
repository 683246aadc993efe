/**
 * How a driver slows what it reaches by a limit of its supervisor (CPUQuota, an update of a container), and gives
 * back what stood before. What is needed for that is in the plan, which is saved before anything is changed.
 */
import type { Outcome } from '../../domain/strategy.ts';
import type { ThrottleAnswer, ThrottleNeed, ThrottlePlan } from '../../domain/throttle.ts';

/** What is left to a slowed target, in the host's own units. */
export interface SlowingRoom {
  readonly need: ThrottleNeed;
  /** `null` = not limited. */
  readonly cores: number | null;
  readonly memoryBytes: number | null;
  /** What its processes hold now; `null` = not known. */
  readonly usedBytes: number | null;
}

/** Never throws for what the target may answer. */
export interface Slowing {
  /** Looks and answers; changes nothing. */
  plan(room: SlowingRoom): Promise<ThrottleAnswer>;
  /** Asking again is harmless. */
  apply(plan: ThrottlePlan, signal: AbortSignal): Promise<Outcome>;
  /** What somebody else has set since then stays as it is. */
  release(plan: ThrottlePlan, signal: AbortSignal): Promise<Outcome>;
}

/** A limit below what is in use stalls or kills: memory is only kept from growing much further. */
const GROWTH_PERCENT = 110;
const MEGABYTE = 1_048_576;
const MEGABYTES_SHOWN = 1_000_000;

/**
 * The memory a target is held to, whole megabytes: its share, or what it uses and a tenth where that is more.
 * `null` where its use is not known: then nothing may be limited.
 */
export function memoryLimit({ memoryBytes, usedBytes }: SlowingRoom): number | null {
  if (memoryBytes === null || usedBytes === null) return null;
  return Math.ceil(Math.max(memoryBytes, (usedBytes * GROWTH_PERCENT) / 100) / MEGABYTE) * MEGABYTE;
}

export function megabytes(value: number): string {
  return `${Math.round(value / MEGABYTES_SHOWN)} MB`;
}

/** One number of a plan's token, or `null`. */
export function numberOf(plan: ThrottlePlan, name: string): number | null {
  const value = plan.token[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
