import { describe, expect, it, vi } from 'vitest';
import { createBot } from '../../../../src/bot/bot.ts';
import { BotConfig } from '../../../../src/bot/config.ts';
import { createCommandDesk } from '../../../../src/bot/run.ts';
import type { SurfaceHealth } from '../../../../src/domain/events.ts';
import type { Incident } from '../../../../src/domain/incident.ts';
import { hours, incidentId, after as later, minutes, seconds } from '../../../../src/domain/units.ts';
import { createEventBus } from '../../../../src/platform/event-bus.ts';
import { actor } from '../../../support/builders.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { createFakeControls } from '../../../support/fake-controls.ts';
import { createFakeMailer } from '../../../support/fake-mailer.ts';
import { createFakeSurface } from '../../../support/fake-surface.ts';
import { createMemoryLogger, createMemoryStateStore, live } from '../../../support/memory-ports.ts';
import { slowIncident } from '../../../support/night-builders.ts';

const PNG = Buffer.from([1, 2, 3]);

/** The whole bot with mail; what survives a restart is outside of `start`. */
function setUp(chat: 'with slack' | 'no chat' = 'with slack') {
  const clock = createFakeClock('2026-11-22T02:14:00.000Z');
  const log = createMemoryLogger();
  const states = createMemoryStateStore();
  const controls = createFakeControls();
  const mailer = createFakeMailer();
  const slack = createFakeSurface(clock, 'slack');
  const redact = (text: string): string => text.replaceAll('hunter2', '***');
  const shared = { clock, log, controls, timezone: 'UTC', redact };
  const start = async () => {
    const bot = createBot({
      ...shared,
      config: live(BotConfig.parse({ consoleUrl: 'https://ops.example' })),
      bus: createEventBus(log),
      states,
      desk: createCommandDesk(shared),
      surfaces: chat === 'no chat' ? [] : [slack],
      painter: { paint: async () => PNG },
      mailer,
      checks: () => [],
    });
    await bot.start();
    return bot;
  };
  const critical = (over: Partial<Incident> = {}): Incident => {
    const incident = slowIncident({ severity: 'critical', ...over });
    const known = controls.world.incidents.findIndex(({ id }) => id === incident.id);
    controls.world.incidents.splice(known === -1 ? 0 : known, known === -1 ? 0 : 1, incident);
    return incident;
  };
  const health = (state: SurfaceHealth['state'], reason = ''): void =>
    slack.inbound?.health({ state, since: clock.now(), reason });
  return { clock, log, controls, mailer, slack, start, critical, health };
}

const noAnswer = (): Promise<void> => new Promise(() => {});

describe('the mail desk', () => {
  it('sends nothing while chat takes what is urgent', async () => {
    const { clock, mailer, start, critical } = setUp();
    const bot = await start();

    bot.incidentChanged({ incident: critical() });
    await clock.advance(minutes(5));

    expect(mailer.tried).toEqual([]);
  });

  it('sends a critical that chat does not take, inside a minute, with what a person needs', async () => {
    const { clock, mailer, slack, start, critical } = setUp();
    const bot = await start();
    slack.before = noAnswer;

    bot.incidentChanged({ incident: critical({ title: 'billing-api is slow, hunter2' }) });
    await clock.advance(seconds(60));
    // Its chart is drawn by code that is loaded when first needed: in real time.
    await vi.waitFor(() => expect(mailer.sent).toHaveLength(1), 5_000);

    const [mail] = mailer.sent;
    expect(mail).toMatchObject({
      id: 'inc-7f3a.0@example.org',
      references: [],
      subject: 'Critical: billing-api is slow, *** (web-1)',
      listId: 'Nightshift on web-1 <nightshift.web-1>',
      urgent: true,
      picture: { cid: 'chart.inc-7f3a.0@example.org', png: PNG },
    });
    expect(mail?.html).toContain('src="cid:chart.inc-7f3a.0@example.org"');
    await expect(mail?.text).toMatchFileSnapshot('../../../golden/mail/critical.txt');
    await expect(mail?.html).toMatchFileSnapshot('../../../golden/mail/critical.html');
  });

  it('does not wait for chat that is down or not there', async () => {
    const down = setUp();
    const bot = await down.start();
    down.slack.before = noAnswer;
    down.health('down', 'Slack refuses the token.');
    bot.incidentChanged({ incident: down.critical() });
    const none = setUp('no chat');
    (await none.start()).incidentChanged({ incident: none.critical() });

    await Promise.all([down.clock.advance(seconds(20)), none.clock.advance(seconds(20))]);

    expect(down.mailer.sent[0]?.text).toContain('Slack refuses the token.');
    expect(none.mailer.sent[0]?.text).toContain('no chat is connected');
  });

  it('keeps an incident to one thread: each change of its state once, and its end', async () => {
    const { clock, mailer, start, critical, controls } = setUp('no chat');
    await start();
    critical();
    await clock.advance(seconds(20));

    critical({
      version: 8,
      updatedAt: clock.now(),
      state: { kind: 'escalated', at: clock.now(), reason: 'no' },
    });
    await clock.advance(minutes(3));
    const at = clock.now();
    critical({ version: 9, updatedAt: at, state: { kind: 'resolved', at, how: 'healed', reason: '' } });
    await clock.advance(minutes(3));

    expect(mailer.sent.map(({ id, references }) => [id, ...references])).toEqual([
      ['inc-7f3a.0@example.org'],
      ['inc-7f3a.1@example.org', 'inc-7f3a.0@example.org'],
      ['inc-7f3a.2@example.org', 'inc-7f3a.0@example.org', 'inc-7f3a.1@example.org'],
    ]);
    expect(new Set(mailer.sent.map(({ subject }) => subject.replace(/^Re: /, ''))).size).toBe(1);
    expect(mailer.sent.at(-1)?.text).toMatch(/^Healed · critical · /);
    expect(controls.world.incidents).toHaveLength(1);
  });

  it('tries again with growing gaps and the same id, and goes on after a restart', async () => {
    const { clock, mailer, start, critical } = setUp('no chat');
    const bot = await start();
    mailer.outcomes.push(...Array.from({ length: 3 }, () => ({ kind: 'later', reason: 'no' }) as const));
    critical();
    await clock.advance(minutes(2));
    await bot.stop();

    const next = await start();
    await clock.advance(minutes(20));

    expect(new Set(mailer.tried.map(({ id }) => id))).toEqual(new Set(['inc-7f3a.0@example.org']));
    expect(mailer.sent).toHaveLength(1);
    expect(next.health().mail?.state).toBe('up');
  });

  it('does not offer again what the server refused for good, and says so on chat and status', async () => {
    const { clock, mailer, slack, start, critical } = setUp();
    const bot = await start();
    mailer.outcomes.push({ kind: 'refused', reason: 'The mail server refuses the mail: 550.' });
    slack.before = (_, key) => (key.startsWith('inc-') ? noAnswer() : undefined);

    critical();
    bot.incidentChanged({ incident: critical() });
    await clock.advance(minutes(20));

    expect(mailer.tried).toHaveLength(1);
    expect(bot.health().mail).toMatchObject({ state: 'down', reason: expect.stringContaining('550') });
    expect([...slack.shown.values()].map(({ title }) => title)).toContain('mail cannot be reached');
  });

  it('says that a server is not there before it is needed', async () => {
    const { clock, mailer, start } = setUp();
    mailer.verified = { kind: 'refused', reason: 'The certificate is not trusted.' };

    const bot = await start();
    await clock.advance(seconds(1));

    expect(bot.health().mail?.state).toBe('down');
  });

  it('leaves the rest to a digest, each warning once', async () => {
    const { clock, mailer, start, critical } = setUp('no chat');
    await start();
    for (const name of ['a', 'b', 'c'])
      critical({
        id: incidentId(`inc-${name}`),
        severity: 'warning',
        state: { kind: 'open' },
        openedAt: clock.now(),
        title: `${name} is slow`,
      });

    await clock.advance(minutes(45));

    expect(mailer.sent).toHaveLength(1);
    expect(mailer.sent[0]).toMatchObject({ subject: '3 warnings on web-1', urgent: false });
    await expect(mailer.sent[0]?.text).toMatchFileSnapshot('../../../golden/mail/digest.txt');
  });

  it('tells in the thread what went by mail, in one message, when chat is back', async () => {
    const { clock, slack, start, critical, health } = setUp();
    const bot = await start();
    const incident = critical();
    bot.incidentChanged({ incident });
    await clock.advance(seconds(10));
    health('down', 'gone');
    slack.before = () => {
      throw new Error('gone');
    };
    critical({
      version: 9,
      state: { kind: 'escalated', at: clock.now(), reason: 'no' },
      pagedAt: clock.now(),
      timeline: [
        ...incident.timeline,
        ...[1, 2, 3].map((n) => ({
          at: later(clock.now(), seconds(n)),
          tone: 'bad' as const,
          text: `line ${n}`,
        })),
      ],
    });
    await clock.advance(minutes(40));
    const before = slack.sent.filter(({ what }) => what === 'line').length;

    slack.before = () => {};
    health('up');
    await clock.advance(minutes(2));

    const told = [...slack.threads.values()].flat().at(-1)?.text ?? '';
    expect(slack.sent.filter(({ what }) => what === 'line').length - before).toBe(1);
    expect(told.split('\n').map((line) => line.replace(/^\S+ UTC +/, ''))).toEqual([
      'line 1',
      'line 2',
      'line 3',
      'Told by mail to one address, because chat did not take it.',
    ]);
  });

  it('keeps quiet about what is silenced or only info, and about what healed before the mail was due', async () => {
    const { clock, mailer, start, critical, controls } = setUp('no chat');
    await start();
    controls.world.silences.push({
      subject: 'billing-api',
      until: later(clock.now(), hours(1)),
      by: 'ada',
      reason: '',
    });
    critical();
    critical({ id: incidentId('inc-i'), severity: 'info', target: null });
    critical({ id: incidentId('inc-h'), target: 'shop', anomalies: [] });
    await clock.advance(seconds(6));
    const at = clock.now();
    critical({
      id: incidentId('inc-h'),
      target: 'shop',
      anomalies: [],
      state: { kind: 'resolved', at, how: 'healed', reason: '' },
    });

    await clock.advance(minutes(1));

    expect(mailer.tried).toEqual([]);
  });

  it('sends a test on demand and says how it went', async () => {
    const { mailer, start } = setUp();
    const bot = await start();

    expect(await bot.test('mail', actor())).toMatchObject({
      kind: 'done',
      text: expect.stringContaining('ada@'),
    });
    mailer.outcomes.push({ kind: 'later', reason: 'The mail server cannot be reached.' });
    expect(await bot.test('mail', actor())).toEqual({
      kind: 'failed',
      reason: 'The mail server cannot be reached.',
    });
  });
});
