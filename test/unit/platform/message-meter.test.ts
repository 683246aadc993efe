import { describe, expect, it } from 'vitest';
import { minutes } from '../../../src/domain/units.ts';
import { createMessageMeter } from '../../../src/platform/message-meter.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

describe('createMessageMeter', () => {
  it('counts the last hour of the busiest surface, because the budget holds for each', async () => {
    const clock = createFakeClock();
    const meter = createMessageMeter(clock);
    expect(meter.lastHour()).toBe(0);

    for (let count = 0; count < 3; count += 1) meter.sent('slack');
    await clock.advance(minutes(30));
    meter.sent('discord');
    meter.sent('slack');
    expect(meter.lastHour()).toBe(4);

    await clock.advance(minutes(30));
    expect(meter.lastHour()).toBe(1);
    await clock.advance(minutes(31));
    expect(meter.lastHour()).toBe(0);
  });
});
