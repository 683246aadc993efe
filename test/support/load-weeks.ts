/** Weeks of minutes with a shape: seeded, so that every run sees the same load. */
import type { MinuteRows } from '../../src/domain/rollup.ts';
import { type EpochMs, epochMs } from '../../src/domain/units.ts';
import { createSeededRandom } from './memory-ports.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
/** A Monday, 00:00 UTC. */
export const MONDAY: EpochMs = epochMs(Date.parse('2026-10-26T00:00:00Z'));

/** 0 = Monday 00 h UTC. */
export function utcHourOfWeek(at: number): number {
  return Math.floor((at - MONDAY) / HOUR + 168_000) % 168;
}

export function isOfficeHour(hour: number): boolean {
  return hour < 120 && hour % 24 >= 9 && hour % 24 < 18;
}

/** @param level Mean and noise of an hour of the week. */
export function loadWeeks(
  weeks: number,
  level: (hour: number) => { readonly mean: number; readonly noise: number },
  seed = 7,
): MinuteRows {
  const random = createSeededRandom(seed);
  const gauss = (): number => random.next() + random.next() + random.next() + random.next() - 2;
  const values = new Float32Array(Math.round(weeks * 10_080));
  for (let index = 0; index < values.length; index += 1) {
    const { mean, noise } = level(utcHourOfWeek(MONDAY + index * MINUTE));
    values[index] = mean + gauss() * noise * 1.73;
  }
  return { first: MONDAY, values };
}

export const OFFICE = (hour: number): { readonly mean: number; readonly noise: number } =>
  isOfficeHour(hour) ? { mean: 0.6, noise: 0.08 } : { mean: 0.1, noise: 0.02 };
