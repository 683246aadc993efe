/**
 * A tick a minute, from node-cron, which is loaded when the first tick is wanted.
 *
 * node-cron is silent for as long as a clock was set back, and calls a late tick missed. So a missed tick is a
 * tick too, and when none comes for two minutes of monotonic time we tick ourselves and start it anew.
 */
import type { Cancel, Clock, Logger } from '../domain/ports.ts';
import { type Ms, minutes, seconds } from '../domain/units.ts';

const LOOK_EVERY = seconds(30);
const SILENCE = minutes(2);
const EVERY_MINUTE = '* * * * *';

/** Calls `tick` about once a minute until it is cancelled. */
export type MinuteTick = (tick: () => void) => Promise<Cancel>;
/** Starts a cron task and gives back what stops it. */
export type StartCron = (pattern: string, tick: () => void) => Promise<Cancel>;

export interface MinuteTickDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly startCron?: StartCron;
}

export function createMinuteTick({ clock, log, startCron = startNodeCron }: MinuteTickDeps): MinuteTick {
  return async (tick) => {
    let heard: Ms = clock.monotonic();
    const onTick = (): void => {
      heard = clock.monotonic();
      tick();
    };
    let stopCron = await startCron(EVERY_MINUTE, onTick);
    let stopped = false;
    const stopLooking = clock.every(LOOK_EVERY, async () => {
      if (clock.monotonic() - heard < SILENCE) return;
      log.warn('no tick for two minutes, the clock was set back; ticking without it');
      onTick();
      stopCron();
      stopCron = await startCron(EVERY_MINUTE, onTick);
      if (stopped) stopCron();
    });
    return () => {
      stopped = true;
      stopLooking();
      stopCron();
    };
  };
}

/** The one place that knows node-cron. */
export async function startNodeCron(pattern: string, tick: () => void): Promise<Cancel> {
  const { createTask } = await import('node-cron');
  const quiet = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
  const task = createTask(pattern, tick, {
    timezone: 'UTC',
    noOverlap: true,
    suppressMissedWarning: true,
    logger: quiet,
  });
  task.on('execution:missed', tick);
  await task.start();
  return () => void task.destroy();
}
