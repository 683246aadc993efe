/** The built product with the real chat SDKs against strict doubles of both platforms. */
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BotProcess, buildOnce, removeFolder, startBot, until } from '../support/bot-process.ts';
import {
  createDiscordDouble,
  type DiscordDouble,
  type DoubleInteraction,
  type DoublePost,
} from '../support/discord-double.ts';
import { audit, createFilePatient, type FilePatient, inState, watched } from '../support/file-patient.ts';
import { createSlackDouble, type DoubleMessage, type SlackDouble } from '../support/slack-double.ts';

const ADA = { slack: 'U0ADA', discord: '100000000000000001' };
const EVE = { slack: 'U0EVE', discord: '100000000000000666' };

let slack: SlackDouble;
let discord: DiscordDouble;
let shop: FilePatient;
let bots: BotProcess[];
beforeAll(buildOnce, 120_000);
beforeEach(async () => {
  [slack, discord] = [await createSlackDouble(), await createDiscordDouble()];
  bots = [];
});
afterEach(async () => {
  for (const bot of bots) await bot.kill('SIGKILL');
  removeFolder(shop.folder);
  await slack.close();
  await discord.close();
});

function patient(approvalMinutes = 15): FilePatient {
  shop = createFilePatient({
    critical: true,
    approvalMinutes,
    bot: {
      people: [
        {
          name: 'ada',
          roles: ['responder', 'operator', 'approver'],
          slack: [ADA.slack],
          discord: [ADA.discord],
        },
      ],
    },
  });
  return shop;
}

async function start(): Promise<BotProcess> {
  const bot = await startBot({
    folder: shop.folder,
    configs: shop.configs,
    env: {
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
      SLACK_CHANNEL_ID: slack.channel,
      SLACK_API_URL: slack.apiUrl,
      DISCORD_TOKEN: discord.token,
      DISCORD_GUILD_ID: discord.guild,
      DISCORD_CHANNEL_ID: discord.channel,
      DISCORD_API_URL: discord.apiUrl,
    },
  });
  bots.push(bot);
  return bot;
}

/** Brings the critical service down and waits until both platforms ask. */
async function asked(): Promise<{ bot: BotProcess; root: DoubleMessage; post: DoublePost }> {
  const bot = await start();
  await watched(bot);
  shop.goDown();
  await inState(bot, 'awaiting_approval');
  return { bot, ...(await cards()) };
}

async function cards(): Promise<{ root: DoubleMessage; post: DoublePost }> {
  const root = await until(20_000, () =>
    slack.roots().find((message) => slack.buttons(message).some((button) => label(button) === 'Approve')),
  );
  const post = await until(20_000, () =>
    discord
      .in(discord.channel)
      .find((one) => discord.buttons(one).some((button) => button.label === 'Approve')),
  );
  return { root, post };
}

function label(button: { readonly text?: unknown }): string {
  return typeof button.text === 'string' ? button.text : ((button.text as { text?: string })?.text ?? '');
}

const hasApprove = (): { slack: boolean; discord: boolean } => ({
  slack: slack
    .roots()
    .some((message) => slack.buttons(message).some((button) => label(button) === 'Approve')),
  discord: discord
    .in(discord.channel)
    .some((post) => discord.buttons(post).some((button) => button.label === 'Approve')),
});

/** Discord has no dialogue of its own before a button counts: the bot asks once more, in private. */
async function confirmed(user: string, post: DoublePost): Promise<DoubleInteraction> {
  const pressed = discord.press({ user }, post.id, 'Approve');
  await until(10_000, () => (pressed.answers.length > 0 ? true : undefined));
  return discord.pressAnswer({ user }, pressed, 'Approve');
}

/** The thread gets at most one message a second, so what is said comes after a while. */
async function inThread(root: DoubleMessage, text: RegExp): Promise<void> {
  await until(20_000, () => (text.test(slack.thread(root.ts).map(slack.read).join('\n')) ? true : undefined));
}

const intents = (): number => audit(shop.folder).filter((line) => line.kind === 'intent').length;

describe('one approval, equal doors', () => {
  it('approved from Slack: runs once, is verified, and both cards lose their buttons', async () => {
    patient();
    const { bot, root } = await asked();

    await slack.press({ user: ADA.slack, ts: root.ts, button: 'Approve' });
    await inState(bot, 'resolved');

    expect(shop.runs()).toEqual(['begin', 'end']);
    await until(20_000, () => (hasApprove().slack || hasApprove().discord ? undefined : true));
    await until(20_000, () => {
      const card = slack.roots().find((message) => message.ts === root.ts);
      return card !== undefined && /Healed/.test(slack.read(card)) ? true : undefined;
    });
    await inThread(root, /ada approved it, in Slack/);
  }, 120_000);

  it('denied from Discord: nothing runs, people are called, Slack shows it', async () => {
    patient();
    const { bot, root, post } = await asked();

    discord.press({ user: ADA.discord }, post.id, 'Deny');
    await inState(bot, 'escalated');

    expect(shop.runs()).toEqual([]);
    await until(20_000, () => (hasApprove().slack || hasApprove().discord ? undefined : true));
    await inThread(root, /ada denied it, in Discord/);
  }, 120_000);

  it('pressed twice on both platforms at once: one execution', async () => {
    patient();
    const { bot, root, post } = await asked();

    await Promise.all([
      confirmed(ADA.discord, post),
      confirmed(ADA.discord, post),
      slack.press({ user: ADA.slack, ts: root.ts, button: 'Approve' }),
      slack.press({ user: ADA.slack, ts: root.ts, button: 'Approve' }),
    ]);
    await inState(bot, 'resolved');

    expect(shop.runs()).toEqual(['begin', 'end']);
    expect(intents()).toBe(1);
    expect(slack.lateAcks).toEqual([]);
  }, 120_000);

  it('pressed by somebody without the role: a private reason, an audit line, nothing runs', async () => {
    patient();
    const { bot, root, post } = await asked();

    await slack.press({ user: EVE.slack, ts: root.ts, button: 'Approve' });
    const interaction = await confirmed(EVE.discord, post);
    await until(10_000, () => slack.whispers.find((whisper) => whisper.user === EVE.slack));
    await until(10_000, () => (/approver/.test(JSON.stringify(interaction.answers)) ? true : undefined));

    expect(slack.whispers.at(-1)?.text).toMatch(/approver/);
    await inState(bot, 'awaiting_approval');
    expect(shop.runs()).toEqual([]);
    expect(audit(shop.folder).filter((line) => /EVE|666/.test(JSON.stringify(line))).length).toBeGreaterThan(
      0,
    );
  }, 120_000);

  it('pressed after a kill -9 and a restart: still one question, one answer, one card', async () => {
    patient();
    const { bot, root } = await asked();
    await bot.kill('SIGKILL');

    const second = await start();
    await until(20_000, () => (slack.sockets() > 0 ? true : undefined));
    await slack.press({ user: ADA.slack, ts: root.ts, button: 'Approve' });
    await inState(second, 'resolved');

    expect(shop.runs()).toEqual(['begin', 'end']);
    expect(slack.roots().filter((message) => slack.read(message).includes('shop'))).toHaveLength(1);
  }, 120_000);

  it('expired while both platforms were away: no live buttons when they are back, a late press is told so', async () => {
    patient(1);
    const { bot, root, post } = await asked();
    const stale = slack.buttons(root).find((button) => label(button) === 'Approve');
    const staleThere = discord.buttons(post).find((button) => button.label === 'Approve');

    await Promise.all([slack.goDown(), discord.goDown()]);
    const beats = await beatsUntil(bot, inState(bot, 'escalated', 90_000));
    await Promise.all([slack.comeBack(), discord.comeBack()]);

    expect(beats.seen).toBeGreaterThan(beats.seconds * 0.7);
    expect(beats.longestGapMs).toBeLessThan(5_000);
    await until(60_000, () => (hasApprove().slack || hasApprove().discord ? undefined : true));
    await inThread(root, /nobody answered/i);
    await until(60_000, () => bothUp(bot));
    await slack.press({
      user: ADA.slack,
      ts: root.ts,
      button: 'Approve',
      ...(stale ? { stale } : {}),
    });
    await until(20_000, () => slack.whispers.find((whisper) => whisper.user === ADA.slack));
    expect(slack.whispers.at(-1)?.text).toMatch(/time to answer is over/i);
    const late = discord.press({ user: ADA.discord }, post.id, 'Approve', staleThere);
    await until(20_000, () => (late.answers.length > 0 ? true : undefined));
    const sure = discord.pressAnswer({ user: ADA.discord }, late, 'Approve');
    await until(20_000, () =>
      /time to answer is over/i.test(JSON.stringify(sure.answers)) ? true : undefined,
    );
    expect(shop.runs()).toEqual([]);
  }, 240_000);
});

async function bothUp(bot: BotProcess): Promise<true | undefined> {
  const { surfaces } = (await bot.get('/api/status')).body as { surfaces: Record<string, { state: string }> };
  return surfaces['slack']?.state === 'up' && surfaces['discord']?.state === 'up' ? true : undefined;
}

/** The times of the CPU samples the bot shows until `end`, as `/api/status` has them. One a second is asked for. */
async function beatsUntil(
  bot: BotProcess,
  end: Promise<unknown>,
): Promise<{ seen: number; seconds: number; longestGapMs: number }> {
  let over = false;
  void end.finally(() => {
    over = true;
  });
  const times = new Set<number>();
  while (!over) {
    const { metrics } = (await bot.get('/api/status')).body as {
      metrics: { metric: string; time: string }[];
    };
    const cpu = metrics.find(({ metric }) => metric === 'cpu');
    if (cpu?.time) times.add(Date.parse(cpu.time));
    await new Promise((next) => setTimeout(next, 300));
  }
  await end;
  const all = [...times].sort((a, b) => a - b);
  const gaps = all.slice(1).map((at, index) => at - (all[index] ?? at));
  const seconds = ((all.at(-1) ?? 0) - (all[0] ?? 0)) / 1_000;
  return { seen: all.length, seconds, longestGapMs: Math.max(...gaps) };
}

describe('commands from chat', () => {
  it('answer in private on both platforms, and monitoring goes on while both are gone', async () => {
    patient();
    const bot = await start();
    await watched(bot);
    await until(20_000, () => (slack.sockets() > 0 && discord.commands().length > 0 ? true : undefined));

    await slack.command({ user: ADA.slack, text: 'status' });
    const answered = discord.command({ user: ADA.discord }, 'ops status');
    await until(10_000, () => slack.whispers.find((whisper) => /web-1/.test(whisper.text)));
    await until(10_000, () => (JSON.stringify(answered.answers).includes('web-1') ? true : undefined));
    await Promise.all([slack.goDown(), discord.goDown()]);
    shop.goDown();
    const incident = await inState(bot, 'awaiting_approval');

    expect(await bot.command('approve', { id: await approvalOf(bot) })).toMatchObject({ ok: true });
    await inState(bot, 'resolved');
    expect(shop.runs()).toEqual(['begin', 'end']);
    expect(incident.id).toMatch(/^inc-/);
  }, 120_000);
});

async function approvalOf(bot: BotProcess): Promise<string> {
  const { body } = await bot.get('/api/approvals');
  const list = (Array.isArray(body) ? body : (body as { approvals: unknown[] }).approvals) as {
    id: string;
  }[];
  return list[0]?.id ?? '';
}
