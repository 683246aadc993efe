import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AUDIT_KINDS, type AuditEntry } from '../../../src/domain/ports.ts';
import { CHAIN_START, checkLine, checkPlace, sealLine } from '../../../src/healing/audit-chain.ts';

const TIME = '2026-11-22T02:00:00.000Z';
const entry = fc.record(
  {
    kind: fc.constantFrom(...AUDIT_KINDS),
    actor: fc.string(),
    text: fc.string({ unit: 'binary' }),
    target: fc.string(),
    data: fc.dictionary(fc.string(), fc.jsonValue()),
  },
  { requiredKeys: ['kind', 'actor', 'text'] },
) as fc.Arbitrary<AuditEntry>;

describe('checkLine', () => {
  it('takes every line that was sealed, with what was written in it', () => {
    fc.assert(
      fc.property(entry, (written) => {
        const { text, line, tip } = sealLine(written, TIME, CHAIN_START);

        const checked = checkLine(Buffer.from(text));

        expect(checked).toMatchObject({ kind: 'sound', tip });
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(line)));
        expect(text).not.toContain('\n');
      }),
    );
  });

  it('refuses a line in which any single byte is another', () => {
    fc.assert(
      fc.property(entry, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, at, by) => {
        const bytes = Buffer.from(sealLine(written, TIME, CHAIN_START).text);
        const where = at % bytes.length;
        bytes[where] = ((bytes[where] ?? 0) + by) % 256;

        expect(checkLine(bytes).kind).toBe('bad');
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses a line that is cut, empty, or sealed but no audit line', () => {
    const { text } = sealLine({ kind: 'start', actor: 'nightshift', text: 'started' }, TIME, CHAIN_START);
    const stranger = sealLine({ kind: 'party' } as unknown as AuditEntry, TIME, CHAIN_START).text;

    for (let length = 0; length < text.length; length += 1) {
      expect(checkLine(Buffer.from(text.slice(0, length))).kind).toBe('bad');
    }
    expect(checkLine(Buffer.from(stranger))).toMatchObject({
      reason: expect.stringContaining('no audit line'),
    });
  });
});

describe('checkPlace', () => {
  const seal = (text: string, tip = CHAIN_START) =>
    sealLine({ kind: 'command', actor: 'cli:ana', text }, TIME, tip);

  it('finds what is missing, out of order or put in', () => {
    const one = seal('one');
    const two = seal('two', one.tip);
    const three = seal('three', two.tip);

    expect(checkPlace(one.line, CHAIN_START)).toBe('');
    expect(checkPlace(two.line, one.tip)).toBe('');
    expect(checkPlace(three.line, one.tip)).toBe('line 2 of the log is missing before it');
    expect(checkPlace(three.line, CHAIN_START)).toBe('lines 1 to 2 of the log are missing before it');
    expect(checkPlace(one.line, two.tip)).toContain('in the wrong place: it is line 1');
    expect(checkPlace(seal('forged', one.tip).line, seal('other').tip)).toContain('put in or replaced');
  });
});
