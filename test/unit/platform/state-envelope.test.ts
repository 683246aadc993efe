import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seal, unseal } from '../../../src/platform/state-envelope.ts';

const SAVED_AT = '2026-11-22T02:00:00.000Z';
const asIs = (data: unknown): unknown => data;
const good = seal('{"attempts":[1,2],"who":"ana"}', 7, SAVED_AT);

describe('unseal', () => {
  it('reads back what was sealed, also when a person has reformatted it', () => {
    const expected = { kind: 'good', data: { attempts: [1, 2], who: 'ana' }, seq: 7 };

    expect(unseal(good, asIs)).toEqual(expected);
    expect(unseal(JSON.stringify(JSON.parse(good), null, 2), asIs)).toEqual(expected);
  });

  it('takes any document that JSON can hold', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (document, seq) => {
        const json = JSON.stringify(document);

        expect(unseal(seal(json, seq, SAVED_AT), asIs)).toEqual({
          kind: 'good',
          data: JSON.parse(json),
          seq,
        });
      }),
    );
  });

  it('never takes a changed byte for the same document', () => {
    const original = unseal(good, asIs);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 32, max: 126 }), (at, code) => {
        const changed = good.slice(0, at) + String.fromCharCode(code) + good.slice(at + 1);
        const result = unseal(changed, asIs);

        if (result.kind === 'good') expect(result).toEqual(original);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['', 'it is empty'],
    ['\0\0\0\0', 'it is not JSON'],
    [good.slice(0, 40), 'it is not JSON'],
    ['null', 'it is not a state document'],
    ['[]', 'it is not a state document'],
    ['{"v":1}', 'it is not a state document'],
    [good.replace('"seq":7', '"seq":8'), 'its checksum does not fit'],
    [good.replace('"v":1', '"v":2'), 'it has version 2'],
  ])('says what is wrong with %j', (text, reason) => {
    expect(unseal(text, asIs)).toMatchObject({ kind: 'bad', reason: expect.stringContaining(reason) });
  });

  it('refuses data of the wrong shape', () => {
    const parse = (): never => {
      throw new Error('attempts: expected a list');
    };

    expect(unseal(good, parse)).toEqual({
      kind: 'bad',
      reason: 'it has the wrong shape: attempts: expected a list',
    });
  });
});
