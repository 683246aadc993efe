import { describe, expect, it } from 'vitest';
import { epochMs, ms } from '../../../src/domain/units.ts';
import { clockJump } from '../../../src/monitor/clock-watch.ts';

const moment = (wall: number, monotonic: number) => ({ at: epochMs(wall), monotonic: ms(monotonic) });

describe('clockJump', () => {
  it('sees a wall clock that was set, both ways, and a suspend', () => {
    expect(clockJump(moment(0, 0), moment(3_605_000, 5_000))).toBe(3_600_000);
    expect(clockJump(moment(3_600_000, 0), moment(5_000, 5_000))).toBe(-3_600_000);
  });

  it('does not mind a slow beat or a clock that is being corrected', () => {
    expect(clockJump(moment(0, 0), moment(600_000, 600_000))).toBeNull();
    expect(clockJump(moment(0, 0), moment(34_000, 5_000))).toBeNull();
  });
});
