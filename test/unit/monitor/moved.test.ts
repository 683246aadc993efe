import { describe, expect, it } from 'vitest';
import { before, epochMs, minutes, seconds } from '../../../src/domain/units.ts';
import { type Course, movedWith } from '../../../src/monitor/moved.ts';
import { START } from '../../support/builders.ts';

/** Half an hour at 10 s that ends a minute after the trouble began. */
function course(metric: string, value: (secondsBefore: number, index: number) => number | null): Course {
  const from = before(START, minutes(29));
  const samples = Array.from({ length: 181 }, (_, index) => {
    const at = epochMs(from + index * 10_000);
    return { metric, at, value: value((START - at) / 1_000, index) };
  });
  return { metric, samples };
}

const noisy = (level: number, index: number): number => level + (index % 3) * level * 0.02;
const trouble = course('latency:api', (ago, index) => noisy(ago <= 0 ? 900 : 100, index));

describe('movedWith', () => {
  it('tells what moved with it and what moved before it, with the lead', () => {
    const moved = movedWith(
      trouble,
      [
        course('cpu', (ago, index) => noisy(ago <= 30 ? 0.9 : 0.1, index)),
        course('net_rx', (ago, index) => noisy(ago <= 0 ? 100 : 5_000, index)),
        course('memory', (_, index) => noisy(0.4, index)),
      ],
      START,
    );

    expect(moved.map(({ metric }) => metric)).toEqual(['cpu', 'net_rx']);
    expect(moved[0]?.lead).toBe(seconds(30));
    expect(moved[0]?.together).toBeGreaterThan(0.6);
    expect(moved[1]?.lead).toBe(0);
    expect(moved[1]?.together).toBeLessThan(-0.9);
  });

  it('takes no movement for one that rounds to nothing, however still it stood', () => {
    const still = (metric: string, from: number, to: number): Course =>
      course(metric, (ago) => (ago <= 0 ? to : from));
    const moved = movedWith(
      trouble,
      [still('inodes:/', 0.0001, 0.004), still('latency:db', 3, 12), still('disk:/', 0.4, 0.7)],
      START,
    );

    expect(moved.map(({ metric }) => metric)).toEqual(['disk:/']);
  });

  it('says nothing of a metric that is unknown, young or always restless', () => {
    const moved = movedWith(
      trouble,
      [
        course('a', () => null),
        course('b', (ago) => (ago <= 0 ? 9 : null)),
        course('c', (_, index) => index % 2),
      ],
      START,
    );

    expect(moved).toEqual([]);
  });
});
