import { describe, expect, it } from 'vitest';
import { createSessions, NO_SESSIONS, SessionFile, type Sessions } from '../../../../src/bot/web/session.ts';
import type { StateStore } from '../../../../src/domain/ports.ts';
import { hours, minutes } from '../../../../src/domain/units.ts';
import { createFakeClock, type FakeClock } from '../../../support/fake-clock.ts';
import {
  createMemoryLogger,
  createMemoryStateStore,
  createSeededRandom,
} from '../../../support/memory-ports.ts';

const LOCAL = { kind: 'local' } as const;

async function open(
  clock: FakeClock = createFakeClock(),
  states: StateStore = createMemoryStateStore(),
  seed = 1,
): Promise<Sessions> {
  const { document } = await states.open('web_sessions', (data) => SessionFile.parse(data), NO_SESSIONS);
  return createSessions({ clock, random: createSeededRandom(seed), log: createMemoryLogger(), document });
}

describe('createSessions', () => {
  it('knows a session by its 256-bit id for twelve hours, and not longer', async () => {
    const clock = createFakeClock();
    const sessions = await open(clock);

    const id = await sessions.open(LOCAL);

    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(sessions.find(id)).toMatchObject({ grant: LOCAL });
    await clock.advance(hours(11.99));
    expect(sessions.find(id)).toBeDefined();
    await clock.advance(hours(0.02));
    expect(sessions.find(id)).toBeUndefined();
  });

  it('gives each session its own CSRF token, which does not give the id away', async () => {
    const sessions = await open();
    const [one, two] = [await sessions.open(LOCAL), await sessions.open(LOCAL)];

    expect(sessions.find(one)?.csrf).not.toBe(sessions.find(two)?.csrf);
    expect(sessions.find(one)?.csrf).not.toContain(one);
  });

  it('survives a restart without keeping any id on disk', async () => {
    const [clock, states] = [createFakeClock(), createMemoryStateStore()];
    const id = await (await open(clock, states)).open(LOCAL);

    const restarted = await open(clock, states, 2);

    expect(restarted.find(id)).toMatchObject({ grant: LOCAL });
    expect([...states.saved.values()].join()).not.toContain(id);
  });

  it('is over at once and for good after signing out', async () => {
    const [clock, states] = [createFakeClock(), createMemoryStateStore()];
    const sessions = await open(clock, states);
    const id = await sessions.open(LOCAL);

    await sessions.close(id);

    expect(sessions.find(id)).toBeUndefined();
    expect((await open(clock, states, 2)).find(id)).toBeUndefined();
  });

  it('keeps the newest hundred', async () => {
    const sessions = await open();
    const first = await sessions.open(LOCAL);
    for (let count = 0; count < 100; count += 1) await sessions.open(LOCAL);

    expect(sessions.find(first)).toBeUndefined();
  });

  it('lets people in while the disk is full', async () => {
    const log = createMemoryLogger();
    const document = { value: NO_SESSIONS, update: () => Promise.reject(new Error('ENOSPC')) };
    const sessions = createSessions({
      clock: createFakeClock(),
      random: createSeededRandom(),
      log,
      document,
    });

    const id = await sessions.open(LOCAL);

    expect(sessions.find(id)).toBeDefined();
    expect(log.lines).toMatchObject([{ level: 'warn', message: 'sessions not saved' }]);
  });

  it('lets a login link in once', async () => {
    const sessions = await open();
    const { token } = sessions.issueLink();

    expect([sessions.redeemLink(token), sessions.redeemLink(token)]).toEqual([true, false]);
    expect(sessions.redeemLink('')).toBe(false);
  });

  it('refuses a login link after fifteen minutes', async () => {
    const clock = createFakeClock();
    const sessions = await open(clock);
    const { token } = sessions.issueLink();

    await clock.advance(minutes(15));

    expect(sessions.redeemLink(token)).toBe(false);
  });
});
