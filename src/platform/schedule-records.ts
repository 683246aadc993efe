/** The records of all scheduled jobs, as they stand in `data/state/schedule.json`. Pure. */
import { type EpochMs, epochMs } from '../domain/units.ts';
import type { JobRecord } from './job-due.ts';

export type Records = Readonly<Record<string, JobRecord>>;

/** @throws an error naming the job whose record has another shape. */
export function parseRecords(data: unknown): Records {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw new Error('expected an object');
  return Object.fromEntries(Object.entries(data).map(([name, record]) => [name, parseRecord(name, record)]));
}

function parseRecord(name: string, data: unknown): JobRecord {
  const { knownSince, lastSuccess, lastSlot, triedAt, failures } = (data ?? {}) as Record<string, unknown>;
  const slot = lastSlot === null || (typeof lastSlot === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(lastSlot));
  if (typeof knownSince !== 'number' || !slot || !Number.isSafeInteger(failures)) {
    throw new Error(`${name}: the record of the job has another shape`);
  }
  return {
    knownSince: epochMs(knownSince),
    lastSuccess: asMoment(lastSuccess),
    lastSlot: lastSlot as string | null,
    triedAt: asMoment(triedAt),
    failures: failures as number,
  };
}

function asMoment(value: unknown): EpochMs | null {
  return typeof value === 'number' ? epochMs(value) : null;
}
