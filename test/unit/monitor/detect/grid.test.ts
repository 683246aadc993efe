import { describe, expect, it } from 'vitest';
import { epochMs, hours, minutes } from '../../../../src/domain/units.ts';
import { type Arrival, createGrid, type Grid } from '../../../../src/monitor/detect/grid.ts';
import { PARAMETERS } from '../../../../src/monitor/detect/parameters.ts';

const START = Date.parse('2026-11-22T02:00:00.000Z');

function grid(): Grid {
  return createGrid(PARAMETERS.grid, hours(6));
}

function offer(to: Grid, seconds: number, ...values: number[]): Arrival {
  return to.offer(epochMs(START + seconds * 1_000), Float64Array.from(values));
}

/** Known values of every grid row that came out, by column 0. */
function rowsOf(arrival: Arrival): number[] {
  return arrival.kind === 'rows' ? arrival.rows.map((row) => row.values[0] ?? Number.NaN) : [];
}

describe('createGrid', () => {
  it('passes rows on as they are when they are a minute or more apart', () => {
    const one = grid();

    expect([0, 60, 120, 180].map((at) => rowsOf(offer(one, at, at)))).toEqual([[0], [60], [120], [180]]);
    expect(one.step()).toBe(minutes(1));
  });

  it('pools faster rows to a minute, and leaves unknown values out of the mean', () => {
    const one = grid();
    const out = Array.from({ length: 25 }, (_, index) =>
      rowsOf(offer(one, index * 5, index % 2 === 0 ? 4 : Number.NaN)),
    );

    expect(out.filter((rows) => rows.length > 0)).toEqual([[4], [4], [4]]);
  });

  it('keeps its pace when rows come a little early or late', () => {
    const one = grid();
    const out = [0, 61, 119, 181, 240].map((at) => offer(one, at, 1).kind);

    expect(out).toEqual(['rows', 'rows', 'rows', 'rows', 'rows']);
  });

  it('fills a gap with unknown rows, but with no more than six hours of them', () => {
    const one = grid();
    for (let at = 0; at < 1_200; at += 60) offer(one, at, 1);

    expect(rowsOf(offer(one, 1_140 + 240, 2))).toEqual([Number.NaN, Number.NaN, Number.NaN, 2]);
    expect(rowsOf(offer(one, 864_000, 3))).toHaveLength(361);
  });

  it('leaves out a row that comes late or twice', () => {
    const one = grid();
    offer(one, 0, 1);
    offer(one, 60, 1);

    expect(offer(one, 60, 9).kind).toBe('late');
    expect(offer(one, 30, 9).kind).toBe('late');
    expect(rowsOf(offer(one, 120, 1))).toEqual([1]);
  });

  it('goes on from the new time after three rows that show a clock set back', () => {
    const one = grid();
    for (let at = 3_600; at < 7_200; at += 60) offer(one, at, 1);
    const before = one.save().own;
    const kinds = [0, 60, 120, 180].map((at) => offer(one, at, 2).kind);

    expect(kinds).toEqual(['late', 'late', 'rows', 'rows']);
    expect(one.save().own).toBeGreaterThan(before);
  });

  it('learns a new distance between rows when it stays', () => {
    const one = grid();
    for (let index = 0; index < 30; index += 1) offer(one, index * 60, 1);
    for (let index = 0; index < 30; index += 1) offer(one, 1_800 + index * 300, 1);

    expect(one.step()).toBe(minutes(5));
  });
});
