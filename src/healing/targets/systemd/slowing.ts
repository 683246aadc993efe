/** Slows a unit by CPUQuota or MemoryHigh at run time, and sets back what it had. */
import type { Outcome } from '../../../domain/strategy.ts';
import type { SystemdTarget } from '../../../domain/target.ts';
import type { ThrottleAnswer, ThrottlePlan } from '../../../domain/throttle.ts';
import { failed, succeeded, unknownOutcome } from '../driver.ts';
import { megabytes, memoryLimit, numberOf, type Slowing, type SlowingRoom } from '../slowing.ts';
import type { SystemdDoor } from './door.ts';
import { UNIT_LIMITS, type UnitLimitName } from './unit-limits.ts';

/** Microseconds a second in one percent of a core: the command knows whole percents only. */
const PERCENT = 10_000;

export function createUnitSlowing({ name: target, unit }: SystemdTarget, door: SystemdDoor): Slowing {
  return {
    plan: (room) => plan(target, unit, room, door),
    async apply(plan) {
      const property = propertyOf(plan);
      const ours = numberOf(plan, 'ours');
      if (property === null || ours === null) return failed('the plan cannot be read');
      return set(unit, property, ours, door);
    },
    async release(plan) {
      const property = propertyOf(plan);
      if (property === null) return failed('the plan cannot be read');
      const now = await door.limits(unit);
      if (now.kind === 'silent') return failed(now.reason);
      const present = now.limits[property];
      if (present !== numberOf(plan, 'ours')) {
        return succeeded(`left at ${words(property, present)}, which somebody else has set`);
      }
      return set(unit, property, numberOf(plan, 'before'), door);
    },
  };
}

async function plan(
  target: string,
  unit: string,
  room: SlowingRoom,
  door: SystemdDoor,
): Promise<ThrottleAnswer> {
  const property = room.need === 'cpu' ? 'CPUQuotaPerSecUSec' : 'MemoryHigh';
  const ours = room.need === 'cpu' ? quota(room.cores) : memoryLimit(room);
  if (ours === null) return { kind: 'cannot', reason: `the memory that ${unit} uses is not known` };
  const look = await door.look(unit);
  if (look.kind === 'silent') return { kind: 'cannot', reason: look.reason };
  if (look.view.activeState !== 'active')
    return { kind: 'cannot', reason: `${unit} is ${look.view.activeState}` };
  const now = await door.limits(unit);
  if (now.kind === 'silent') return { kind: 'cannot', reason: now.reason };
  const before = now.limits[property];
  if (before !== null && before <= ours) {
    return { kind: 'cannot', reason: `${unit} is held to ${words(property, before)} already` };
  }
  return {
    kind: 'can',
    plan: {
      target,
      measure: 'slow',
      effect: `${words(property, ours)} for ${unit}`,
      undo: `${words(property, before)} for ${unit} as before`,
      token: { kind: 'systemd', property, ours, before },
    },
  };
}

async function set(
  unit: string,
  property: UnitLimitName,
  value: number | null,
  door: SystemdDoor,
): Promise<Outcome> {
  const end = await door.setLimit(unit, property, value);
  if (end.kind === 'refused') return failed(end.reason);
  if (end.kind === 'lost') return unknownOutcome(end.reason);
  const now = await door.limits(unit);
  if (now.kind === 'silent') return unknownOutcome(now.reason);
  const present = now.limits[property];
  return present === value
    ? succeeded(`systemd says ${words(property, present)} for ${unit}`)
    : failed(`systemd says ${words(property, present)} for ${unit} after it was set`);
}

function quota(cores: number | null): number | null {
  return cores === null ? null : Math.max(1, Math.round(cores * 100)) * PERCENT;
}

function words(property: UnitLimitName, value: number | null): string {
  if (property === 'MemoryHigh') return `MemoryHigh ${value === null ? 'unlimited' : megabytes(value)}`;
  return `CPUQuota ${value === null ? 'unlimited' : `${Math.round(value / PERCENT)} %`}`;
}

function propertyOf({ token }: ThrottlePlan): UnitLimitName | null {
  return UNIT_LIMITS.find((name) => name === token['property']) ?? null;
}
