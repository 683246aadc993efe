import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EpochMs,
  epochMs,
  hours,
  type Ms,
  minutes,
  ms,
  ratio,
  seconds,
} from '../../../src/domain/units.ts';
import {
  addExit,
  countExits,
  judgeExit,
  probationAfter,
  type RestartPolicy,
  shiftExits,
  type WorkerExit,
} from '../../../src/healing/restart-window.ts';
import { START } from '../../support/builders.ts';

const POLICY: RestartPolicy = {
  firstDelay: seconds(0),
  backoff: seconds(10),
  maxBackoff: seconds(300),
  jitter: ratio(0.2),
  maxExitsInTenMinutes: 5,
  maxExitsInDay: 20,
  resetAfter: minutes(10),
};

const at = (offset: Ms): EpochMs => epochMs(START + offset);
const exit = (offset: Ms, uptime: Ms = seconds(1)): WorkerExit => ({ at: at(offset), how: 'exit', uptime });

/** Lives a list of lives under a policy; what is kept goes through JSON between any two, as over a restart. */
function live(lives: readonly number[], policy: RestartPolicy, draw: number) {
  let now = START;
  let kept: readonly WorkerExit[] = [];
  const all: EpochMs[] = [];
  for (const uptime of lives) {
    now = epochMs(now + uptime);
    all.push(now);
    kept = JSON.parse(JSON.stringify(addExit(kept, { at: now, how: 'exit', uptime: ms(uptime) })));
    const verdict = judgeExit(kept, policy, now, draw);
    if (verdict.kind === 'give_up') return { all, gaveUp: true, took: now - START };
    now = epochMs(now + verdict.delay);
  }
  return { all, gaveUp: false, took: now - START };
}

describe('judgeExit', () => {
  it('answers a single kill at once', () => {
    expect(judgeExit([exit(seconds(0), hours(3))], POLICY, START, 0.5)).toEqual({
      kind: 'restart',
      delay: 0,
    });
  });

  it('waits 10 s, then twice as long each time, never more than 300 s', () => {
    const lenient = { ...POLICY, maxExitsInTenMinutes: 100, maxExitsInDay: 100, jitter: ratio(0) };
    const exits = Array.from({ length: 9 }, (_, index) => exit(minutes(index)));

    const delays = exits.map((_, index) =>
      judgeExit(exits.slice(0, index + 1), lenient, at(minutes(index)), 0.5),
    );

    expect(delays.map((verdict) => (verdict.kind === 'restart' ? verdict.delay / 1_000 : null))).toEqual([
      0, 10, 20, 40, 80, 160, 300, 300, 300,
    ]);
  });

  it('spreads a delay by a fifth either way', () => {
    const two = [exit(seconds(0)), exit(seconds(1))];

    expect(judgeExit(two, POLICY, at(seconds(1)), 0)).toEqual({ kind: 'restart', delay: 8_000 });
    expect(judgeExit(two, POLICY, at(seconds(1)), 0.999_999)).toEqual({ kind: 'restart', delay: 12_000 });
  });

  it('begins a new streak after a run of ten minutes', () => {
    const exits = [exit(minutes(0)), exit(minutes(1)), exit(minutes(12), minutes(10))];

    expect(judgeExit(exits, POLICY, at(minutes(12)), 0.5)).toEqual({ kind: 'restart', delay: 0 });
  });

  it('hands a worker that lives 1.5 s over after its fifth exit, within two minutes', () => {
    for (const draw of [0, 0.5, 0.999]) {
      const { all, gaveUp, took } = live(Array(50).fill(1_500), POLICY, draw);

      expect(gaveUp).toBe(true);
      expect(all).toHaveLength(5);
      expect(took).toBeLessThan(minutes(2));
    }
  });

  it('gives up after 20 exits in a day, however far apart', () => {
    const { all, gaveUp } = live(Array(50).fill(hours(1)), POLICY, 0.5);

    expect(gaveUp).toBe(true);
    expect(all).toHaveLength(20);
  });

  it('counts exits of the future as recent: a clock set back widens nothing', () => {
    const exits = Array.from({ length: 5 }, () => exit(hours(1)));

    expect(judgeExit(exits, POLICY, START, 0.5).kind).toBe('give_up');
  });

  it('never lets a worker exit more often than its window allows, whatever its lives and over restarts', () => {
    const lives = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 3_600_000 })),
      { maxLength: 120 },
    );
    const policies = fc.record({
      maxExitsInTenMinutes: fc.integer({ min: 1, max: 8 }),
      maxExitsInDay: fc.integer({ min: 1, max: 30 }),
      backoff: fc.integer({ min: 0, max: 20_000 }).map(ms),
    });

    fc.assert(
      fc.property(lives, policies, fc.double({ min: 0, max: 0.999, noNaN: true }), (spans, over, draw) => {
        const policy = { ...POLICY, ...over };
        const { all } = live(spans, policy, draw);
        for (const end of all) {
          const within = (span: Ms) => all.filter((one) => one <= end && end - one < span).length;
          expect(within(minutes(10))).toBeLessThanOrEqual(policy.maxExitsInTenMinutes);
          expect(within(hours(24))).toBeLessThanOrEqual(policy.maxExitsInDay);
        }
      }),
    );
  });
});

describe('probationAfter', () => {
  it('asks a run to last five seconds after a second exit in a row, and not after a single kill', () => {
    const [first, second] = [exit(minutes(0)), exit(seconds(2))];

    expect(probationAfter([], POLICY)).toBe(0);
    expect(probationAfter([first], POLICY)).toBe(0);
    expect(probationAfter([first, second], POLICY)).toBe(5_000);
    expect(probationAfter([first, exit(minutes(20), minutes(19))], POLICY)).toBe(0);
  });
});

describe('countExits', () => {
  it('counts ten minutes and a day back', () => {
    const exits = [
      exit(hours(-25)),
      exit(hours(-2)),
      exit(minutes(-10)),
      exit(minutes(-9)),
      exit(seconds(0)),
    ];

    expect(countExits(exits, START)).toEqual({ inTenMinutes: 2, inDay: 4 });
  });
});

describe('shiftExits', () => {
  it('keeps their ages when the wall clock jumps', () => {
    const exits = shiftExits([exit(minutes(-3))], hours(5));

    expect(countExits(exits, at(hours(5)))).toEqual({ inTenMinutes: 1, inDay: 1 });
  });
});
