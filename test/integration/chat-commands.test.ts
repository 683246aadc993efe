/**
 * The whole command table on both platforms: the real bot and the real SDKs in their threads, against the strict
 * doubles. What a command does is tested elsewhere; here each arrives, is answered in private, and says the same.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bot, createBot } from '../../src/bot/bot.ts';
import type { Command } from '../../src/bot/commands/command.ts';
import { ADMIN_WORDS, COMMANDS } from '../../src/bot/commands/table.ts';
import { BotConfig } from '../../src/bot/config.ts';
import { createDiscordSurface } from '../../src/bot/discord/surface.ts';
import { parseCall } from '../../src/bot/parse.ts';
import { createCommandDesk } from '../../src/bot/run.ts';
import { createSlackSurface } from '../../src/bot/slack/surface.ts';
import { createSystemClock } from '../../src/platform/clock.ts';
import { createEventBus } from '../../src/platform/event-bus.ts';
import { eventually } from '../support/chat.ts';
import { createDiscordDouble, type DiscordDouble } from '../support/discord-double.ts';
import { createFakeControls, type FakeControls } from '../support/fake-controls.ts';
import { createMemoryLogger, createMemoryStateStore, live } from '../support/memory-ports.ts';
import { approval, slowIncident } from '../support/night-builders.ts';
import { createSlackDouble, type SlackDouble } from '../support/slack-double.ts';

const ADA = { slack: 'U0ADA', discord: '100000000000000001' };
const EVE = { slack: 'U0EVE', discord: '100000000000000666' };

let slack: SlackDouble;
let discord: DiscordDouble;
let bot: Bot;
let controls: FakeControls;

beforeAll(async () => {
  [slack, discord] = [await createSlackDouble(), await createDiscordDouble()];
  const clock = createSystemClock();
  const log = createMemoryLogger();
  controls = createFakeControls({ incidents: [slowIncident()], approvals: [approval()] });
  const shared = { clock, log, controls, timezone: 'UTC', redact: (text: string): string => text };
  const roles = ['responder', 'operator', 'approver'];
  const deps = { clock, log };
  bot = createBot({
    ...shared,
    config: live(
      BotConfig.parse({ people: [{ name: 'ada', roles, slack: [ADA.slack], discord: [ADA.discord] }] }),
    ),
    bus: createEventBus(log),
    states: createMemoryStateStore(),
    desk: createCommandDesk(shared),
    painter: { paint: async () => null },
    mailer: null,
    checks: () => [],
    surfaces: [
      createSlackSurface(
        {
          botToken: slack.botToken,
          appToken: slack.appToken,
          signingSecret: null,
          channel: slack.channel,
          apiUrl: slack.apiUrl,
          groups: [],
          pictures: true,
          mention: null,
        },
        deps,
      ),
      createDiscordSurface(
        {
          token: discord.token,
          guild: discord.guild,
          channel: discord.channel,
          apiUrl: discord.apiUrl,
          mention: null,
        },
        deps,
      ),
    ],
  });
  await bot.start();
  await eventually(() => slack.sockets() > 0 && discord.commands().length === 2, 25_000);
}, 40_000);

afterAll(async () => {
  await bot.stop();
  await slack.close();
  await discord.close();
}, 20_000);

const wordsOf = (command: Command): string => command.words.join(' ');
const root = (words: string): string => (ADMIN_WORDS.has(words.split(' ')[0] ?? '') ? 'ops-admin' : 'ops');

/** The options of an example as Discord would send them. */
function optionsOf(command: Command): Record<string, string | number | boolean> {
  const parsed = parseCall({ text: command.example });
  if (parsed.kind !== 'call') return {};
  const typed = Object.entries(parsed.given).map(([name, value]) => {
    const shape = discordOption(wordsOf(command), name);
    if (shape === 4) return [name, Number(value)] as const;
    return [name, shape === 5 ? String(value) === 'true' : String(value)] as const;
  });
  return { ...Object.fromEntries(typed), ...(parsed.dryRun ? { 'dry-run': true } : {}) };
}

function discordOption(words: string, name: string): number | undefined {
  let level = discord.commands().find((command) => command.name === root(words))?.options ?? [];
  for (const word of words.split(' ')) level = level.find((each) => each.name === word)?.options ?? [];
  return level.find((each) => each.name === name)?.type;
}

/** Every clock and id in it may differ between two answers. */
function essence(text: string): string {
  return text.replaceAll(/[^\p{L}]/gu, '').slice(0, 60);
}

async function slackAnswer(user: string, text: string): Promise<string> {
  const before = slack.whispers.length + slack.views.length;
  const delivery = await slack.command({ user, text });
  expect(delivery.acked).toBe(true);
  await eventually(() => slack.whispers.length + slack.views.length > before);
  return slack.whispers.at(-1)?.text ?? '';
}

async function discordAnswer(user: string, path: string, options = {}): Promise<string> {
  const interaction = discord.command({ user }, path, options);
  await eventually(() => interaction.answers.length > 0);
  return interaction.answers.map((answer) => answer.content ?? '').join('\n');
}

describe('every command of the table', () => {
  it.each(COMMANDS.map((command) => [wordsOf(command), command] as const))(
    'answers in private, and the same, on both: %s',
    async (words, command) => {
      const [onSlack, onDiscord] = await Promise.all([
        slackAnswer(ADA.slack, command.example),
        discordAnswer(ADA.discord, `${root(words)} ${words}`, optionsOf(command)),
      ]);

      if (words === 'whoami') return;
      expect(onDiscord).not.toMatch(/Unknown command|Cannot read|is not known/);
      expect(essence(onDiscord.replaceAll('\u200b', ''))).toBe(
        essence(onSlack.split('\n').slice(1).join('\n').replaceAll('\u200b', '')),
      );
    },
  );

  it('refuses who lacks the role, on both, and says which it needs', async () => {
    const restricted = COMMANDS.filter(({ role }) => role !== 'viewer');
    const before = controls.calls.length;
    const sample = [restricted[0], restricted[Math.floor(restricted.length / 2)], restricted.at(-1)];

    for (const command of sample.filter((each) => each !== undefined)) {
      const words = wordsOf(command);
      expect(await slackAnswer(EVE.slack, command.example)).toContain(`needs the role ${command.role}`);
      expect(await discordAnswer(EVE.discord, `${root(words)} ${words}`, optionsOf(command))).toContain(
        `needs the role ${command.role}`,
      );
    }

    expect(controls.calls.length).toBe(before);
  });
});

describe('a command that lacks something', () => {
  it('is asked for in a form on Slack, with what exists to choose from, and runs when it is sent', async () => {
    const before = slack.views.length;
    await slack.command({ user: ADA.slack, text: 'ack' });
    await eventually(() => slack.views.length > before);
    const view = slack.views.at(-1);
    expect(JSON.stringify(view?.view.blocks)).toContain('inc-7f3a · Waiting · billing-api is slow');

    const acked = view === undefined ? null : await slack.submit(view, { id: 'inc-7f3a' });
    await eventually(() => controls.calls.some(([name, id]) => name === 'acknowledge' && id === 'inc-7f3a'));

    expect(acked).toMatchObject({ acked: true });
    await eventually(() => slack.whispers.at(-1)?.via === 'chat.postEphemeral');
  });

  it('gets the usage line where Slack no longer takes a form', async () => {
    slack.weather('views.open', { error: 'expired_trigger_id' });

    expect(await slackAnswer(ADA.slack, 'ack')).toMatch(/Which incident/);
  });
});

describe('typing an option on Discord', () => {
  it.each([
    ['ops ack', 'id', '', 'inc-7f3a'],
    ['ops ack', 'id', 'billing', 'inc-7f3a'],
    ['ops approve', 'id', '', approval().id],
    ['ops ack', 'target', 'bil', 'billing-api'],
    ['ops restore preview', 'backup', 'la', 'latest'],
    ['ops freeze', 'for', '1', '15m'],
  ])('offers what exists: %s %s "%s"', async (path, option, typed, expected) => {
    const interaction = discord.type({ user: ADA.discord }, path, option, typed);
    await eventually(() => interaction.choices !== null);

    expect(interaction.choices?.map(({ value }) => value)).toContain(expected);
  });

  it('offers nothing to who may not run the command', async () => {
    const interaction = discord.type({ user: EVE.discord }, 'ops approve', 'id', '');
    await eventually(() => interaction.choices !== null);

    expect(interaction.choices).toEqual([]);
  });
});
