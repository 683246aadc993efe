import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GATES, type Gate } from '../../../src/domain/strategy.ts';
import {
  bytes,
  type EpochMs,
  epochMs,
  hours,
  after as later,
  mebibytes,
  minutes,
  ratio,
  seconds,
} from '../../../src/domain/units.ts';
import { type ChargedAttempt, type GuardInput, judge } from '../../../src/healing/guard.ts';
import { START } from '../../support/builders.ts';

const NOW = START;

function input(over: Partial<GuardInput> = {}): GuardInput {
  return {
    now: NOW,
    act: {
      strategy: 'worker_down',
      kind: 'restart_worker',
      target: 'rpa-worker',
      effect: 'restart it',
      critical: false,
      forks: true,
      touches: true,
    },
    freeze: null,
    mode: 'production',
    autonomy: 'auto',
    unknown: null,
    interlock: null,
    dependency: null,
    allowListed: false,
    attempts: [],
    limits: {
      gracePeriod: seconds(300),
      maxAttemptsPerHour: 3,
      perTargetPerHour: 6,
      perHostPerHour: 10,
      minFreeDisk: mebibytes(200),
      maxPids: ratio(0.9),
    },
    breaker: { kind: 'closed' },
    running: null,
    commonCause: null,
    self: { freeDiskBytes: 1e12, forkFailing: false, pidsRatio: 0.1 },
    auditWritable: true,
    approval: 'not_needed',
    ...over,
  };
}

const past = (minutesAgo: number, over: Partial<ChargedAttempt> = {}): ChargedAttempt => ({
  at: later(NOW, minutes(-minutesAgo)),
  strategy: 'worker_down',
  target: 'rpa-worker',
  kind: 'restart_worker',
  ...over,
});

/** For each gate, what shuts it. */
const SHUT: Readonly<Record<Gate, Partial<GuardInput>>> = {
  freeze: { freeze: { scope: 'all', until: later(NOW, minutes(5)), by: 'ada', reason: 'deploy' } },
  mode: { mode: 'dry-run' },
  unknown_data: { unknown: 'cpu is unknown now' },
  interlock: { interlock: { kind: 'backup', target: null, reason: 'a backup is under way', until: null } },
  dependency: { dependency: { name: 'db', wellness: 'sick' } },
  allow_list: { act: { ...input().act, critical: true } },
  grace_period: { attempts: [past(1)] },
  attempts: { attempts: [past(50), past(40), past(30)] },
  breaker: { breaker: { kind: 'open', failures: 2, until: later(NOW, minutes(30)) } },
  blast_radius: { running: 'restart db' },
  self_protection: { self: { freeDiskBytes: null, forkFailing: true, pidsRatio: null } },
  approval: { approval: 'needed' },
};

describe('judge', () => {
  it('lets an action run when no gate is shut', () => {
    expect(judge(input())).toBeNull();
    expect(judge(input({ approval: 'granted' }))).toBeNull();
  });

  it.each(GATES)('names %s when that gate alone is shut, with a reason for people', (gate) => {
    const refusal = judge(input(SHUT[gate]));

    expect(refusal?.gate).toBe(gate);
    expect(refusal?.reason).toMatch(/\w/);
  });

  it('asks the gates in the order of the specification: of two shut ones the first answers', () => {
    GATES.forEach((first, index) => {
      for (const second of GATES.slice(index + 1)) {
        const attempts = [...(SHUT[first].attempts ?? []), ...(SHUT[second].attempts ?? [])];
        const both = input({ ...SHUT[second], ...SHUT[first], attempts });
        expect(judge(both)?.gate, `${first} and ${second}`).toBe(first);
      }
    });
  });

  it('does not let a freeze of the optimizer hold healing', () => {
    const freeze = { scope: 'optimizer', until: later(NOW, hours(1)), by: 'ada', reason: 'tuning' } as const;
    expect(judge(input({ freeze }))).toBeNull();
  });

  it('only suggests where it may only suggest', () => {
    expect(judge(input({ autonomy: 'suggest' }))).toMatchObject({
      gate: 'mode',
      reason: 'worker_down only suggests here: restart it',
    });
    expect(judge(input({ autonomy: 'ask' }))).toBeNull();
  });

  it('retries an interlock when it ends, or soon when nobody knows', () => {
    const until = later(NOW, minutes(7));
    const lock = { kind: 'deploy', target: null, reason: 'a deploy', until } as const;
    expect(judge(input({ interlock: lock }))?.retryAt).toBe(until);
    expect(judge(input({ interlock: { ...lock, until: null } }))?.retryAt).toBe(later(NOW, seconds(30)));
  });

  it('lets nothing but a listed approval near a critical target; what only looks may look', () => {
    const critical = { ...input().act, critical: true };
    expect(judge(input({ act: critical, allowListed: true }))).toBeNull();
    expect(judge(input({ act: { ...critical, touches: false } }))).toBeNull();
    expect(judge(input({ act: { ...critical, target: null } }))?.reason).toContain('this target');
  });

  it('keeps five minutes of quiet for the same action on the same target only', () => {
    expect(judge(input({ attempts: [past(4.9)] }))).toMatchObject({
      gate: 'grace_period',
      retryAt: later(NOW, minutes(5 - 4.9)),
    });
    expect(judge(input({ attempts: [past(5)] }))).toBeNull();
    expect(judge(input({ attempts: [past(1, { kind: 'clear_cache' })] }))).toBeNull();
    expect(judge(input({ attempts: [past(1, { target: 'other' })] }))).toBeNull();
    expect(judge(input({ attempts: [past(4), past(1), past(3)] }))?.retryAt).toBe(later(NOW, minutes(4)));
  });

  it('never waits longer than one grace period, also when the clock was set back', () => {
    expect(judge(input({ attempts: [past(-60)] }))?.retryAt).toBe(later(NOW, seconds(300)));
  });

  it('refuses a fourth attempt within the hour, and allows it when the first has aged out', () => {
    const attempts = [past(59), past(40), past(20)];
    expect(judge(input({ attempts }))).toMatchObject({
      gate: 'attempts',
      reason: '3 attempts within the hour for worker_down on rpa-worker',
      retryAt: later(NOW, minutes(1)),
    });
    expect(judge(input({ attempts: [past(60), past(40), past(20)] }))).toBeNull();
  });

  it('counts six for a target over all strategies, ten for the host over all targets', () => {
    const onTarget = [10, 20, 30, 40, 50, 55].map((at) =>
      past(at, { strategy: `s${at}`, kind: 'clear_cache' }),
    );
    expect(judge(input({ attempts: onTarget }))?.reason).toBe('6 attempts within the hour for rpa-worker');
    const onHost = Array.from({ length: 10 }, (_, at) => past(at + 10, { target: `t${at}` }));
    expect(judge(input({ attempts: onHost }))?.reason).toBe('10 attempts within the hour for the whole host');
    expect(judge(input({ attempts: onHost.slice(1) }))).toBeNull();
  });

  it('speaks of the host where there is no target', () => {
    const act = { ...input().act, target: null };
    const attempts = [past(50, { target: null }), past(40, { target: null }), past(30, { target: null })];
    expect(judge(input({ act, attempts }))?.reason).toContain('on this host');
    expect(judge(input({ act, attempts: [past(1, { target: null })] }))?.reason).toContain('on this host');
    expect(judge(input({ act, dependency: { name: 'db', wellness: 'unknown' } }))?.reason).toBe(
      'this host depends on db, which is unknown',
    );
  });

  it('lets the one try of a breaker through', () => {
    expect(judge(input({ breaker: { kind: 'trial' } }))).toBeNull();
    const open = { kind: 'open', failures: 1, until: later(NOW, minutes(1)) } as const;
    expect(judge(input({ breaker: open }))?.reason).toContain('1 attempt that did not help');
  });

  it('acts on nothing when most targets are sick together', () => {
    const commonCause = { sick: ['a', 'b', 'c'], total: 4 };
    expect(judge(input({ commonCause }))).toMatchObject({
      gate: 'blast_radius',
      reason: '3 of 4 targets became sick together: a, b, c',
    });
  });

  it('protects itself: no fork on a host without room, no deed that cannot be written down', () => {
    const shut = (self: GuardInput['self']) => judge(input({ self }))?.gate;
    expect(shut({ freeDiskBytes: bytes(199 * 1_048_576), forkFailing: false, pidsRatio: null })).toBe(
      'self_protection',
    );
    expect(
      shut({ freeDiskBytes: bytes(200 * 1_048_576), forkFailing: false, pidsRatio: 0.9 }),
    ).toBeUndefined();
    expect(shut({ freeDiskBytes: null, forkFailing: false, pidsRatio: 0.91 })).toBe('self_protection');
    expect(shut({ freeDiskBytes: null, forkFailing: false, pidsRatio: null })).toBeUndefined();
    const act = { ...input().act, forks: false };
    expect(judge(input({ act, self: { freeDiskBytes: 0, forkFailing: true, pidsRatio: 1 } }))).toBeNull();
    expect(judge(input({ act, auditWritable: false }))?.gate).toBe('self_protection');
  });

  it('never lets more than three attempts through in any hour, for any history of times', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20 * 60 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 0, max: 600 }),
        (gaps, grace) => {
          const charged: ChargedAttempt[] = [];
          let now: EpochMs = epochMs(START);
          for (const gap of gaps) {
            now = later(now, seconds(gap));
            const limits = { ...input().limits, gracePeriod: seconds(grace) };
            if (judge(input({ now, attempts: charged, limits })) !== null) continue;
            charged.push({ ...past(0), at: now });
          }
          for (const { at } of charged) {
            const inHour = charged.filter((other) => other.at >= at && other.at < later(at, hours(1)));
            expect(inHour.length).toBeLessThanOrEqual(3);
          }
        },
      ),
    );
  });
});
