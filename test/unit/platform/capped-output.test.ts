import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCappedOutput } from '../../../src/platform/capped-output.ts';

describe('createCappedOutput', () => {
  it('keeps everything that fits', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 10 }), { maxLength: 6 }), (parts) => {
        const output = createCappedOutput(100);
        for (const part of parts) output.add(Buffer.from(part));

        expect(output.text()).toBe(parts.join(''));
      }),
    );
  });

  it('keeps the beginning and the end of more, and counts what was left out', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 20, maxLength: 40 }), (sizes) => {
        const output = createCappedOutput(50);
        let whole = '';
        for (const size of sizes) {
          const part = Array.from({ length: size }, (_, at) =>
            String.fromCharCode(97 + ((whole.length + at) % 26)),
          ).join('');
          whole += part;
          output.add(Buffer.from(part));
        }
        if (whole.length <= 100) return;

        expect(output.text()).toBe(
          `${whole.slice(0, 50)}\n[${(whole.length - 100).toLocaleString('en-US')} bytes left out]\n${whole.slice(-50)}`,
        );
      }),
    );
  });

  it('leaves no half of a word at the cut', () => {
    const output = createCappedOutput(20);

    output.add(Buffer.from(`the password hunter2${'.'.repeat(50)}hunter2 is the word`));

    expect(output.text()).toBe('the password\n[49 bytes left out]\nis the word');
  });

  it('leaves no half of a character at the cut', () => {
    const output = createCappedOutput(5);

    output.add(Buffer.from('üüüüüüüü'));

    expect(output.text()).toBe('üü\n[6 bytes left out]\nüü');
  });
});
