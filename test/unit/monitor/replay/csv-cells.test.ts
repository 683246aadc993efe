import { describe, expect, it } from 'vitest';
import { toIso } from '../../../../src/domain/units.ts';
import { readHeader, readTime, readValues } from '../../../../src/monitor/replay/csv-cells.ts';

describe('readTime', () => {
  it.each([
    ['2026-11-22T03:30:00Z', '2026-11-22T03:30:00.000Z'],
    ['2026-11-22T03:30:00.250Z', '2026-11-22T03:30:00.250Z'],
    ['2026-11-22T03:30:00+02:00', '2026-11-22T01:30:00.000Z'],
    ['2026-11-22T03:30:00-0530', '2026-11-22T09:00:00.000Z'],
    ['2026-11-22 03:30:00', '2026-11-22T03:30:00.000Z'],
    ['2026-11-22 03:30:00.123456', '2026-11-22T03:30:00.123Z'],
    ['2026-11-22T03:30', '2026-11-22T03:30:00.000Z'],
    ['2026-11-22', '2026-11-22T00:00:00.000Z'],
    ['1795318200', '2026-11-22T03:30:00.000Z'],
    ['1795318200.5', '2026-11-22T03:30:00.500Z'],
    ['1795318200000', '2026-11-22T03:30:00.000Z'],
    ['0', '1970-01-01T00:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    const time = readTime(text);

    expect(time === undefined ? undefined : toIso(time)).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '22.11.2026',
    '11/22/2026',
    '2026-02-31',
    '2026-13-01',
    '2026-11-22T25:00:00Z',
    '1e400',
    '0x10',
    '99999999999999999',
    'NaN',
  ])('refuses %s', (text) => {
    expect(readTime(text)).toBeUndefined();
  });
});

describe('readHeader', () => {
  it('gives the names of the metrics', () => {
    expect(readHeader(['timestamp', ' cpu', 'disk:/'])).toEqual(['cpu', 'disk:/']);
  });

  it.each([
    [['time', 'cpu', 'cpu'], 'twice'],
    [['time', 'cpu', ''], 'column 3'],
    [['2026-11-22', '1'], 'header line'],
    [['time'], 'at least one metric'],
  ])('refuses %j', (fields, reason) => {
    expect(() => readHeader(fields)).toThrow(reason);
  });
});

describe('readValues', () => {
  const names = ['a', 'b', 'c', 'd', 'e', '__proto__'];

  it('takes the ways of saying nothing for unknown, and names what it cannot read', () => {
    const { values, faults } = readValues(names, ['', 'NaN', '-Inf', '1,5', ' 2.5e3 ', '7']);

    expect([...values]).toEqual([
      ['a', null],
      ['b', null],
      ['c', null],
      ['d', null],
      ['e', 2_500],
      ['__proto__', 7],
    ]);
    expect(faults).toEqual([{ column: 'd', text: '1,5' }]);
  });

  it('names a number that is too great for any number', () => {
    expect(readValues(['a'], ['1e999'])).toMatchObject({ faults: [{ column: 'a' }] });
  });
});
