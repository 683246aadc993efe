import { describe, expect, it } from 'vitest';
import {
  gridSteps,
  linePath,
  placeMarks,
  scale,
  valueRange,
} from '../../../../../src/bot/web/page/chart-geometry.ts';

const x = scale(0, 10, 0, 100);
const y = scale(0, 10, 100, 0);

describe('linePath', () => {
  it('leaves a gap where nothing is known', () => {
    const points = [
      { at: 0, value: 1 },
      { at: 1, value: 2 },
      { at: 2, value: null },
      { at: 3, value: 3 },
      { at: 4, value: 4 },
    ];

    expect(linePath(points, x, y)).toBe('M0 90L10 80M30 70L40 60');
  });

  it('shows a single known point', () => {
    expect(linePath([{ at: 5, value: 5 }], x, y)).toBe('M50 50h1');
    expect(linePath([{ at: 5, value: null }], x, y)).toBe('');
  });
});

describe('valueRange', () => {
  it('begins at 0, leaves air above, and is never flat', () => {
    expect(valueRange([2, null, 10])).toEqual({ low: 0, high: expect.closeTo(11.2) });
    expect(valueRange([0, 0])).toEqual({ low: 0, high: 1 });
    expect(valueRange([null])).toEqual({ low: 0, high: 1 });
    expect(valueRange([-5, -1]).low).toBe(-5);
  });
});

describe('gridSteps', () => {
  it('takes round steps', () => {
    expect(gridSteps(0, 2_600, 4)).toEqual([0, 1_000, 2_000]);
    expect(gridSteps(0, 1, 4)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });
});

describe('placeMarks', () => {
  it('numbers marks in the order of time, and keeps their badges apart', () => {
    const placed = placeMarks(
      [
        { at: 8, label: 'third' },
        { at: 1, label: 'first' },
        { at: 1.5, label: 'second' },
      ],
      x,
      20,
    );

    expect(placed.map(({ number, label, row }) => [number, label, row])).toEqual([
      [1, 'first', 0],
      [2, 'second', 1],
      [3, 'third', 0],
    ]);
  });

  it('leaves out what lies outside the picture', () => {
    expect(placeMarks([{ at: 11, label: 'later' }], x, 20)).toEqual([]);
  });
});
