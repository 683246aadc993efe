import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minutes, ms } from '../../../../src/domain/units.ts';
import { createTokenBucket } from '../../../../src/platform/queue/token-bucket.ts';

describe('createTokenBucket', () => {
  it('lets no more through in any minute than its rate and one second of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 600 }),
        fc.array(fc.nat(5_000), { maxLength: 300 }),
        (max, gaps) => {
          const bucket = createTokenBucket({ max, per: minutes(1) }, ms(0));
          const taken: number[] = [];
          let now = 0;
          for (const gap of gaps) {
            now += gap;
            while (bucket.take(ms(now))) taken.push(now);
          }

          for (const from of taken) {
            const inMinute = taken.filter((at) => at >= from && at < from + 60_000).length;
            expect(inMinute).toBeLessThanOrEqual(max + Math.max(1, max / 60) + 1e-6);
          }
        },
      ),
    );
  });

  it('tells exactly how long until the next', () => {
    const bucket = createTokenBucket({ max: 30, per: minutes(1) }, ms(0));
    bucket.take(ms(0));

    expect(bucket.wait(ms(500))).toBe(1_500);
    expect([bucket.take(ms(1_999)), bucket.take(ms(2_000))]).toEqual([false, true]);
  });
});
