import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../src/domain/units.ts';
import { expiredFiles, type JsonlFile, orderFiles, rotatedPath } from '../../../src/platform/jsonl-files.ts';

const at = (text: string) => epochMs(Date.parse(text));
const order = (names: readonly string[]): readonly JsonlFile[] => orderFiles('/audit', 'log', names);

describe('orderFiles', () => {
  it('puts the oldest day first, the current file last, and leaves strangers out', () => {
    const names = ['log.jsonl', 'log.2026-11-22.10.jsonl', 'log.2026-11-22.jsonl', 'log.2026-11-22.2.jsonl'];

    const files = order([
      ...names,
      'log.2026-01-01.jsonl',
      'other.jsonl',
      'log.torn-2026',
      'log.2026-11-22.json',
    ]);

    expect(files.map((file) => file.name)).toEqual([
      'log.2026-01-01.jsonl',
      'log.2026-11-22.jsonl',
      'log.2026-11-22.2.jsonl',
      'log.2026-11-22.10.jsonl',
      'log.jsonl',
    ]);
  });
});

describe('rotatedPath', () => {
  it('never gives a name that sorts before an older file, whatever the clock did', () => {
    const day = fc.integer({ min: 1, max: 28 }).map((date) => `2026-11-${String(date).padStart(2, '0')}`);
    fc.assert(
      fc.property(fc.array(day, { maxLength: 30 }), (labels) => {
        const made: string[] = [];
        for (const label of labels) made.push(rotatedPath('/audit', 'log', order(made), label).name);

        expect(order(made).map((file) => file.name)).toEqual(made);
      }),
    );
  });
});

describe('expiredFiles', () => {
  const files = order(['log.2026-08-20.jsonl', 'log.2026-08-25.jsonl', 'log.2026-11-22.jsonl', 'log.jsonl']);

  it('names what is older than the retention', () => {
    const expired = expiredFiles(files, at('2026-11-23T02:00:00Z'), 90);

    expect(expired.map((file) => file.name)).toEqual(['log.2026-08-20.jsonl']);
  });

  it('does not empty the log when the clock jumps a century ahead', () => {
    const recent = order([
      'log.2026-11-20.jsonl',
      'log.2026-11-21.jsonl',
      'log.2026-11-22.jsonl',
      'log.jsonl',
    ]);

    expect(expiredFiles(recent, at('2126-11-23T02:00:00Z'), 90)).toEqual([]);
    expect(expiredFiles(order(['log.jsonl']), at('2126-11-23T02:00:00Z'), 90)).toEqual([]);
  });
});
