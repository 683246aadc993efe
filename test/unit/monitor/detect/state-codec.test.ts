import { describe, expect, it } from 'vitest';
import { PARAMETERS } from '../../../../src/monitor/detect/parameters.ts';
import { decodeState, encodeState } from '../../../../src/monitor/detect/state-codec.ts';
import { hostRows, judgeAll, newDetector } from '../../../support/detector-rows.ts';

describe('decodeState', () => {
  const detector = newDetector();
  judgeAll(detector, hostRows({ days: 2, step: 300_000 as never }));
  const text = encodeState(detector.save(), PARAMETERS);

  it('gives back what was encoded, typed arrays and infinities too', () => {
    expect(decodeState(text, PARAMETERS)).toEqual(detector.save());
  });

  it('refuses what was made with other parameters, and what is no state at all', () => {
    const other = { ...PARAMETERS, alarm: { ...PARAMETERS.alarm, hostLimit: 2 } };

    expect(decodeState(text, other)).toBeNull();
    expect(decodeState(text.replace('"version":1', '"version":2'), PARAMETERS)).toBeNull();
    for (const broken of ['', 'null', '[]', '{', text.slice(0, 500)]) {
      expect(decodeState(broken, PARAMETERS)).toBeNull();
    }
  });
});
