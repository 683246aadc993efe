import { describe, expect, it } from 'vitest';
import { minutes } from '../../../src/domain/units.ts';
import { createMinuteTick, type StartCron, startNodeCron } from '../../../src/platform/minute-tick.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryLogger } from '../../support/memory-ports.ts';

describe('createMinuteTick', () => {
  it('passes the ticks on and stops with its task', async () => {
    const clock = createFakeClock();
    const startCron: StartCron = async (_, tick) => clock.every(minutes(1), tick);
    let ticks = 0;

    const stop = await createMinuteTick({ clock, log: createMemoryLogger(), startCron })(() => {
      ticks += 1;
    });
    await clock.advance(minutes(10));
    stop();
    await clock.advance(minutes(10));

    expect(ticks).toBe(10);
  });

  it('ticks by itself and starts anew when the cron falls silent after a clock was set back', async () => {
    const clock = createFakeClock();
    const log = createMemoryLogger();
    let started = 0;
    let stopped = 0;
    const silent: StartCron = async () => {
      started += 1;
      return () => {
        stopped += 1;
      };
    };
    let ticks = 0;

    const stop = await createMinuteTick({ clock, log, startCron: silent })(() => {
      ticks += 1;
    });
    await clock.advance(minutes(20));
    stop();

    expect(ticks).toBe(10);
    expect([started, stopped]).toEqual([11, 11]);
    expect(log.lines[0]?.level).toBe('warn');
  });
});

describe('startNodeCron', () => {
  it('ticks by the pattern and not after it was stopped', async () => {
    let ticks = 0;

    const stop = await startNodeCron('* * * * * *', () => {
      ticks += 1;
    });
    await expect.poll(() => ticks, { timeout: 5_000 }).toBeGreaterThan(0);
    stop();
    const then = ticks;
    let others = 0;
    const stopOther = await startNodeCron('* * * * * *', () => {
      others += 1;
    });
    await expect.poll(() => others, { timeout: 5_000 }).toBeGreaterThan(1);
    stopOther();

    expect(ticks).toBe(then);
  });
});
