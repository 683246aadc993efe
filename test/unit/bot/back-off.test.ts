import { describe, expect, it } from 'vitest';
import { backOff } from '../../../src/bot/back-off.ts';
import { seconds } from '../../../src/domain/units.ts';

describe('backOff', () => {
  it('doubles from one second to one minute and stays there', () => {
    const waits = [0, 1, 2, 5, 6, 7, 5_000].map(
      (failures) => backOff(failures, seconds(1), seconds(60)) / 1000,
    );

    expect(waits).toEqual([1, 2, 4, 32, 60, 60, 60]);
  });
});
