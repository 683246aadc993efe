import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../src/domain/metric.ts';
import { epochMs } from '../../../src/domain/units.ts';
import { paceSentence } from '../../../src/monitor/pace.ts';
import { START } from '../../support/builders.ts';

/** Five minutes at a beat of 5 s. */
function course(metric: string, value: (second: number) => number | null): readonly Sample[] {
  return Array.from({ length: 60 }, (_, beat) => ({
    metric,
    at: epochMs(START + beat * 5_000),
    value: value(beat * 5),
  }));
}
const now = epochMs(START + 295_000);
const said = (metric: string, value: (second: number) => number | null): string =>
  paceSentence(metric, course(metric, value), now);

describe('paceSentence', () => {
  it('says when a disk that fills now is full, with the range', () => {
    expect(said('disk:/', (second) => 0.6 + second / 1_000)).toMatch(
      /^ At this pace it is full in about 2 min \(\d+ (s|min) to \d+ (s|min)\)\.$/,
    );
  });

  it('speaks of memory as used up', () => {
    expect(said('memory', (second) => 0.5 + second / 10_000)).toMatch(/it is used up in about \d+ min \(/);
  });

  it.each([
    ['stands still', 'disk:/', () => 0.93],
    ['rose at once and stays', 'disk:/', (second: number) => (second < 100 ? 0.1 : 0.95)],
    ['empties', 'disk:/', (second: number) => 0.95 - second / 10_000],
    ['has days left', 'disk:/', (second: number) => 0.9 + second / 1e9],
    ['is full', 'disk:/', (second: number) => Math.min(1, 0.98 + second / 1_000)],
    ['is unknown', 'disk:/', () => null],
    ['has no end', 'load_per_core', (second: number) => second],
  ])('says nothing of what %s', (_, metric, value) => {
    expect(said(metric, value)).toBe('');
  });
});
