/**
 * How many new chat messages went out in the last hour, for the message budget. The budget holds for each surface, so
 * the busiest one is told. Counted by this process alone: after a restart it begins anew, as the budget does.
 */
import type { Clock, MessageMeter } from '../domain/ports.ts';
import { type Ms, minutes } from '../domain/units.ts';

const WINDOW: Ms = minutes(60);

export function createMessageMeter(clock: Clock): MessageMeter {
  const sent = new Map<string, number[]>();
  const recent = (surface: string): number[] => {
    const from = clock.monotonic() - WINDOW;
    return (sent.get(surface) ?? []).filter((at) => at > from);
  };
  return {
    sent: (surface) => void sent.set(surface, [...recent(surface), clock.monotonic()]),
    lastHour: () => Math.max(0, ...[...sent.keys()].map((surface) => recent(surface).length)),
  };
}
