import { describe, expect, it } from 'vitest';
import { type BotDeps, createBot } from '../../../src/bot/bot.ts';
import { BotConfig } from '../../../src/bot/config.ts';
import { createCommandDesk } from '../../../src/bot/run.ts';
import type { Press } from '../../../src/bot/surface.ts';
import type { Approval } from '../../../src/domain/approval.ts';
import type { OpsEvent } from '../../../src/domain/events.ts';
import type { Incident } from '../../../src/domain/incident.ts';
import { epochMs, incidentId, after as later, minutes, seconds } from '../../../src/domain/units.ts';
import { createEventBus } from '../../../src/platform/event-bus.ts';
import { actor, START } from '../../support/builders.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeControls, type FakeWorld } from '../../support/fake-controls.ts';
import { createFakeSurface } from '../../support/fake-surface.ts';
import { createMemoryLogger, createMemoryStateStore, live } from '../../support/memory-ports.ts';
import { APPROVAL_ID, approval, slowIncident, TROUBLE } from '../../support/night-builders.ts';

const ADA = { id: 'U1', display: 'ada', groups: [] };
const MALLORY = { id: 'U666', display: 'ada', groups: [] };

function setUp(over: Partial<FakeWorld> = {}) {
  const clock = createFakeClock('2026-11-22T02:14:00.000Z');
  const log = createMemoryLogger();
  const states = createMemoryStateStore();
  const controls = createFakeControls(over);
  const slack = createFakeSurface(clock, 'slack');
  const discord = createFakeSurface(clock, 'discord');
  const config = live(
    BotConfig.parse({
      people: [{ name: 'ada', roles: ['operator', 'approver'], slack: ['U1'], discord: ['1001'] }],
      consoleUrl: 'https://ops.example',
    }),
  );
  const bus = createEventBus(log);
  const events: OpsEvent[] = [];
  bus.onAny((event) => void events.push(event));
  const redact = (text: string): string => text.replaceAll('hunter2', '***');
  const shared = { clock, log, controls, timezone: 'UTC', redact };
  const deps: BotDeps = {
    ...shared,
    config,
    bus,
    states,
    desk: createCommandDesk(shared),
    surfaces: [slack, discord],
    painter: { paint: async () => null },
    mailer: null,
    checks: () => [],
  };
  return { ...deps, deps, clock, slack, discord, controls, events, log, states, bot: createBot(deps) };
}

const press = (over: Partial<Press> = {}): Press => ({
  surface: 'slack',
  user: ADA,
  verb: 'approve',
  subject: APPROVAL_ID,
  dedupe: 'p1',
  ...over,
});

const decidedBy = (asked: Approval): Approval => ({
  ...asked,
  state: { kind: 'approved', at: later(TROUBLE, minutes(9)) },
  decisions: [
    { verdict: 'approve', by: actor({ display: 'ada', surface: 'slack' }), at: TROUBLE, reason: '' },
  ],
});

describe('createBot', () => {
  it('gives every surface the whole command table', async () => {
    const { bot, slack, discord } = setUp();

    await bot.start();

    expect(slack.commands.length).toBeGreaterThan(70);
    expect(discord.commands).toEqual(slack.commands);
  });

  it('announces an incident on every surface, with its thread, and edits it in place', async () => {
    const { bot, clock, slack, discord, controls } = setUp();
    await bot.start();
    const incident = slowIncident();
    controls.world.incidents.push(incident);

    bot.incidentChanged({ incident });
    await clock.advance(seconds(10));
    const healed: Incident = {
      ...incident,
      version: 7,
      state: { kind: 'resolved', at: later(TROUBLE, minutes(12)), how: 'healed', reason: '' },
    };
    controls.world.incidents[0] = healed;
    bot.incidentChanged({ incident: healed });
    await clock.advance(seconds(20));

    for (const surface of [slack, discord]) {
      expect(surface.shown.size).toBe(1);
      expect(surface.shown.get('m1')).toMatchObject({ word: 'Healed', buttons: [] });
      expect(surface.threads.get('t1')).toHaveLength(1);
    }
  });

  it('keeps info to log and console, and what is silenced to itself', async () => {
    const { bot, clock, slack, controls } = setUp({
      silences: [{ subject: 'billing-api', until: later(START, minutes(60)), by: 'ada', reason: '' }],
    });
    await bot.start();
    const quiet = [slowIncident(), slowIncident({ id: incidentId('inc-2'), severity: 'info', target: null })];
    controls.world.incidents.push(...quiet);

    for (const incident of quiet) bot.incidentChanged({ incident });
    await clock.advance(seconds(5));
    expect(slack.sent).toEqual([]);

    await clock.advance(minutes(50));
    expect(slack.sent.filter(({ what }) => what === 'post').map(({ key }) => key)).toEqual(['inc-7f3a']);
  });

  it('runs a press as the command that could be typed, and shows the decision on all surfaces', async () => {
    const { bot, clock, slack, discord, controls } = setUp({
      incidents: [slowIncident()],
      approvals: [approval()],
    });
    controls.world.decision = (asked) => {
      controls.world.approvals = [decidedBy(asked)];
      return { kind: 'accepted', approval: decidedBy(asked) };
    };
    await bot.start();
    await clock.advance(seconds(10));
    expect(discord.shown.get('m1')?.buttons).toHaveLength(4);

    const reply = await slack.inbound?.press(press());
    await clock.advance(seconds(2));

    expect(reply).toEqual({ ok: true, text: 'Approved: Restart billing-api runs now.' });
    expect(controls.calls).toEqual([['decide', APPROVAL_ID, 'approve', 'U1', '']]);
    expect(controls.recorded).toMatchObject([
      { command: `approve id:${APPROVAL_ID}`, by: 'U1', result: 'OK' },
    ]);
    for (const surface of [slack, discord]) {
      expect(surface.shown.get('m1')?.stamp?.text).toContain('approved by ada (slack)');
      expect(surface.shown.get('m1')?.buttons.map(({ verb }) => verb)).toEqual(['ack', 'more']);
    }
  });

  it('decides once when the same press is delivered three times', async () => {
    const { bot, slack, controls } = setUp({ incidents: [slowIncident()], approvals: [approval()] });
    await bot.start();

    await Promise.all([1, 2, 3].map(() => slack.inbound?.press(press())));

    expect(controls.calls).toHaveLength(1);
  });

  it('refuses who is not mapped, whatever their name, and records it', async () => {
    const { bot, slack, controls } = setUp({ incidents: [slowIncident()], approvals: [approval()] });
    await bot.start();

    const reply = await slack.inbound?.press(press({ user: MALLORY }));

    expect(reply).toEqual({ ok: false, text: 'approve needs the role approver; you have viewer.' });
    expect(controls.calls).toEqual([]);
    expect(controls.recorded).toMatchObject([{ by: 'U666', result: 'FORBIDDEN' }]);
  });

  it('answers a press on a stale card with the reason, and repairs the card', async () => {
    const { bot, clock, slack, controls } = setUp({ incidents: [slowIncident()], approvals: [approval()] });
    await bot.start();
    await clock.advance(seconds(10));
    const edits = slack.sent.filter(({ what }) => what === 'edit').length;
    controls.world.decision = () => ({
      kind: 'refused',
      code: 'ALREADY_DECIDED',
      reason: 'Already denied by ben in the console at 02:12.',
    });

    const reply = await slack.inbound?.press(press());
    await clock.advance(seconds(2));

    expect(reply).toEqual({
      ok: false,
      text: 'Already denied by ben in the console at 02:12.\nTimes are those of UTC.',
    });
    expect(slack.sent.filter(({ what }) => what === 'edit')).toHaveLength(edits + 1);
  });

  it('acknowledges and shows more by the buttons', async () => {
    const { bot, slack, controls } = setUp({ incidents: [slowIncident()] });
    await bot.start();

    await slack.inbound?.press(press({ verb: 'ack', subject: 'inc-7f3a', dedupe: 'a' }));
    const more = await slack.inbound?.press(press({ verb: 'more', subject: 'inc-7f3a', dedupe: 'b' }));

    expect(controls.calls).toEqual([['acknowledge', 'inc-7f3a', 'U1']]);
    expect(more?.text).toContain('Warning · Waiting: billing-api is slow');
  });

  it('answers commands, by the roles of today: the configuration may be reloaded', async () => {
    const { bot, discord, deps } = setUp();
    await bot.start();
    const typed = (dedupe: string) =>
      discord.inbound?.command({
        surface: 'discord',
        user: { id: '1001', display: 'x', groups: [] },
        text: 'freeze 2h',
        dedupe,
      });

    expect(await typed('1')).toMatchObject({
      ok: true,
      text: expect.stringMatching(/^Done\. Until \d\d:\d\d/),
    });
    (deps.config as ReturnType<typeof live<BotConfig>>).set(BotConfig.parse({}));

    expect(await typed('2')).toMatchObject({ ok: false });
  });

  it('repairs after a restart what changed meanwhile, and doubles nothing', async () => {
    const { bot, deps, clock, slack, controls } = setUp({
      incidents: [slowIncident()],
      approvals: [approval()],
    });
    await bot.start();
    await clock.advance(seconds(10));
    await bot.stop();
    controls.world.approvals = [decidedBy(approval())];
    controls.world.incidents = [
      slowIncident({
        version: 9,
        state: { kind: 'resolved', at: later(TROUBLE, minutes(12)), how: 'healed', reason: '' },
      }),
    ];

    await createBot(deps).start();
    await clock.advance(seconds(10));

    expect(slack.sent.filter(({ what }) => what === 'post')).toHaveLength(1);
    expect(slack.shown.get('m1')).toMatchObject({ word: 'Healed', buttons: [] });
  });

  it('tells on the others that one is down, and repairs it when it is back', async () => {
    const { bot, clock, slack, discord, controls, events } = setUp();
    await bot.start();
    slack.before = () => {
      throw new Error('socket hang up');
    };
    slack.inbound?.health({ state: 'down', since: clock.now(), reason: 'invalid_auth' });
    const incident = slowIncident();
    controls.world.incidents.push(incident);
    bot.incidentChanged({ incident });
    await clock.advance(minutes(3));
    expect([...discord.shown.values()].map(({ title }) => title)).toEqual([
      'billing-api is slow',
      'slack cannot be reached',
    ]);

    slack.before = () => {};
    slack.inbound?.health({ state: 'up', since: clock.now(), reason: '' });
    await clock.advance(seconds(5));

    expect([...slack.shown.values()].map(({ title }) => title)).toEqual(['billing-api is slow']);
    expect([...discord.shown.values()][1]).toMatchObject({
      title: 'slack can be reached again',
      word: 'Over',
    });
    expect(bot.health().slack?.state).toBe('up');
    expect(events.filter(({ type }) => type === 'surface.changed').length).toBe(4);
  });

  it('starts although a surface cannot, or never answers', async () => {
    const { bot, clock, slack, discord, controls } = setUp({ incidents: [slowIncident()] });
    slack.start = () => new Promise(() => {});
    discord.start = async () => {
      throw new Error('Used disallowed intents');
    };
    await bot.start();
    await clock.settle();

    expect(bot.health().discord).toMatchObject({ state: 'down', reason: 'Used disallowed intents' });
    expect(controls.calls).toEqual([]);
  });

  it('takes secrets out of cards and threads', async () => {
    const { bot, clock, slack, controls } = setUp();
    await bot.start();
    const incident = slowIncident({
      title: 'password hunter2 is slow',
      timeline: [{ at: TROUBLE, tone: 'note', text: 'hunter2' }],
    });
    controls.world.incidents.push(incident);

    bot.incidentChanged({ incident });
    await clock.advance(seconds(10));

    expect(JSON.stringify([...slack.shown.values(), ...slack.threads.values()])).not.toContain('hunter2');
  });

  it('tells a freeze, its end, and a change of mode', async () => {
    const { bot, clock, slack } = setUp();
    await bot.start();
    const by = actor({ display: 'ada' });

    bot.freezeChanged({
      freeze: { scope: 'all', until: epochMs(later(clock.now(), minutes(60))), by: 'ada', reason: 'deploy' },
      by,
    });
    bot.modeChanged({ mode: 'production', by: null });
    await clock.advance(seconds(5));
    bot.freezeChanged({ freeze: null, by });
    await clock.advance(seconds(5));

    expect([...slack.shown.values()].map(({ title, next }) => `${title}. ${next}`)).toEqual([
      'All acting is frozen. It ends by itself at 03:14 UTC.',
      'Mode: production. Nightshift acts, inside its limits.',
      'The freeze is over. Nightshift acts again, inside its limits.',
    ]);
  });

  it('says a report with its picture, but for a surface whose pictures are off', async () => {
    const world = setUp();
    const painter = { paint: async (svg: string) => Buffer.from(`png of ${svg}`) };
    const surfaces = { discord: { pictures: 'off' } };
    const bot = createBot({ ...world.deps, painter, config: live(BotConfig.parse({ surfaces })) });
    await bot.start();

    expect(bot.say('The week', ['All met.'], { slug: 'days', svg: '<svg/>', alt: 'Incidents' })).toBeNull();
    await world.clock.advance(seconds(5));

    expect(world.slack.sent.map(({ what }) => what)).toEqual(['post', 'picture']);
    expect(world.discord.sent.map(({ what }) => what)).toEqual(['post']);
  });

  it('shows test buttons whose press changes nothing', async () => {
    const { bot, clock, slack, controls } = setUp();
    expect(await bot.test('alert', actor())).toEqual({ kind: 'failed', reason: 'No chat surface is up.' });
    await bot.start();

    const result = await bot.test('buttons', actor());
    await clock.advance(seconds(3));
    const [card] = slack.shown.values();
    const reply = await slack.inbound?.press(press({ subject: card?.buttons[0]?.subject ?? '' }));

    expect(result).toEqual({ kind: 'done', text: 'A test (buttons) goes to slack and discord.' });
    expect(reply?.text).toBe('The button works. Your roles here: viewer, operator, approver.');
    expect(controls.calls).toEqual([]);
  });

  it('stops its surfaces, and does not wait for one that hangs', async () => {
    const { bot, clock, slack, discord } = setUp();
    await bot.start();
    slack.stop = () => new Promise(() => {});

    const stopped = bot.stop();
    await clock.advance(seconds(5));
    await stopped;

    expect(discord.stopped).toBe(true);
  });
});
