/** Pause and drain of each queue: survive a restart, changed by nothing but records of the journal. */
import type { GateRecord, Sequenced } from './records.ts';

export interface Gate {
  /** `null` = open; `until: null` = until resumed. */
  readonly paused: { readonly until: number | null; readonly by: string } | null;
  readonly draining: boolean;
}

const OPEN: Gate = { paused: null, draining: false };

export interface Gates {
  gate(queue: string): Gate;
  apply(record: GateRecord, s: number): void;
  /** Records that make every gate anew that is not open. */
  snapshot(): Iterable<Sequenced>;
}

export function createGates(): Gates {
  const gates = new Map<string, { readonly gate: Gate; readonly s: number }>();
  const gate = (queue: string): Gate => gates.get(queue)?.gate ?? OPEN;
  return {
    gate,
    apply: (record, s) => void gates.set(record.queue, { gate: after(record, gate(record.queue)), s }),
    *snapshot() {
      for (const [queue, { gate: now, s }] of gates) {
        if (now.paused !== null) yield { s, record: { r: 'pause', queue, ...now.paused } };
        if (now.draining) yield { s, record: { r: 'drain', queue, by: 'nightshift' } };
      }
    },
  };
}

function after(record: GateRecord, before: Gate): Gate {
  switch (record.r) {
    case 'pause':
      return { ...before, paused: { until: record.until, by: record.by } };
    case 'drain':
      return { ...before, draining: true };
    case 'resume':
      return OPEN;
  }
}
