/** Forty minutes without chat by a virtual clock: the whole bot, outbox, mail and summary, on both surfaces. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createBot } from '../../../src/bot/bot.ts';
import { BotConfig } from '../../../src/bot/config.ts';
import { createCommandDesk } from '../../../src/bot/run.ts';
import { faultError } from '../../../src/bot/surface-fault.ts';
import type { SurfaceHealth } from '../../../src/domain/events.ts';
import type { Incident } from '../../../src/domain/incident.ts';
import { incidentId, after as later, minutes, ms, seconds } from '../../../src/domain/units.ts';
import { createEventBus } from '../../../src/platform/event-bus.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeControls } from '../../support/fake-controls.ts';
import { createFakeMailer } from '../../support/fake-mailer.ts';
import { createFakeSurface, type FakeSurface } from '../../support/fake-surface.ts';
import { createMemoryLogger, createMemoryStateStore, live } from '../../support/memory-ports.ts';
import { slowIncident } from '../../support/night-builders.ts';

const WARNINGS = 20;
const AWAY = minutes(40);

async function outage() {
  const clock = createFakeClock('2026-11-22T02:14:00.000Z');
  const log = createMemoryLogger();
  const controls = createFakeControls();
  const mailer = createFakeMailer();
  const surfaces = [createFakeSurface(clock, 'slack'), createFakeSurface(clock, 'discord')] as const;
  const shared = { clock, log, controls, timezone: 'UTC', redact: (text: string): string => text };
  const bot = createBot({
    ...shared,
    config: live(BotConfig.parse({})),
    bus: createEventBus(log),
    states: createMemoryStateStore(),
    desk: createCommandDesk(shared),
    surfaces,
    painter: { paint: async () => null },
    mailer,
    checks: () => [],
  });
  await bot.start();

  const change = (over: Partial<Incident>): void => {
    const known = controls.world.incidents.findIndex(({ id }) => id === over.id);
    const before = controls.world.incidents[known] ?? slowIncident({ state: { kind: 'open' } });
    const incident = { ...before, ...over, version: before.version + 1, updatedAt: clock.now() };
    if (known === -1) controls.world.incidents.push(incident);
    else controls.world.incidents[known] = incident;
    bot.incidentChanged({ incident });
  };
  const gone = (): never => {
    throw faultError('slack', { kind: 'unreachable', reason: 'gone', retryAfterSeconds: null }, undefined);
  };
  const health = (state: SurfaceHealth['state']): void => {
    for (const surface of surfaces) {
      surface.before = state === 'up' ? () => {} : gone;
      surface.inbound?.health({ state, since: clock.now(), reason: state === 'up' ? '' : 'gone' });
    }
  };
  return { clock, bot, mailer, surfaces, change, health };
}

/** Both away for forty minutes while a card that stands goes on and a page and warnings come; then both are back. */
async function night() {
  const { clock, bot, mailer, surfaces, change, health } = await outage();
  const OLD = incidentId('inc-old');
  const PAGE = incidentId('inc-page');
  change({ id: OLD, title: 'rpa-worker is down' });
  await clock.advance(minutes(1));

  health('down');
  const downAt = clock.now();
  change({ id: PAGE, title: 'billing-api is down', severity: 'critical', pagedAt: clock.now() });
  await clock.advance(seconds(60));
  const mailsInAMinute = [...mailer.sent];
  for (let minute = 1; minute < 40; minute += 1) {
    change({ id: OLD, timeline: storyOf(minute) });
    if (minute <= WARNINGS) change({ id: incidentId(`inc-w${minute}`), title: `disk ${minute} is filling` });
    await clock.advance(minutes(1));
  }
  change({ id: OLD, state: { kind: 'resolved', at: clock.now(), how: 'healed', reason: 'well' } });
  const callsWhileAway = surfaces.map((surface) => surface.sent.filter(({ at }) => at >= minutes(1)).length);

  const marks = surfaces.map((surface) => surface.sent.length);
  health('up');
  await clock.advance(minutes(5));
  const after = surfaces.map((surface, index) => surface.sent.slice(marks[index]));
  await bot.stop();
  return { downAt, mailer, surfaces, mailsInAMinute, callsWhileAway, after };

  function storyOf(steps: number): Incident['timeline'] {
    return Array.from({ length: steps }, (_, step) => ({
      at: later(downAt, minutes(step)),
      tone: 'note' as const,
      text: `step ${step + 1}`,
    }));
  }
}

function cardOf(surface: FakeSurface, key: string): string | undefined {
  return [...surface.shown.values()].find((card) => card.key === key)?.word;
}

describe('forty minutes without chat', () => {
  let past: Awaited<ReturnType<typeof night>>;
  beforeAll(async () => {
    // Loaded when first needed, in real time: the virtual clock would run on meanwhile.
    await Promise.all([import('../../../src/bot/chart.ts'), import('../../../src/bot/chart-svg.ts')]);
    past = await night();
  }, 60_000);

  it('tells a page by one mail within a minute, and the rest in a few', () => {
    const { mailer, mailsInAMinute } = past;

    expect(mailsInAMinute.map(({ subject }) => subject)).toEqual(['Critical: billing-api is down (web-1)']);
    const pages = mailer.sent.filter(({ subject }) => subject.includes('billing-api is down'));
    const digests = mailer.sent.filter(({ subject }) => /warnings? on/.test(subject));
    expect(pages).toHaveLength(1);
    expect(digests.length).toBeGreaterThan(0);
    expect(digests.length).toBeLessThanOrEqual(AWAY / minutes(10));
    expect(mailer.sent.length).toBe(pages.length + digests.length);
  });

  it('does not batter a platform that is gone', () => {
    const { callsWhileAway } = past;

    for (const calls of callsWhileAway) expect(calls).toBeLessThan(120);
  });

  it('brings the page first, repairs what stands, doubles nothing, and is no flood', () => {
    const { surfaces, after } = past;

    for (const [index, surface] of surfaces.entries()) {
      const sent = after[index] ?? [];
      expect(sent[0]).toMatchObject({ what: 'post', key: 'inc-page' });
      expect(cardOf(surface, 'inc-old')).toBe('Healed');
      expect(sent.filter(({ what, key }) => what === 'post' && key === 'inc-old')).toEqual([]);
      const posts = sent.filter(({ what }) => what === 'post').map(({ key }) => key);
      expect(new Set(posts).size).toBe(posts.length);
      const gaps = sent.slice(1).map(({ at }, step) => at - (sent[step]?.at ?? 0));
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(ms(1_000));
      // A message a card, one line for its story, and one that tells that chat was away.
      expect(sent.length).toBeLessThanOrEqual(2 * (WARNINGS + 2) + 4);
    }
  });

  it('tells once in each thread what was missed, with what went by mail', () => {
    const { surfaces } = past;

    for (const surface of surfaces) {
      const root = [...surface.shown].find(([, card]) => card.key === 'inc-page')?.[0] ?? '';
      const lines = surface.threads.get(root.replace('m', 't')) ?? [];
      expect(lines).toHaveLength(1);
      expect(lines[0]?.text).toContain('Told by mail to one address, because chat did not take it.');
      const old = [...surface.shown].find(([, card]) => card.key === 'inc-old')?.[0] ?? '';
      expect(surface.threads.get(old.replace('m', 't'))?.at(-1)?.text).toContain('step 39');
    }
  });
});
