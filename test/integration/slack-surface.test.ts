/** The real Bolt in its worker thread against the strict double of Slack: cards, commands, presses. */
import { afterEach, describe, expect, it } from 'vitest';
import { START } from '../support/builders.ts';
import { APPROVE, card, eventually, hugeCard, later } from '../support/chat.ts';
import { closeSurfaces, faultOf, setUpSlack, startedSlack } from '../support/chat-surfaces.ts';
import type { SlackDouble } from '../support/slack-double.ts';

afterEach(closeSurfaces);

/** The image blocks of the first card. */
function shown(slack: SlackDouble): readonly unknown[] {
  const attachments = (slack.roots()[0]?.attachments ?? []) as {
    readonly blocks: { readonly type: string }[];
  }[];
  return attachments.flatMap(({ blocks }) => blocks.filter(({ type }) => type === 'image'));
}

describe('createSlackSurface: what goes out', () => {
  it('places a card once, edits it in place, and writes its thread', async () => {
    const { slack, surface } = await startedSlack();

    const placed = await surface.put(card(), null);
    await surface.put(card({ version: 2, word: 'Healed', buttons: [] }), placed);
    await surface.append(placed, {
      id: 'inc-7f3a/1',
      at: START,
      tone: 'good',
      text: 'rpa-worker answers again.',
    });

    const [root] = slack.roots();
    expect(slack.roots()).toHaveLength(1);
    expect(root).toMatchObject({
      ts: placed.message,
      edits: 1,
      text: 'Healed · critical · rpa-worker is down on web-1',
    });
    expect(
      slack
        .thread(placed.thread)
        .map((line) => slack.read(line))
        .join(),
    ).toContain('rpa-worker answers again.');
  });

  it('makes a new card when the old one was deleted', async () => {
    const { slack, surface } = await startedSlack();

    const placed = await surface.put(card(), {
      channel: slack.channel,
      message: '1795000000.000100',
      thread: '1795000000.000100',
    });

    expect(slack.roots().map(({ ts }) => ts)).toEqual([placed.message]);
  });

  it('puts a chart into the card, keeps it over edits, and replaces it', async () => {
    const { slack, surface } = await startedSlack();
    const chart = (key: string) => ({ key, alt: `cpu, ${key}`, png: new Uint8Array([1, 2, 3]) });
    const placed = await surface.put(card(), null);

    const first = await surface.picture(card(), placed, chart('live'));
    const edited = await surface.put(card({ version: 2 }), first);
    expect(shown(slack)).toMatchObject([{ alt_text: 'cpu, live', slack_file: { id: first.picture?.file } }]);

    const second = await surface.picture(card({ version: 2 }), edited, chart('over'));
    expect(shown(slack)).toMatchObject([{ alt_text: 'cpu, over', slack_file: { id: second.picture?.file } }]);
    expect([...slack.files.values()]).toMatchObject([{ alt: 'cpu, over', bytes: Buffer.from([1, 2, 3]) }]);
  });

  it('stays text, and well, where the scope for files is missing', async () => {
    const { slack, surface, inbound } = await setUpSlack({ pictures: false });
    slack.scopes(['chat:write', 'commands']);
    await surface.start(inbound, []);
    await eventually(() => inbound.state() === 'up');
    const placed = await surface.put(card(), null);

    const fault = await faultOf(
      surface.picture(card(), placed, { key: 'live', alt: 'cpu', png: new Uint8Array([1]) }),
    );

    expect(fault.reason).toContain('files:write');
    expect(inbound.state()).toBe('up');
  });

  it('shows the text alone once the file behind a chart is gone', async () => {
    const { slack, surface } = await startedSlack();
    const placed = await surface.put(card(), null);
    const pictured = await surface.picture(card(), placed, {
      key: 'live',
      alt: 'cpu',
      png: new Uint8Array([1]),
    });
    slack.files.clear();

    const bare = await surface.put(card({ version: 2, word: 'Healed' }), pictured);

    expect(bare.picture).toBeUndefined();
    expect(slack.roots()[0]?.text).toContain('Healed');
  });

  it('finds a card whose answer was lost instead of doubling it, and removes copies of it', async () => {
    const { slack, surface, inbound } = await setUpSlack();
    slack.scopes(['chat:write', 'commands', 'files:write', 'channels:history']);
    await surface.start(inbound, []);
    await eventually(() => inbound.state() === 'up');
    slack.weather('chat.postMessage', { loseAnswer: true }, 2);
    await faultOf(surface.put(card(), null));
    await faultOf(surface.put(card(), null));
    expect(slack.roots()).toHaveLength(2);

    const placed = await surface.put(card({ version: 2 }), null, { triedBefore: true });

    expect(slack.roots().map(({ ts }) => ts)).toEqual([placed.message]);
  });

  it('gets a card with 60 hostile facts past everything Slack refuses', async () => {
    const { slack, surface } = await startedSlack({ mention: 'S0ONCALL' });

    await surface.put({ ...hugeCard(), page: true }, null);

    expect(slack.roots()).toHaveLength(1);
  });

  it('calls people once: with the new card, or in its thread for all to see when the card was there before', async () => {
    const { slack, surface } = await startedSlack({ mention: 'S0ONCALL' });

    const placed = await surface.put(card(), null);
    await surface.put(card({ version: 2, page: true }), placed);
    await surface.put(card({ version: 3, page: true }), placed);

    const calls = slack.thread(placed.thread);
    expect(calls).toMatchObject([{ broadcast: true, text: expect.stringMatching(/^<!subteam\^S0ONCALL>/) }]);
  });

  it('hands Retry-After to the outbox instead of waiting itself', async () => {
    const { slack, surface } = await startedSlack();
    slack.weather('chat.postMessage', { retryAfter: 30 });

    expect(await faultOf(surface.put(card(), null))).toMatchObject({
      kind: 'rate_limited',
      retryAfterSeconds: 30,
    });
  });

  it('does not repeat a message by itself when the answer is lost', async () => {
    const { slack, surface } = await startedSlack();
    slack.weather('chat.postMessage', { loseAnswer: true });

    expect((await faultOf(surface.put(card(), null))).kind).toBe('unreachable');
    expect(slack.calls.filter(({ method }) => method === 'chat.postMessage')).toHaveLength(1);
  });

  it('says that the bot is not in the channel, and is well again once it is', async () => {
    const { slack, surface, inbound } = await startedSlack();
    slack.weather('chat.postMessage', { error: 'not_in_channel' });

    expect((await faultOf(surface.put(card(), null))).kind).toBe('no_place');
    await eventually(() => inbound.state() === 'degraded');
    expect(inbound.told.at(-1)?.reason).toContain('Invite it');
    await surface.put(card(), null);
    await eventually(() => inbound.state() === 'up');
  });

  it('says which scope is missing', async () => {
    const { slack, inbound, start } = await setUpSlack({ groups: ['S0OPS'] });
    slack.scopes(['chat:write', 'commands']);

    await start();

    await eventually(() => inbound.told.some(({ reason }) => /lacks .*usergroups:read/.test(reason)));
    await eventually(() => slack.sockets() > 0);
    await slack.command({ user: 'U0ADA', text: 'status' });
    await eventually(() => slack.calls.some(({ method }) => method === 'usergroups.users.list'));
    expect(inbound.told.at(-1)?.reason).toMatch(
      /^The Slack app lacks files:write, usergroups:read\. Add what it lacks and install the app again\.$/,
    );
  });
});

describe('createSlackSurface: what comes in', () => {
  it('acknowledges a command at once, asks the core, and answers only the caller', async () => {
    const { slack, inbound } = await startedSlack();
    const reply = later();
    inbound.answer(reply.promise);

    const delivery = await slack.command({ user: 'U0ADA', text: 'status window:1h' });
    await eventually(() => inbound.commands.length === 1);
    reply.resolve({ ok: true, text: 'All is well; 3 healed tonight.' });

    expect(delivery).toMatchObject({ acked: true });
    expect(delivery.ackMs).toBeLessThan(1_000);
    expect(inbound.commands[0]).toMatchObject({
      surface: 'slack',
      text: 'status window:1h',
      user: { id: 'U0ADA', groups: [] },
    });
    await eventually(() => slack.whispers.length === 1);
    expect(slack.whispers[0]).toMatchObject({
      user: 'U0ADA',
      via: 'response_url',
      text: expect.stringContaining('3 healed tonight'),
    });
    expect(slack.roots()).toEqual([]);
  });

  it('hands a press with the groups of the person to the core, and answers in private', async () => {
    const { slack, surface, inbound } = await startedSlack({ groups: ['S0OPS', 'S0DBA'] });
    slack.group('S0OPS', ['U0ADA']);
    slack.group('S0DBA', ['U0BOB']);
    const placed = await surface.put(card(), null);

    await slack.press({ user: 'U0ADA', ts: placed.message, button: 'Approve' });

    await eventually(() => slack.whispers.length === 1);
    expect(inbound.presses).toMatchObject([
      { surface: 'slack', verb: 'approve', subject: 'apr-1', user: { id: 'U0ADA', groups: ['S0OPS'] } },
    ]);
  });

  it('hands on a press on a card that has changed since: the core says that it is too late', async () => {
    const { slack, surface, inbound } = await startedSlack();
    const placed = await surface.put(card(), null);
    const [root] = slack.roots();
    const stale = root === undefined ? undefined : slack.buttons(root)[0];
    await surface.put(card({ version: 2, buttons: [] }), placed);
    inbound.answer({ ok: false, text: 'Already approved by Ada, from the console.' });

    await slack.press({
      user: 'U0BOB',
      ts: placed.message,
      button: 'Approve',
      ...(stale === undefined ? {} : { stale }),
    });

    await eventually(() => slack.whispers.length === 1);
    expect(slack.whispers[0]?.text).toContain('Already approved by Ada');
    expect(slack.roots()[0]?.edits).toBe(1);
  });

  it('runs a command once that Slack delivers twice', async () => {
    const { slack, inbound } = await startedSlack();

    await slack.command({ user: 'U0ADA', text: 'status', trigger: 't1' });
    await slack.command({ user: 'U0ADA', text: 'status', trigger: 't1' });
    await slack.command({ user: 'U0ADA', text: 'status', trigger: 't2' });

    await eventually(() => slack.whispers.length === 3);
    expect(inbound.commands).toHaveLength(2);
  });

  it('acknowledges also what it does not know', async () => {
    const { slack, surface, inbound } = await startedSlack();
    const placed = await surface.put(card(), null);

    const delivery = await slack.press({
      user: 'U0ADA',
      ts: placed.message,
      button: '',
      stale: { action_id: 'somebody:elses', text: { text: 'x' } },
    });

    expect(delivery.acked).toBe(true);
    expect(inbound.presses).toEqual([]);
  });

  it('shows the confirmation of a dangerous button', async () => {
    const { slack, surface } = await startedSlack();
    await surface.put(card({ buttons: [{ ...APPROVE, confirm: 'Restart rpa-worker now?' }] }), null);

    const [root] = slack.roots();

    expect(root === undefined ? [] : slack.buttons(root)[0]?.confirm?.text.text).toBe(
      'Restart rpa-worker now?',
    );
  });
});

describe('createSlackSurface: signed HTTP', () => {
  const http = { appToken: null, signingSecret: 'double-signing-secret' };

  it('takes a signed command, acknowledges it, and answers the caller', async () => {
    const { slack, surface, inbound } = await startedSlack(http);
    const { body, headers } = slack.signedCommand({ user: 'U0ADA', text: 'status' });

    const answer = await surface.handleHttp(body, headers);

    expect(answer).toEqual({ status: 200, headers: {}, body: '' });
    await eventually(() => slack.whispers.length === 1);
    expect(inbound.commands).toMatchObject([{ text: 'status', user: { id: 'U0ADA' } }]);
    expect(slack.sockets()).toBe(0);
  });

  it('refuses a forged and an old request, and asks the core nothing', async () => {
    const { slack, surface, inbound } = await startedSlack(http);
    const forged = slack.signedCommand({ user: 'U0ADA', text: 'status', secret: 'guessed' });
    const old = slack.signedCommand({ user: 'U0ADA', text: 'status', at: Date.now() - 301_000 });

    const answers = [
      await surface.handleHttp(forged.body, forged.headers),
      await surface.handleHttp(old.body, old.headers),
      await surface.handleHttp('{}', {}),
    ];

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(inbound.commands).toEqual([]);
  });

  it('answers 503 while the thread is gone', async () => {
    const { slack, surface } = await setUpSlack(http);
    const { body, headers } = slack.signedCommand({ user: 'U0ADA', text: 'status' });

    expect((await surface.handleHttp(body, headers)).status).toBe(503);
  });
});
