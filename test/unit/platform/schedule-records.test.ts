import { describe, expect, it } from 'vitest';
import { parseRecords } from '../../../src/platform/schedule-records.ts';

describe('parseRecords', () => {
  const good = { knownSince: 1, lastSuccess: 2, lastSlot: '2026-11-22', triedAt: null, failures: 0 };

  it('takes what was saved', () => {
    expect(parseRecords({ backup: good })).toEqual({ backup: good });
    expect(parseRecords({})).toEqual({});
  });

  it.each([[null], [[]], ['text'], [{ backup: null }], [{ backup: { ...good, lastSlot: 'today' } }]])(
    'refuses %j',
    (data) => {
      expect(() => parseRecords(data)).toThrow();
    },
  );
});
