import { describe, expect, it } from 'vitest';
import { days, hours, minutes, seconds } from '../../../src/domain/units.ts';
import { createScheduler, type Job, type Scheduler } from '../../../src/platform/scheduler.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { createMemoryLogger, createMemoryStateStore, type MemoryLogger } from '../../support/memory-ports.ts';

interface Rig {
  readonly scheduler: Scheduler;
  readonly clock: FakeClock;
  readonly log: MemoryLogger;
  readonly ran: string[];
  readonly states: ReturnType<typeof createMemoryStateStore>;
}

function rig(over: Partial<Job> = {}, before?: Rig): Rig {
  const clock = before?.clock ?? createFakeClock('2026-11-22T00:00:00.000Z');
  const states = before?.states ?? createMemoryStateStore();
  const log = createMemoryLogger();
  const ran = before?.ran ?? [];
  const scheduler = createScheduler({
    clock,
    states,
    log,
    timezone: 'Europe/Berlin',
    ticks: async (tick) => clock.every(minutes(1), tick),
  });
  scheduler.add({
    name: 'backup',
    schedule: () => ({ dailyAt: '03:30', catchUp: hours(20) }),
    timeLimit: minutes(30),
    run: async () => void ran.push(new Date(clock.now()).toISOString()),
    ...over,
  });
  return { scheduler, clock, log, ran, states };
}

describe('createScheduler', () => {
  it('runs a daily job at its time in its zone, once a day', async () => {
    const { scheduler, clock, ran } = rig();
    await scheduler.start();

    await clock.advance(days(3));

    expect(ran.map((time) => time.slice(0, 16))).toEqual([
      '2026-11-22T02:30',
      '2026-11-23T02:30',
      '2026-11-24T02:30',
    ]);
    await scheduler.stop();
  });

  it('does not repeat a day after a restart, nor when the clock is set back over its time', async () => {
    const first = rig();
    await first.scheduler.start();
    await first.clock.advance(hours(4));
    await first.scheduler.stop();
    first.clock.jump(hours(-2));
    const second = rig({}, first);
    await second.scheduler.start();

    await first.clock.advance(hours(8));

    expect(first.ran).toHaveLength(1);
    await second.scheduler.stop();
  });

  it('runs once on waking when its time passed while the machine slept', async () => {
    const { scheduler, clock, ran } = rig();
    await scheduler.start();
    await clock.advance(minutes(10));

    clock.jump(hours(58));
    await clock.advance(minutes(30));

    expect(ran).toHaveLength(1);
    await scheduler.stop();
  });

  it('tries a failed job again, less and less often, and again at the next slot', async () => {
    let fail = true;
    const { scheduler, clock, ran, log } = rig({
      run: async () => {
        ran.push('run');
        if (fail) throw new Error('no room');
      },
    });
    await scheduler.start();

    await clock.advance(hours(2.5));
    await clock.advance(minutes(20));
    const early = ran.length;
    await clock.advance(hours(1));
    const later = ran.length - early;
    fail = false;
    await clock.advance(hours(2));
    const healed = ran.length;
    await clock.advance(hours(10));

    expect(early).toBe(5);
    expect(later).toBeLessThanOrEqual(2);
    expect(ran.length).toBe(healed);
    expect(log.lines.find((line) => line.level === 'error')).toMatchObject({ message: 'a job failed' });
    expect(scheduler.status()[0]).toMatchObject({ failures: 0, running: false });
    await scheduler.stop();
  });

  it('counts a run that took the process with it as failed, and does not repeat it at once', async () => {
    const dying = rig({ run: () => new Promise(() => {}) });
    await dying.scheduler.start();
    await dying.clock.advance(hours(2.5));
    await dying.clock.advance(seconds(5));
    const after = rig({}, dying);
    await after.scheduler.start();
    await after.clock.settle();

    expect(after.ran).toEqual([]);
    expect(after.scheduler.status()[0]).toMatchObject({ failures: 1 });
    await after.clock.advance(minutes(2));
    expect(after.ran).toHaveLength(1);
    await after.scheduler.stop();
  });

  it('ends a job that does not end, tells it by its signal, and never runs it beside itself', async () => {
    let running = 0;
    let most = 0;
    const told: boolean[] = [];
    const { scheduler, clock, log } = rig({
      schedule: () => ({ every: minutes(1) }),
      timeLimit: minutes(5),
      run: async (signal) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        ).finally(() => {
          told.push(signal.aborted);
          running -= 1;
        });
      },
    });
    await scheduler.start();

    await clock.advance(minutes(6));

    expect([most, told[0]]).toEqual([1, true]);
    expect(log.lines.some((line) => line.message === 'a job failed')).toBe(true);
    await scheduler.stop();
  });

  it('goes on with the others when one job throws', async () => {
    const { scheduler, clock, ran } = rig({
      schedule: () => {
        throw new Error('bad configuration');
      },
    });
    scheduler.add({
      name: 'report',
      schedule: () => ({ every: hours(1) }),
      timeLimit: minutes(1),
      run: async () => void ran.push('report'),
    });
    await scheduler.start();

    await clock.advance(hours(3));

    expect(ran.length).toBeGreaterThanOrEqual(3);
    await scheduler.stop();
  });

  it('runs a job although its record cannot be saved, and not at every tick', async () => {
    const { scheduler, clock, ran, states } = rig();
    const open = states.open.bind(states);
    states.open = async (...input) => {
      const opened = await open(...input);
      const update = (): Promise<never> => Promise.reject(new Error('disk full'));
      return { ...opened, document: { value: opened.document.value, update } };
    };
    await scheduler.start();

    await clock.advance(hours(5));

    expect(ran).toHaveLength(1);
    await scheduler.stop();
  });

  it('stops a running job by its signal and runs it again after the next start', async () => {
    const first = rig({
      run: (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });
    await first.scheduler.start();
    await first.clock.advance(hours(2.5));
    await first.clock.advance(minutes(1));
    expect(first.scheduler.status()[0]).toMatchObject({ running: true });

    await first.scheduler.stop();
    const second = rig({}, first);
    await second.scheduler.start();
    await second.clock.settle();

    expect(second.ran).toHaveLength(1);
    expect(first.log.lines.filter((line) => line.level === 'error')).toEqual([]);
    await second.scheduler.stop();
  });

  it('refuses two jobs of one name', () => {
    const { scheduler } = rig();

    expect(() =>
      scheduler.add({
        name: 'backup',
        schedule: () => ({ every: hours(1) }),
        timeLimit: minutes(1),
        run: async () => {},
      }),
    ).toThrow('two jobs have one name');
  });
});
