import { describe, expect, it } from 'vitest';
import { epochMs, ms } from '../../../src/domain/units.ts';
import { failing, freshRates } from '../../../src/monitor/probe-evidence.ts';
import type { ProbeAnswer } from '../../../src/monitor/probe-window.ts';
import { createSeededRandom } from '../../support/memory-ports.ts';

type Kind = ProbeAnswer['kind'] | 'refused';

/** Answers 5 s apart. */
function answers(kinds: readonly Kind[]): ProbeAnswer[] {
  return kinds.map((kind, index) => ({
    at: ms(index * 5_000),
    kind: kind === 'refused' ? 'failed' : kind,
    answered: kind === 'unknown' ? null : kind !== 'refused',
    latency: null,
    reason: kind === 'failed' ? 'answered with status 500' : '',
  }));
}

const ok = (count: number): Kind[] => Array(count).fill('ok');
const failed = (count: number): Kind[] => Array(count).fill('failed');

/** Answers until a service that fails this share is found; `null` = not within `most`. */
function foundAfter(share: number, most: number, seed: number): number | null {
  const random = createSeededRandom(seed);
  const seen: Kind[] = ok(20);
  for (let count = 1; count <= most; count += 1) {
    seen.push(random.next() < share ? 'failed' : 'ok');
    if (failing(answers(seen)).isFailing === true) return count;
  }
  return null;
}

describe('failing', () => {
  it('is sure of a service that fails every answer after four of them, and not of three', () => {
    expect(failing(answers([...ok(20), ...failed(3)])).isFailing).not.toBe(true);
    expect(failing(answers([...ok(20), ...failed(4)]))).toMatchObject({
      isFailing: true,
      failed: 4,
      of: 8,
      reason: 'answered with status 500',
    });
  });

  it('finds a service that fails 70 % within a minute at 5 s in 19 of 20 cases', () => {
    const found = Array.from({ length: 200 }, (_, seed) => foundAfter(0.7, 60, seed + 1) ?? 61);
    const [median = 0, late = 0] = [100, 190].map((place) => found.sort((a, b) => a - b)[place]);

    expect(median).toBeLessThanOrEqual(6);
    expect(late).toBeLessThanOrEqual(12);
  });

  it('never takes a service that fails one in a hundred for a failing one in five days', () => {
    const random = createSeededRandom(5);
    const seen: ProbeAnswer['kind'][] = [];
    for (let count = 0; count < 86_400; count += 1) {
      seen.push(random.next() < 0.01 ? 'failed' : 'ok');
      if (seen.length > 120) seen.shift();
      if (seen.at(-1) === 'failed') expect(failing(answers(seen)).isFailing).not.toBe(true);
    }
  });

  it('does not hold the first half minute after it came up against a service', () => {
    const starting = [...ok(5), ...Array<Kind>(6).fill('refused'), ...failed(6)];

    expect(failing(answers(starting)).isFailing).not.toBe(true);
    expect(failing(answers([...starting, ...failed(5)])).isFailing).toBe(true);
  });

  it('is well again after a minute and a half of right answers', () => {
    expect(failing(answers([...failed(30), ...ok(17)])).isFailing).toBe(false);
  });

  it('knows nothing without a known answer', () => {
    expect(failing(answers([])).isFailing).toBeNull();
    expect(failing(answers(['unknown', 'unknown'])).isFailing).toBeNull();
  });
});

describe('freshRates', () => {
  const at = (answer: ProbeAnswer) => epochMs(answer.at);
  const isGood = (rate: number): boolean => rate > 0.8;
  const verdicts = (kinds: readonly Kind[]) =>
    freshRates('success_rate:api', answers(kinds), at, isGood).map((sample) => sample.verdict);

  it('proves a service well from its third right answer on', () => {
    expect(verdicts(ok(4))).toEqual(['unknown', 'unknown', 'good', 'good']);
  });

  it('proves nothing by two lucky answers of a service that still fails', () => {
    expect(verdicts(['ok', 'ok', 'failed', 'failed'])).toEqual(['unknown', 'unknown', 'bad', 'bad']);
  });

  it('leaves answers out that say nothing', () => {
    expect(verdicts(['unknown', 'ok', 'ok', 'unknown'])).toEqual(['unknown', 'unknown']);
  });
});
