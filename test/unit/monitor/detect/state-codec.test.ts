import { describe, expect, it } from 'vitest';
import { PARAMETERS } from '../../../../src/monitor/detect/parameters.ts';
import { decodeState, encodeState } from '../../../../src/monitor/detect/state-codec.ts';
import { hostRows, judgeAll, newDetector } from '../../../support/detector-rows.ts';

describe('decodeState', async () => {
  const detector = newDetector();
  judgeAll(detector, hostRows({ days: 2, step: 300_000 as never }));
  const bytes = Buffer.concat(await encodeState(detector.save(), PARAMETERS, async () => {}));

  it('gives back what was encoded, typed arrays and infinities too', () => {
    expect(decodeState(bytes, PARAMETERS)).toEqual(detector.save());
  });

  it('refuses what was made with other parameters, another version, and what is no state at all', () => {
    const other = { ...PARAMETERS, alarm: { ...PARAMETERS.alarm, hostLimit: 2 } };
    const newer = Buffer.from(bytes.toString('latin1').replace('"version":2', '"version":3'), 'latin1');

    expect(decodeState(bytes, other)).toBeNull();
    expect(decodeState(newer, PARAMETERS)).toBeNull();
    for (const broken of ['', 'null', '[]', '{', '{}\n{}\n', '\n\n']) {
      expect(decodeState(Buffer.from(broken), PARAMETERS)).toBeNull();
    }
  });

  it('refuses a file that was cut short or has one bit wrong, wherever it is', () => {
    for (const share of [0.001, 0.3, 0.9]) {
      const place = Math.floor(bytes.length * share);
      const flipped = Buffer.from(bytes);
      flipped[place] = (flipped[place] ?? 0) ^ 1;

      expect(decodeState(bytes.subarray(0, place), PARAMETERS)).toBeNull();
      expect(decodeState(flipped, PARAMETERS)).toBeNull();
    }
  });
});
