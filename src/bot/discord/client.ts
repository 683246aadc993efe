/**
 * Discord inside its worker thread: discord.js for what comes in, REST for what goes out. A card is a message
 * with one embed (cards.ts).
 */
import { Routes } from 'discord.js';
import { describeError } from '../../domain/errors.ts';
import { createLinkHealth, type LinkHealth } from '../link-health.ts';
import { remember } from '../shown-memory.ts';
import type { CommandShape } from '../surface.ts';
import type { SurfaceClient, ThreadTools } from '../surface-worker.ts';
import { createDiscordApi, type DiscordApi } from './api.ts';
import { createDiscordCards } from './cards.ts';
import { sameCommands, toDiscordCommands } from './commands.ts';
import { said } from './faults.ts';
import { createGateway } from './gateway.ts';
import { takeInteraction } from './inbound.ts';
import type { DiscordOptions } from './options.ts';

const QUESTIONS = 200;

export function createDiscordClient(options: DiscordOptions, tools: ThreadTools): SurfaceClient {
  const { clock, timing } = tools;
  const health = createLinkHealth({ clock, timing, report: tools.health });
  const api = createDiscordApi({ options, clock, timing, health, onRefused: tools.fatal });
  const cards = createDiscordCards(api, options);
  const questions = new Map<string, string>();
  let shapes: readonly CommandShape[] = [];
  const inbound = {
    api,
    options,
    tools,
    shapes: () => shapes,
    question: (subject: string) => questions.get(subject),
  };
  const gateway = createGateway({
    options,
    api,
    health,
    tools,
    onInteraction: (interaction) => void takeInteraction(interaction, inbound),
    onReady: (application) => void settleIn(application, shapes, { api, options, health, tools }),
  });

  return {
    async start(commands) {
      shapes = commands;
      health.lost('api', 'Connecting to Discord.');
      health.lost('gateway', 'Connecting to Discord.');
      await gateway.start();
    },
    async put(card, placed, how) {
      for (const { subject, confirm } of card.buttons) {
        if (confirm !== null) remember(questions, subject, confirm, QUESTIONS);
      }
      return cards.put(card, placed, how);
    },
    picture: cards.picture,
    append: cards.append,
    http: async () => ({ status: 404, headers: {}, body: '' }),
    async stop() {
      api.stop();
      health.stop();
      await gateway.stop();
    },
  };
}

interface SettleDeps {
  readonly api: DiscordApi;
  readonly options: DiscordOptions;
  readonly health: LinkHealth;
  readonly tools: Pick<ThreadTools, 'log'>;
}

/** What a new session needs: the commands registered where they changed, the channel there and ours. */
async function settleIn(
  application: string,
  shapes: readonly CommandShape[],
  deps: SettleDeps,
): Promise<void> {
  const { api, options, health, tools } = deps;
  try {
    const channel = await api.get(Routes.channel(options.channel));
    if (guildOf(channel) === options.guild) health.ok('server');
    else health.hint('server', 'The configured Discord channel is in another server.');
  } catch (cause) {
    tools.log.warn('discord channel unreadable', { error: describeError(cause) });
  }
  try {
    const route = Routes.applicationGuildCommands(application, options.guild);
    const wanted = toDiscordCommands(shapes);
    if (!sameCommands(wanted, await api.get(route))) await api.put(route, wanted);
    health.ok('commands');
  } catch (cause) {
    health.hint(
      'commands',
      `The commands are not registered: ${said(causeOf(cause) ?? cause)}. Invite the bot again with applications.commands.`,
    );
  }
}

function guildOf(channel: unknown): unknown {
  return (channel as { readonly guild_id?: unknown } | null)?.guild_id;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
