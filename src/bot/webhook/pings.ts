/**
 * Cron jobs that report: `/ping/<id>` when one ended well, `/start` when it begins, `/fail` or an exit code when it
 * did not. One that is late, failed, or began and never ended is trouble.
 *
 * Time in which nobody could have reached us does not count: after a start each job has its whole span again, and
 * a clock that jumps, or a host that slept, takes nothing from it.
 */
import { z } from 'zod';
import type { OutsideAlert } from '../../domain/outside.ts';
import type { Document, StateStore } from '../../domain/ports.ts';
import { after, type EpochMs, epochMs, type Ms } from '../../domain/units.ts';
import type { PingConfig } from './config.ts';

export type PingSignal = 'success' | 'start' | 'fail' | { readonly exitCode: number };

export interface PingRecord {
  readonly lastGood: EpochMs | null;
  readonly startedAt: EpochMs | null;
  readonly failedAt: EpochMs | null;
  readonly exitCode: number | null;
}

const moment = z.number().transform(epochMs);
const record: z.ZodType<PingRecord> = z.strictObject({
  lastGood: moment.nullable(),
  startedAt: moment.nullable(),
  failedAt: moment.nullable(),
  exitCode: z.int().nullable(),
});
export type PingRecords = Readonly<Record<string, PingRecord>>;

export const PingsFile: z.ZodType<PingRecords> = z.record(z.string(), record);

const NEVER: PingRecord = { lastGood: null, startedAt: null, failedAt: null, exitCode: null };

export interface Pings {
  /** False for an id that is not configured. Resolves when it is on disk. */
  take(id: string, signal: PingSignal, now: EpochMs): Promise<boolean>;
  alerts(now: EpochMs): readonly OutsideAlert[];
  /** The wall clock moved by `by` against real time; what is left of each span stays as long as it was. */
  clockJumped(by: Ms): Promise<void>;
}

export async function openPings(deps: {
  readonly states: StateStore;
  readonly configured: () => readonly PingConfig[];
  readonly begunAt: EpochMs;
}): Promise<Pings> {
  const opened = await deps.states.open('pings', (data) => PingsFile.parse(data), {} as PingRecords);
  const { document }: { document: Document<PingRecords> } = opened;
  let { begunAt } = deps;
  return {
    async take(id, signal, now) {
      if (!deps.configured().some((ping) => ping.id === id)) return false;
      await document.update((all) => ({ ...all, [id]: recordAfter(all[id] ?? NEVER, signal, now) }));
      return true;
    },
    alerts: (now) =>
      deps.configured().map((ping) => pingAlert(ping, document.value[ping.id] ?? NEVER, begunAt, now)),
    async clockJumped(by) {
      begunAt = after(begunAt, by);
      await document.update((all) =>
        Object.fromEntries(Object.entries(all).map(([id, known]) => [id, shifted(known, by)])),
      );
    },
  };
}

function shifted(known: PingRecord, by: Ms): PingRecord {
  const move = (at: EpochMs | null): EpochMs | null => (at === null ? null : after(at, by));
  const { lastGood, startedAt, failedAt, exitCode } = known;
  return { lastGood: move(lastGood), startedAt: move(startedAt), failedAt: move(failedAt), exitCode };
}

function recordAfter(known: PingRecord, signal: PingSignal, now: EpochMs): PingRecord {
  if (signal === 'start') return { ...known, startedAt: now };
  const exitCode = typeof signal === 'object' ? signal.exitCode : null;
  if (signal === 'success' || exitCode === 0) return { ...NEVER, lastGood: now };
  return { ...known, startedAt: null, failedAt: now, exitCode };
}

/** Pure: what a job's reports amount to now. */
export function pingAlert(ping: PingConfig, known: PingRecord, begunAt: EpochMs, now: EpochMs): OutsideAlert {
  const trouble = troubleOf(ping, known, begunAt, now);
  return {
    key: `ping:${ping.id}`,
    state: trouble === null ? 'resolved' : 'firing',
    severity: ping.severity,
    kind: 'job_missed',
    target: ping.target ?? ping.id,
    metric: null,
    text: trouble?.text ?? `${ping.id} reports as expected.`,
    since: trouble?.since ?? now,
    heardAt: now,
  };
}

function troubleOf(
  ping: PingConfig,
  known: PingRecord,
  begunAt: EpochMs,
  now: EpochMs,
): { readonly text: string; readonly since: EpochMs } | null {
  if (known.failedAt !== null) {
    const code = known.exitCode === null ? '' : ` with exit code ${known.exitCode}`;
    return { text: `${ping.id} reported a failure${code}.`, since: known.failedAt };
  }
  const endDue = known.startedAt === null ? null : after(later(known.startedAt, begunAt), ping.graceSeconds);
  if (endDue !== null && endDue < now) {
    return { text: `${ping.id} began and did not report its end in time.`, since: endDue };
  }
  const due = after(after(later(known.lastGood ?? begunAt, begunAt), ping.everySeconds), ping.graceSeconds);
  return due < now ? { text: `${ping.id} did not report in time.`, since: due } : null;
}

function later(a: EpochMs, b: EpochMs): EpochMs {
  return a > b ? a : b;
}
