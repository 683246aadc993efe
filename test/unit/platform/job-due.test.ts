import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EpochMs, epochMs, hours, minutes } from '../../../src/domain/units.ts';
import { type JobRecord, judgeJob, mendRecord, type Schedule } from '../../../src/platform/job-due.ts';

const at = (text: string): EpochMs => epochMs(Date.parse(text));
const zone = 'Europe/Berlin';
const nightly: Schedule = { dailyAt: '03:30', catchUp: hours(20) };
const record = (over: Partial<JobRecord> = {}): JobRecord => ({
  knownSince: at('2026-11-01T00:00:00Z'),
  lastSuccess: null,
  lastSlot: null,
  triedAt: null,
  failures: 0,
  ...over,
});
const judge = (schedule: Schedule, over: Partial<JobRecord>, now: string) =>
  judgeJob(schedule, record(over), at(now), zone, null);

describe('judgeJob', () => {
  it('runs a daily job at its time, once for its date', () => {
    expect(judge(nightly, { lastSlot: '2026-11-21' }, '2026-11-22T02:29:00Z').kind).toBe('waiting');
    expect(judge(nightly, { lastSlot: '2026-11-21' }, '2026-11-22T02:30:00Z')).toEqual({
      kind: 'due',
      slot: '2026-11-22',
    });
    expect(judge(nightly, { lastSlot: '2026-11-22' }, '2026-11-22T02:31:00Z').kind).toBe('waiting');
  });

  it('makes up for a missed slot once, as long as the window is open', () => {
    const asleep = { lastSlot: '2026-11-18' };

    expect(judge(nightly, asleep, '2026-11-22T14:00:00Z')).toEqual({ kind: 'due', slot: '2026-11-22' });
    expect(judge(nightly, asleep, '2026-11-22T23:00:00Z')).toEqual({ kind: 'missed', slot: '2026-11-22' });
    expect(judge(nightly, { lastSlot: '2026-11-22' }, '2026-11-22T23:00:00Z').kind).toBe('waiting');
  });

  it('does not owe the slots from before the job was known', () => {
    const fresh = { knownSince: at('2026-11-22T12:00:00Z') };

    expect(judge(nightly, fresh, '2026-11-22T12:01:00Z').kind).toBe('waiting');
    expect(judge(nightly, fresh, '2026-11-23T02:30:00Z').kind).toBe('due');
  });

  it('does not run a date again when the clock is set back or the time of day is changed', () => {
    const done = { lastSlot: '2026-11-22' };

    expect(judge(nightly, done, '2026-11-21T02:30:00Z').kind).toBe('waiting');
    expect(judge({ dailyAt: '05:00', catchUp: hours(20) }, done, '2026-11-22T04:00:00Z').kind).toBe(
      'waiting',
    );
  });

  it('runs an interval job at once, then when its span is over by either clock', () => {
    const hourly: Schedule = { every: hours(1) };
    const done = record({ lastSuccess: at('2026-11-22T02:00:00Z') });
    const kind = (now: string, sinceSuccess: number | null): string =>
      judgeJob(hourly, done, at(now), zone, sinceSuccess === null ? null : minutes(sinceSuccess)).kind;

    expect(judgeJob(hourly, record(), at('2026-11-22T02:00:00Z'), zone, null).kind).toBe('due');
    expect(kind('2026-11-22T02:30:00Z', 30)).toBe('waiting');
    expect(kind('2026-11-22T03:00:00Z', 60)).toBe('due');
    expect(kind('2026-11-22T01:00:00Z', 30)).toBe('waiting');
    expect(kind('2026-11-22T02:00:00Z', 60)).toBe('due');
    expect(kind('2026-11-22T01:00:00Z', null)).toBe('due');
    expect(kind('2026-11-22T10:00:00Z', 20)).toBe('due');
  });

  it('waits twice as long after each failure, an hour at most', () => {
    const failed = (failures: number, now: string): string =>
      judge(nightly, { failures, triedAt: at('2026-11-22T02:30:00Z') }, now).kind;

    expect([failed(1, '2026-11-22T02:30:20Z'), failed(1, '2026-11-22T02:31:00Z')]).toEqual([
      'backing_off',
      'due',
    ]);
    expect([failed(4, '2026-11-22T02:36:00Z'), failed(4, '2026-11-22T02:38:00Z')]).toEqual([
      'backing_off',
      'due',
    ]);
    expect([failed(99, '2026-11-22T03:28:00Z'), failed(99, '2026-11-22T03:30:00Z')]).toEqual([
      'backing_off',
      'due',
    ]);
  });

  it('gives every date exactly one run, whatever the zone, the season and the gaps in the ticks', () => {
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC');
    const times = fc.constantFrom('00:00', '01:30', '02:30', '03:30', '23:59');
    const begin = fc.constantFrom(at('2026-03-01T12:00:00Z'), at('2026-10-01T12:00:00Z'));
    const gaps = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(zones, times, begin, gaps, (where, time, start, steps) => {
        let now: number = start;
        let state = record({ knownSince: start });
        const ran: string[] = [];
        for (let tick = 0; now < start + 45 * 86_400_000; tick += 1) {
          now += (steps[tick % steps.length] ?? 1) * 60_000;
          const due = judgeJob({ dailyAt: time, catchUp: hours(20) }, state, epochMs(now), where, null);
          if (due.kind !== 'due' || due.slot === null) continue;
          ran.push(due.slot);
          state = { ...state, lastSlot: due.slot, lastSuccess: epochMs(now) };
        }

        expect(new Set(ran).size).toBe(ran.length);
        expect(ran.length).toBeGreaterThanOrEqual(44);
      }),
      { numRuns: 20 },
    );
  });
});

describe('mendRecord', () => {
  it('forgets what was written while the clock was years ahead, so that the job runs again tomorrow', () => {
    const spoilt = record({
      lastSlot: '2099-01-01',
      lastSuccess: at('2099-01-01T02:30:00Z'),
      triedAt: at('2099-01-01T02:30:00Z'),
    });

    const mended = mendRecord(spoilt, at('2026-11-22T12:00:00Z'), zone);

    expect(mended).toMatchObject({ lastSlot: null, lastSuccess: null, triedAt: null });
    expect(judgeJob(nightly, mended, at('2026-11-22T12:01:00Z'), zone, null).kind).toBe('waiting');
    expect(judgeJob(nightly, mended, at('2026-11-23T02:30:00Z'), zone, null).kind).toBe('due');
  });

  it('keeps what a clock one day ahead wrote: that date was done', () => {
    const ahead = record({ lastSlot: '2026-11-23', lastSuccess: at('2026-11-23T02:30:00Z') });

    expect(mendRecord(ahead, at('2026-11-22T12:00:00Z'), zone)).toEqual(ahead);
  });
});
