import { describe, expect, it } from 'vitest';
import { hours, after as later, minutes } from '../../../src/domain/units.ts';
import { createDeadlines } from '../../../src/healing/deadlines.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

describe('createDeadlines', () => {
  it('counts by the monotonic clock once a deadline was seen', async () => {
    const clock = createFakeClock();
    const deadlines = createDeadlines(clock);
    const until = later(clock.now(), minutes(10));
    expect(deadlines.isOver('freeze', until, hours(1))).toBe(false);

    clock.jump(hours(5));
    expect(deadlines.isOver('freeze', until, hours(1))).toBe(false);
    clock.jump(hours(-9));
    await clock.advance(minutes(10));
    expect(deadlines.isOver('freeze', until, hours(1))).toBe(true);
  });

  it('waits no longer than the longest of its sort for a record from a wrong clock', async () => {
    const clock = createFakeClock();
    const deadlines = createDeadlines(clock);
    const until = later(clock.now(), hours(500));
    expect(deadlines.isOver('verify', until, minutes(10))).toBe(false);
    await clock.advance(minutes(10));
    expect(deadlines.isOver('verify', until, minutes(10))).toBe(true);
  });

  it('lets nothing fall due for the time we slept through', async () => {
    const clock = createFakeClock();
    const deadlines = createDeadlines(clock);
    const open = later(clock.now(), minutes(2));
    const past = later(clock.now(), minutes(1));
    deadlines.isOver('a', open, hours(1));
    deadlines.isOver('b', past, hours(1));
    await clock.advance(minutes(1));
    await clock.advance(minutes(30));
    deadlines.shift(minutes(30));
    expect(deadlines.isOver('a', open, hours(1))).toBe(false);
    expect(deadlines.isOver('b', past, hours(1))).toBe(true);
    await clock.advance(minutes(1));
    expect(deadlines.isOver('a', open, hours(1))).toBe(true);
  });

  it('forgets what is long over', async () => {
    const clock = createFakeClock();
    const deadlines = createDeadlines(clock);
    const until = later(clock.now(), minutes(1));
    deadlines.isOver('a', until, hours(1));
    await clock.advance(hours(4));
    deadlines.sweep();
    clock.jump(hours(-5));
    expect(deadlines.isOver('a', until, hours(1))).toBe(false);
  });
});
