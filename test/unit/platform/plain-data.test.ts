import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OpsError } from '../../../src/domain/errors.ts';
import { toPlain, toPlainRecord } from '../../../src/platform/plain-data.ts';
import { createRedactor } from '../../../src/platform/redact.ts';

const redact = createRedactor(['correct-horse']);

describe('toPlain', () => {
  it('keeps an error with code, context and the whole chain of causes', () => {
    const error = new OpsError('STATE_UNWRITABLE', 'no room', {
      context: { file: 'a.json' },
      cause: Object.assign(new Error('correct-horse'), { code: 'ENOSPC' }),
    });

    expect(toPlain(error, redact)).toMatchObject({
      name: 'OpsError',
      code: 'STATE_UNWRITABLE',
      message: 'no room',
      context: { file: 'a.json' },
      cause: { code: 'ENOSPC', message: '[redacted]' },
    });
  });

  it('redacts keys and values at every depth', () => {
    expect(toPlain({ a: [{ 'correct-horse': 'xcorrect-horsex' }] }, redact)).toEqual({
      a: [{ '[redacted]': 'x[redacted]x' }],
    });
  });

  it('survives cycles, hostile getters, odd types and great depth', () => {
    const cycle: Record<string, unknown> = {
      big: 10n,
      nan: Number.NaN,
      set: new Set([1]),
      map: new Map([['k', 1]]),
    };
    cycle['self'] = cycle;
    Object.defineProperty(cycle, 'trap', {
      enumerable: true,
      get: () => {
        throw new Error('trap');
      },
    });
    cycle['date'] = {
      toJSON: () => {
        throw new Error('trap');
      },
    };

    expect(toPlain(cycle, redact)).toEqual({
      big: '10',
      nan: null,
      set: [1],
      map: { k: 1 },
      self: '[cycle]',
      trap: '[unreadable]',
      date: '[unreadable]',
    });
    let deep: unknown = 1;
    for (let level = 0; level < 10_000; level += 1) deep = { deep };
    expect(JSON.stringify(toPlain(deep, redact))).toContain('[too deep]');
  });

  it('never throws and always gives what JSON can hold', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withMap: true, withSet: true, withDate: true }),
        (value) => {
          expect(typeof JSON.stringify(toPlain(value, redact))).toBe('string');
        },
      ),
    );
  });
});

describe('toPlainRecord', () => {
  it('leaves out what is undefined and keeps a key named __proto__ as data', () => {
    const plain = toPlainRecord(JSON.parse('{"__proto__": {"polluted": true}, "a": 1}'), redact);

    expect(JSON.stringify(plain)).toBe('{"__proto__":{"polluted":true},"a":1}');
    expect('polluted' in {}).toBe(false);
    expect(toPlainRecord({ a: undefined, b: 1 }, redact)).toEqual({ b: 1 });
  });
});
