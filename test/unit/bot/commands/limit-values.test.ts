import { describe, expect, it } from 'vitest';
import { readLimit } from '../../../../src/bot/commands/limit-values.ts';

describe('readLimit', () => {
  it.each([
    ['85', 'ratio', 0.85],
    ['85 %', 'ratio', 0.85],
    ['250', 'ms', 250],
    ['1.5s', 'ms', 1_500],
    ['5m', 's', 300],
    ['512MB', 'bytes', 536_870_912],
    ['4', 'per-core', 4],
    ['none', 'ratio', null],
  ] as const)('reads %s as %s', (text, unit, value) => {
    expect(readLimit(text, unit)).toEqual({ kind: 'value', value });
  });

  it.each([
    ['850', 'ratio'],
    ['-5', 'ratio'],
    ['fast', 'ms'],
    ['5MB', 'ms'],
    ['1', 'up'],
    ['', 'count'],
  ] as const)('does not guess what "%s" means for %s', (text, unit) => {
    expect(readLimit(text, unit).kind).toBe('bad');
  });
});
