import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms, seconds } from '../../../../src/domain/units.ts';
import {
  afterRun,
  endOf,
  nextDelay,
  type RunEnd,
  type RunOf,
} from '../../../../src/platform/queue/outcome.ts';

const backoff = { first: seconds(10), most: seconds(300), random: 0.5 };
const run = (over: Partial<RunOf> = {}): RunOf => ({
  id: 't1',
  idempotent: false,
  starts: 1,
  maxStarts: 3,
  startedAt: 1_000,
  log: ['last line'],
  ...over,
});
const unsure: readonly RunEnd[] = [
  { kind: 'unsure', why: 'it was ended by SIGKILL' },
  { kind: 'interrupted', why: 'Nightshift ended before it did' },
];

describe('afterRun', () => {
  it('never runs a task again whose end is not known, unless that is promised to be harmless', () => {
    for (const end of unsure) {
      expect(afterRun(run(), end, backoff, 5_000)).toMatchObject({ r: 'dead', log: ['last line'] });
      expect(afterRun(run({ idempotent: true }), end, backoff, 5_000)).toMatchObject({ r: 'fail' });
    }
  });

  it('ends a task that may be what ends the bot, after ten starts', () => {
    const end = { kind: 'interrupted', why: 'Nightshift ended before it did' } as const;

    expect(afterRun(run({ idempotent: true, starts: 9 }), end, backoff, 5_000)).toMatchObject({
      r: 'fail',
      due: 5_000,
    });
    expect(afterRun(run({ idempotent: true, starts: 10 }), end, backoff, 5_000)).toMatchObject({ r: 'dead' });
  });

  it('tries what could not be started three times, also where one start is allowed', () => {
    const end = { kind: 'not_started', why: 'no pids are left' } as const;

    expect(afterRun(run({ maxStarts: 1, starts: 2 }), end, backoff, 0)).toMatchObject({ r: 'fail' });
    expect(afterRun(run({ maxStarts: 1, starts: 3 }), end, backoff, 0)).toMatchObject({ r: 'dead' });
  });

  it('gives every run an end with a reason, and no more starts than are allowed', () => {
    const ends = fc.constantFrom<RunEnd>(
      { kind: 'succeeded' },
      { kind: 'failed', why: 'it exited with 2' },
      { kind: 'unfit', why: 'it is no longer configured' },
      { kind: 'not_started', why: 'no such program' },
      ...unsure,
    );
    fc.assert(
      fc.property(
        ends,
        fc.boolean(),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        (end, idempotent, starts, maxStarts) => {
          const record = afterRun(run({ idempotent, starts, maxStarts }), end, backoff, 9_000);

          if (record.r === 'fail') expect(starts).toBeLessThan(10);
          if (record.r === 'dead' || record.r === 'fail') expect(record.why).not.toBe('');
          expect(['done', 'dead', 'fail']).toContain(record.r);
        },
      ),
    );
  });
});

describe('nextDelay', () => {
  it('doubles to its most, a fifth more or less', () => {
    expect([1, 2, 3, 9, 500].map((starts) => nextDelay(backoff, starts))).toEqual([
      10_000, 20_000, 40_000, 300_000, 300_000,
    ]);
    expect(nextDelay({ ...backoff, random: 0 }, 1)).toBe(8_000);
  });
});

describe('endOf', () => {
  it('calls a time-out and a signal unsure, and a code that is not 0 a failure', () => {
    const took = ms(5);

    expect(endOf({ kind: 'exited', code: 0, output: '', took }, seconds(1)).kind).toBe('succeeded');
    expect(endOf({ kind: 'exited', code: 3, output: '', took }, seconds(1)).kind).toBe('failed');
    expect(endOf({ kind: 'killed', signal: 'SIGKILL', output: '', took }, seconds(1)).kind).toBe('unsure');
    expect(endOf({ kind: 'timed_out', output: '', took }, seconds(1)).kind).toBe('unsure');
    expect(endOf({ kind: 'not_started', reason: 'EAGAIN' }, seconds(1)).kind).toBe('not_started');
  });
});
