/** The real discord.js in its worker thread against the strict double of Discord: cards, commands, presses. */
import { afterEach, describe, expect, it } from 'vitest';
import { START } from '../support/builders.ts';
import { APPROVE, card, eventually, hugeCard, later } from '../support/chat.ts';
import { closeSurfaces, faultOf, setUpDiscord, startedDiscord } from '../support/chat-surfaces.ts';

const ADA = { user: '600000000000000002', roles: ['400000000000000001'] };
const BOB = { user: '600000000000000003' };
const ON_CALL = { kind: 'role', id: '400000000000000002' } as const;

afterEach(closeSurfaces);

describe('createDiscordSurface: what goes out', () => {
  it('puts a chart into the card, keeps it over edits, and replaces it', async () => {
    const { discord, surface } = await startedDiscord();
    const chart = (key: string) => ({ key, alt: `cpu, ${key}`, png: new Uint8Array([1, 2, 3]) });
    const placed = await surface.put(card(), null);

    const first = await surface.picture(card(), placed, chart('live'));
    const edited = await surface.put(card({ version: 2, word: 'Held' }), first);
    const [post] = discord.in(discord.channel);
    expect(post?.body.embeds?.[0]?.image?.url).toBe('attachment://chart.png');
    expect(post?.attachments).toMatchObject([
      { id: first.picture?.file, filename: 'chart.png', description: 'cpu, live', size: 3 },
    ]);

    await surface.picture(card({ version: 2, word: 'Held' }), edited, chart('over'));
    expect(discord.in(discord.channel)[0]?.attachments).toMatchObject([{ description: 'cpu, over' }]);
  });

  it('finds a card that was posted long ago and never answered instead of doubling it', async () => {
    const { discord, surface } = await startedDiscord();
    discord.weather(/POST .*messages$/, { loseAnswer: true });
    await faultOf(surface.put(card(), null));

    const placed = await surface.put(card({ version: 2 }), null, { triedBefore: true });

    expect(discord.in(discord.channel).map(({ id }) => id)).toEqual([placed.message]);
  });

  it('places a card once with a thread of its own, edits it in place, and writes the thread', async () => {
    const { discord, surface } = await startedDiscord();

    const placed = await surface.put(card(), null);
    await surface.put(card({ version: 2, word: 'Healed', buttons: [] }), placed);
    await surface.append(placed, {
      id: 'inc-7f3a/1',
      at: START,
      tone: 'good',
      text: 'rpa-worker answers again.',
    });

    const roots = discord.in(discord.channel);
    expect(roots).toMatchObject([{ id: placed.message, edits: 1, body: { components: [] } }]);
    expect(discord.threads.get(placed.thread)).toBe('rpa-worker is down on web-1');
    expect(discord.in(placed.thread).map((post) => discord.read(post))).toEqual([
      '<t:1795312800:T>  rpa-worker answers again.',
    ]);
  });

  it('makes a new card when the old one was deleted', async () => {
    const { discord, surface } = await startedDiscord();
    const placed = await surface.put(card(), null);
    discord.deletePost(placed.message);

    const again = await surface.put(card({ version: 2, word: 'Healing' }), placed);

    expect(again.message).not.toBe(placed.message);
    expect(discord.in(discord.channel)).toHaveLength(1);
  });

  it('makes the thread again when it was deleted', async () => {
    const { discord, surface } = await startedDiscord();
    const placed = await surface.put(card(), null);
    discord.threads.delete(placed.thread);

    await surface.append(placed, { id: '1', at: START, tone: 'note', text: 'Still here.' });

    expect(discord.in(placed.thread)).toHaveLength(1);
  });

  it('gets a card with 60 hostile facts past everything Discord refuses', async () => {
    const { discord, surface } = await startedDiscord({ mention: ON_CALL });

    await surface.put({ ...hugeCard(), page: true }, null);

    expect(discord.in(discord.channel)).toHaveLength(1);
  });

  it('makes no second message when the answer to the first is lost', async () => {
    const { discord, surface } = await startedDiscord();
    discord.weather(/^POST .*\/messages$/, { loseAnswer: true });

    expect((await faultOf(surface.put(card(), null))).kind).toBe('unreachable');
    await surface.put(card(), null);

    expect(discord.in(discord.channel)).toHaveLength(1);
  });

  it('calls people once: with the new card, or with a reply to it when it was there before', async () => {
    const { discord, surface } = await startedDiscord({ mention: ON_CALL });

    const placed = await surface.put(card(), null);
    await surface.put(card({ version: 2, page: true }), placed);
    await surface.put(card({ version: 3, page: true, word: 'Held' }), placed);

    const [, ...calls] = discord.in(discord.channel);
    expect(calls.map(({ body }) => body)).toMatchObject([
      {
        content: expect.stringMatching(/^<@&400000000000000002> /),
        allowed_mentions: { parse: [], roles: [ON_CALL.id] },
        message_reference: { message_id: placed.message },
      },
    ]);
  });

  it('sends many small changes of one card as one edit', async () => {
    const { discord, surface } = await startedDiscord();
    const placed = await surface.put(card(), null);

    for (let version = 2; version <= 20; version += 1)
      await surface.put(card({ version, lead: `${version} s` }), placed);
    expect(discord.posts[0]?.edits).toBe(0);
    await eventually(() => discord.posts[0]?.edits === 1);

    expect(discord.posts.map((post) => discord.read(post)).join()).toContain('20 s');
  });

  it('hands a long wait to the outbox instead of waiting itself', async () => {
    const { discord, surface } = await startedDiscord();
    discord.weather(/^POST .*\/messages$/, { retryAfter: 30 });

    expect(await faultOf(surface.put(card(), null))).toMatchObject({
      kind: 'rate_limited',
      retryAfterSeconds: expect.any(Number),
    });
  });

  it('says that the bot may not write there, and is well again once it may', async () => {
    const { discord, surface, inbound } = await startedDiscord();
    discord.weather(/^POST .*\/messages$/, { status: 403, code: 50_013, message: 'Missing Permissions' });

    expect((await faultOf(surface.put(card(), null))).kind).toBe('no_place');
    await eventually(() => inbound.state() === 'degraded');
    expect(inbound.told.at(-1)?.reason).toContain('Missing Permissions (50013)');
    await surface.put(card(), null);
    await eventually(() => inbound.state() === 'up');
  });

  it('registers the commands when they changed, and leaves them alone when not', async () => {
    const { discord, surface, start } = await startedDiscord();
    expect(discord.putCommands()).toBe(1);

    await surface.stop();
    await start();
    await eventually(
      () => discord.calls.filter(({ route }) => route.startsWith('GET /applications')).length === 2,
    );

    expect(discord.putCommands()).toBe(1);
    expect(discord.commands().map(({ name }) => name)).toEqual(['ops', 'ops-admin']);
  });

  it('says that the commands could not be registered', async () => {
    const { discord, inbound, start } = await setUpDiscord();
    discord.weather(/^GET \/applications/, { status: 403, code: 50_001, message: 'Missing Access' });

    await start();

    await eventually(() => inbound.told.at(-1)?.reason.includes('The commands are not registered'));
  });

  it('says that the configured channel is in another server', async () => {
    const { inbound, start } = await setUpDiscord({ guild: '200000000000000009' });

    await start();

    await eventually(() => inbound.told.some(({ reason }) => reason.includes('another server')));
  });
});

describe('createDiscordSurface: what comes in', () => {
  it('defers a command at once, asks the core, and answers only the caller', async () => {
    const { discord, inbound } = await startedDiscord();
    const reply = later();
    inbound.answer(reply.promise);

    const typed = discord.command(ADA, 'ops incident show', { id: 'inc-7f3a' });
    await eventually(() => inbound.commands.length === 1);
    const before = typed.answers.length;
    reply.resolve({ ok: true, text: 'inc-7f3a is healed.' });

    await eventually(() => typed.answers.length === 1);
    expect(before).toBe(0);
    expect(typed.deferredAfterMs).toBeLessThan(1_000);
    expect(typed.answers[0]?.content).toBe('inc-7f3a is healed.');
    expect(inbound.commands).toMatchObject([
      { surface: 'discord', text: 'incident show id:inc-7f3a', user: { id: ADA.user, display: 'Ada' } },
    ]);
    expect(inbound.commands[0]?.user.groups).toContain(ADA.roles[0]);
    expect(discord.posts).toEqual([]);
  });

  it('takes the commands of the second root with the same words', async () => {
    const { discord, inbound } = await startedDiscord();

    discord.command(ADA, 'ops-admin audit verify');

    await eventually(() => inbound.commands[0]?.text === 'audit verify');
  });

  it('hands a press with the roles of the person to the core, and answers in private', async () => {
    const { discord, surface, inbound } = await startedDiscord();
    const placed = await surface.put(card(), null);

    const byAda = discord.press(ADA, placed.message, 'Approve');
    const byBob = discord.press(BOB, placed.message, 'Deny');

    await eventually(() => byAda.answers.length === 1 && byBob.answers.length === 1);
    const groupsOf = (id: string) => inbound.presses.find(({ user }) => user.id === id)?.user.groups;
    expect(inbound.presses.map(({ verb, subject }) => `${verb}:${subject}`).sort()).toEqual([
      'approve:apr-1',
      'deny:apr-1',
    ]);
    expect(groupsOf(ADA.user)).toContain(ADA.roles[0]);
    expect(groupsOf(BOB.user)).not.toContain(ADA.roles[0]);
  });

  it('never lends one person’s roles to another press at the same moment', async () => {
    const { discord, surface, inbound } = await startedDiscord();
    const placed = await surface.put(card(), null);

    discord.press(ADA, placed.message, 'Approve');
    discord.press({ user: ADA.user }, placed.message, 'Approve');

    await eventually(() => inbound.presses.length === 2);
    expect(inbound.presses.map(({ user }) => user.groups.includes('400000000000000001'))).toEqual([
      true,
      false,
    ]);
  });

  it('hands on a press on a card that has changed since: the core says that it is too late', async () => {
    const { discord, surface, inbound } = await startedDiscord();
    const placed = await surface.put(card(), null);
    const [root] = discord.posts;
    const stale = root === undefined ? undefined : discord.buttons(root)[0];
    await surface.put(card({ version: 2, buttons: [] }), placed);
    inbound.answer({ ok: false, text: 'Already approved by Ada, from the console.' });

    const pressed = discord.press(BOB, placed.message, 'Approve', stale);

    await eventually(() => pressed.answers[0]?.content === 'Already approved by Ada, from the console.');
  });

  it('asks once more before a dangerous press counts', async () => {
    const { discord, surface, inbound } = await startedDiscord();
    const placed = await surface.put(
      card({ buttons: [{ ...APPROVE, confirm: 'Restart rpa-worker now?' }] }),
      null,
    );

    const first = discord.press(ADA, placed.message, 'Approve');
    await eventually(() => first.answers.length === 1);
    expect(first.answers[0]?.content).toBe('Restart rpa-worker now?');
    expect(inbound.presses).toEqual([]);
    const second = discord.pressAnswer(ADA, first, 'Approve');

    await eventually(() => second.answers.length === 1);
    expect(inbound.presses).toMatchObject([{ verb: 'approve', subject: 'apr-1' }]);
  });

  it('counts a press that Discord forgot, and answers it in the thread', async () => {
    const { discord, surface, inbound } = await startedDiscord();
    const placed = await surface.put(card(), null);

    discord.press({ ...ADA, expired: true }, placed.message, 'Approve');

    await eventually(() => discord.in(placed.thread).length === 1);
    expect(inbound.presses).toHaveLength(1);
    expect(discord.in(placed.thread)[0]?.body).toMatchObject({
      content: `<@${ADA.user}> All is well.`,
      allowed_mentions: { parse: [], users: [ADA.user] },
    });
  });

  it('does not run a command that Discord reported as failed', async () => {
    const { discord, inbound } = await startedDiscord();

    discord.command({ ...ADA, expired: true }, 'ops status');
    const next = discord.command(ADA, 'ops status');

    await eventually(() => next.answers.length === 1);
    expect(inbound.commands).toHaveLength(1);
  });

  it('runs a command once that Discord delivers twice', async () => {
    const { discord, inbound } = await startedDiscord();

    const typed = discord.command(ADA, 'ops status');
    await eventually(() => typed.answers.length === 1);
    discord.redeliver(typed);
    const next = discord.command(ADA, 'ops status');

    await eventually(() => next.answers.length === 1);
    expect(inbound.commands).toHaveLength(2);
  });
});
