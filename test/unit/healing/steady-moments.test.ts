import { describe, expect, it } from 'vitest';
import { hours, after as later, minutes } from '../../../src/domain/units.ts';
import { createSteadyMoments } from '../../../src/healing/steady-moments.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

describe('createSteadyMoments', () => {
  it('makes nothing older or younger when the wall clock jumps', async () => {
    const clock = createFakeClock();
    const steady = createSteadyMoments(clock);
    const then = clock.now();
    expect(steady.age('a', then)).toBe(0);

    await clock.advance(minutes(10));
    clock.jump(hours(3));
    expect(steady.age('a', then)).toBe(minutes(10));
    expect(steady.now('a', then)).toBe(later(clock.now(), minutes(-10)));
    clock.jump(hours(-9));
    expect(steady.age('a', then)).toBe(minutes(10));
  });

  it('counts what lies in the future as just now, and what is old by its age', () => {
    const clock = createFakeClock();
    const steady = createSteadyMoments(clock);
    expect(steady.age('future', later(clock.now(), hours(2)))).toBe(0);
    expect(steady.age('past', later(clock.now(), hours(-2)))).toBe(hours(2));
  });

  it('forgets what is not asked for any more', () => {
    const clock = createFakeClock();
    const steady = createSteadyMoments(clock);
    const then = clock.now();
    steady.age('a', then);
    clock.jump(hours(1));
    steady.keepOnly(new Set());
    expect(steady.age('a', then)).toBe(hours(1));
  });
});
