import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillArgv, fillText, showArgv } from '../../../src/healing/templates.ts';

describe('fillArgv', () => {
  it('fills whole arguments only', () => {
    const argv = ['/bin/x', '{target}', '{host}', 'a{target}'];
    expect(fillArgv(argv, { target: 'api', host: 'web-1' })).toEqual({
      kind: 'filled',
      argv: ['/bin/x', 'api', 'web-1', 'a{target}'],
    });
  });

  it('stops a command that needs a target and has none', () => {
    expect(fillArgv(['/bin/x', '{target}'], { target: null, host: 'h' })).toMatchObject({ kind: 'unfit' });
    expect(fillArgv(['/bin/x'], { target: null, host: 'h' })).toMatchObject({ kind: 'filled' });
  });

  it('lets nothing through that could be read as an option or more than one word', () => {
    for (const target of ['-rf', 'a b', 'a;rm', '$(x)', '', '`x`', 'a\nb', 'ä', 'x'.repeat(65)]) {
      expect(fillArgv(['/bin/x', '{target}'], { target, host: 'h' })).toMatchObject({ kind: 'unfit' });
    }
    fc.assert(
      fc.property(fc.string(), (target) => {
        const filled = fillArgv(['/bin/x', '{target}'], { target, host: 'h' });
        return (
          filled.kind === 'unfit' || /^[A-Za-z0-9@._:][A-Za-z0-9@._:-]{0,63}$/.test(filled.argv[1] ?? '')
        );
      }),
    );
  });
});

describe('fillText', () => {
  it('fills numbers and safe names and leaves the rest as written', () => {
    const values = { perSecond: 10, target: 'api', bad: 'a b', none: null };
    expect(fillText('{perSecond}/{target}/{bad}/{none}/{unknown}/{constructor}', values)).toBe(
      '10/api/{bad}/{none}/{unknown}/{constructor}',
    );
    expect(fillText('{n}', { n: Number.NaN })).toBe('{n}');
  });
});

describe('showArgv', () => {
  it('shows where an argument begins and ends', () => {
    expect(showArgv(['/usr/bin/x', '--a=b', 'two words', ''])).toBe('/usr/bin/x --a=b "two words" ""');
  });
});
