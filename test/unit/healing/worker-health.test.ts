import { describe, expect, it } from 'vitest';
import { epochMs, ms, seconds } from '../../../src/domain/units.ts';
import {
  FIRST_LOOK,
  type Finding,
  foldFinding,
  type HealthLimits,
  type HealthMemory,
} from '../../../src/healing/worker-health.ts';
import { START } from '../../support/builders.ts';

const LIMITS: HealthLimits = { failures: 3, maxAge: seconds(30), bornAt: START };
const GOOD: Finding = { kind: 'good' };
const BAD: Finding = { kind: 'bad', reason: 'no answer within 2,000 ms' };
const UNKNOWN: Finding = { kind: 'unknown', reason: 'EMFILE' };

const foldAll = (findings: readonly Finding[]): HealthMemory =>
  findings.reduce((memory, finding) => foldFinding(memory, finding, LIMITS, ms(0)), FIRST_LOOK);

/** One look at the heartbeat each second named, on a monotonic clock that starts at 0. */
const foldBeats = (looks: readonly (readonly [second: number, writtenAt: number | null])[]): HealthMemory =>
  looks.reduce(
    (memory, [second, writtenAt]) =>
      foldFinding(
        memory,
        { kind: 'beat', writtenAt: writtenAt === null ? null : epochMs(START + writtenAt * 1_000) },
        { ...LIMITS, failures: 1 },
        seconds(second),
      ),
    FIRST_LOOK,
  );

describe('foldFinding', () => {
  it('calls a worker bad after three bad answers in a row, not after two', () => {
    expect(foldAll([GOOD, BAD, BAD]).verdict).toBe('good');
    expect(foldAll([GOOD, BAD, BAD, BAD])).toMatchObject({
      verdict: 'bad',
      reason: 'no answer within 2,000 ms',
    });
  });

  it('forgets a bad spell with one good answer', () => {
    expect(foldAll([BAD, BAD, GOOD, BAD, BAD]).verdict).toBe('good');
    expect(foldAll([BAD, BAD, BAD, GOOD]).verdict).toBe('good');
  });

  it('neither counts nor clears by an unknown answer', () => {
    expect(foldAll([UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]).verdict).toBe('unknown');
    expect(foldAll([BAD, BAD, UNKNOWN, BAD]).verdict).toBe('bad');
    expect(foldAll([BAD, BAD, BAD, UNKNOWN]).verdict).toBe('bad');
  });

  it('believes a heartbeat that was written since the start, not one from before', () => {
    expect(foldBeats([[0, 1]]).verdict).toBe('good');
    expect(foldBeats([[0, -60]]).verdict).toBe('unknown');
  });

  it('calls a heartbeat stale when its file was not seen to change for longer than its age allows', () => {
    expect(
      foldBeats([
        [0, 0],
        [20, 20],
        [50, 20],
      ]).verdict,
    ).toBe('good');
    expect(
      foldBeats([
        [0, 0],
        [20, 20],
        [51, 20],
      ]),
    ).toMatchObject({ verdict: 'bad', reason: 'no heartbeat for 31 s' });
    expect(
      foldBeats([
        [0, null],
        [31, null],
      ]).verdict,
    ).toBe('bad');
  });

  it('hangs nobody when the wall clock jumps: only a change of the file counts', () => {
    expect(
      foldBeats([
        [0, 0],
        [5, 7_205],
        [10, 7_210],
      ]).verdict,
    ).toBe('good');
    expect(
      foldBeats([
        [0, 0],
        [5, -3_595],
      ]).verdict,
    ).toBe('good');
  });

  it('is well again with the next beat', () => {
    expect(
      foldBeats([
        [0, 0],
        [40, 0],
        [45, 45],
      ]).verdict,
    ).toBe('good');
  });
});
