import { describe, expect, it } from 'vitest';
import { createLinkHealth, judgeLinks } from '../../../src/bot/link-health.ts';
import { ms, seconds } from '../../../src/domain/units.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const timing = { degradedAfter: seconds(10), downAfter: seconds(60) };

function setUp() {
  const clock = createFakeClock();
  const told: string[] = [];
  const health = createLinkHealth({
    clock,
    timing,
    report: (state, reason) => void told.push(`${state} ${reason}`.trim()),
  });
  return { clock, told, health };
}

describe('judgeLinks', () => {
  it('says when its verdict will change by itself', () => {
    const loss = { reason: 'socket closed', since: ms(0), grows: true };

    expect(judgeLinks([loss], timing, seconds(4)).againIn).toBe(seconds(6));
    expect(judgeLinks([loss], timing, seconds(10))).toEqual({
      state: 'degraded',
      reason: 'socket closed',
      againIn: seconds(50),
    });
    expect(judgeLinks([loss], timing, seconds(60)).state).toBe('down');
  });

  it('tells losses of the same weight together, each reason once', () => {
    const losses = ['no channel', 'no scope', 'no scope'].map((reason) => ({
      reason,
      since: ms(0),
      grows: false,
    }));

    expect(judgeLinks(losses, timing, ms(0))).toMatchObject({
      state: 'degraded',
      reason: 'no channel no scope',
    });
  });

  it('takes the worst of several losses', () => {
    const losses = [
      { reason: 'no channel', since: ms(0), grows: false },
      { reason: 'no socket', since: ms(0), grows: true },
    ];

    expect(judgeLinks(losses, timing, seconds(60))).toMatchObject({ state: 'down', reason: 'no socket' });
  });
});

describe('createLinkHealth', () => {
  it('is not up before everything was well once', async () => {
    const { clock, told, health } = setUp();

    health.lost('socket', 'Connecting.');
    health.lost('api', 'Connecting.');
    health.ok('api');
    await clock.advance(seconds(2));
    health.ok('socket');

    expect(told).toEqual(['degraded Connecting.', 'up']);
  });

  it('does not tell of a loss that is over within ten seconds', async () => {
    const { clock, told, health } = setUp();
    health.lost('socket', 'Connecting.');
    health.ok('socket');

    health.lost('socket', 'closed');
    await clock.advance(seconds(9));
    health.ok('socket');
    await clock.advance(seconds(120));

    expect(told).toEqual(['degraded Connecting.', 'up']);
  });

  it('grows from degraded to down by itself, and is up again at once', async () => {
    const { clock, told, health } = setUp();
    health.lost('socket', 'Connecting.');
    health.ok('socket');

    health.lost('socket', 'closed');
    await clock.advance(seconds(61));
    health.ok('socket');

    expect(told.slice(1)).toEqual(['up', 'degraded closed', 'down closed', 'up']);
  });

  it('counts from the first loss, however often it is told again', async () => {
    const { clock, told, health } = setUp();
    health.lost('socket', 'refused');

    for (let n = 0; n < 6; n += 1) {
      await clock.advance(seconds(10));
      health.lost('socket', 'refused');
    }

    expect(told.at(-1)).toBe('down refused');
  });

  it('tells a hint at once, and never lets it grow', async () => {
    const { clock, told, health } = setUp();
    health.lost('api', 'Connecting.');
    health.ok('api');

    health.hint('channel', 'not in the channel');
    await clock.advance(seconds(600));
    health.ok('channel');

    expect(told.slice(2)).toEqual(['degraded not in the channel', 'up']);
  });
});
