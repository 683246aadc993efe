import { describe, expect, it } from 'vitest';
import { createDayRing } from '../../../../src/monitor/detect/day-ring.ts';

describe('createDayRing', () => {
  const hour = 3_600_000;

  it('remembers what was seen at this time of day on the last days, and forgets after eight', () => {
    const ring = createDayRing(hour, 'mean');
    for (let day = 0; day < 12; day += 1) ring.put(ring.slotOf(day * 24 * hour + 5 * hour), day);
    const slot = ring.slotOf(11 * 24 * hour + 5 * hour);

    expect(ring.around(slot, 1, 1)).toEqual([10]);
    expect(ring.around(slot, 7, 1)).toEqual([4]);
    expect(ring.around(slot, 8, 1)).toEqual([]);
  });

  it('keeps the greatest value where it is asked for peaks', () => {
    const ring = createDayRing(hour, 'peak');
    for (const value of [3, 9, 1]) ring.put(24, value);

    expect(ring.around(48, 1, 0)).toEqual([9]);
  });
});
