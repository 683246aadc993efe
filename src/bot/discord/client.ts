/**
 * Discord inside its worker thread: discord.js for what comes in, REST for what goes out. A card is a message
 * with one embed; the thread that starts from it has the message's own id.
 */
import { createHash } from 'node:crypto';
import { Routes } from 'discord.js';
import { describeError, OpsError } from '../../domain/errors.ts';
import type { Card, ThreadLine } from '../card.ts';
import { createLinkHealth, type LinkHealth } from '../link-health.ts';
import { remember } from '../shown-memory.ts';
import type { CommandShape, Placed } from '../surface.ts';
import type { SurfaceClient, ThreadTools } from '../surface-worker.ts';
import { createDiscordApi, type DiscordApi } from './api.ts';
import { sameCommands, toDiscordCommands } from './commands.ts';
import { isGone, isThreadGone, said, threadExists } from './faults.ts';
import { createGateway } from './gateway.ts';
import { takeInteraction } from './inbound.ts';
import type { DiscordOptions } from './options.ts';
import { renderCall, renderCard, renderLine, threadName } from './render.ts';

/** Threads without a word for a day fold away; a new line opens them again. */
const ARCHIVE_MINUTES = 1_440;
const QUESTIONS = 200;

export function createDiscordClient(options: DiscordOptions, tools: ThreadTools): SurfaceClient {
  const { clock, timing } = tools;
  const health = createLinkHealth({ clock, timing, report: tools.health });
  const api = createDiscordApi({ options, clock, timing, health, onRefused: tools.fatal });
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
    async put(card, placed, call) {
      for (const { subject, confirm } of card.buttons) {
        if (confirm !== null) remember(questions, subject, confirm, QUESTIONS);
      }
      return putCard(api, options, card, placed, call);
    },
    append: (placed, line) => appendLine(api, placed, line),
    http: async () => ({ status: 404, headers: {}, body: '' }),
    async stop() {
      api.stop();
      health.stop();
      await gateway.stop();
    },
  };
}

async function putCard(
  api: DiscordApi,
  options: DiscordOptions,
  card: Card,
  placed: Placed | null,
  call: boolean,
): Promise<Placed> {
  const message = renderCard(card, card.page ? options.mention : null);
  if (placed === null) return createCard(api, options.channel, card, message, 'new');
  try {
    await api.patch(Routes.channelMessage(placed.channel, placed.message), message);
  } catch (error) {
    if (!isGone(causeOf(error))) throw error;
    return createCard(api, options.channel, card, message, placed.message);
  }
  if (call && options.mention !== null) {
    await api.post(Routes.channelMessages(placed.channel), {
      ...renderCall(card, options.mention),
      ...once(`call:${card.key}:${card.version}`),
      message_reference: { message_id: placed.message, fail_if_not_exists: false },
    });
  }
  return placed;
}

/** @param instead Which message it replaces: part of what makes a repeat harmless. */
async function createCard(
  api: DiscordApi,
  channel: string,
  card: Card,
  message: object,
  instead: string,
): Promise<Placed> {
  const nonce = once(`card:${card.key}:${instead}`);
  const id = idOf(await api.post(Routes.channelMessages(channel), { ...message, ...nonce }));
  await startThread(api, channel, id, threadName(card)).catch(() => {
    // The card stands; the first line of the thread tries again.
  });
  return { channel, message: id, thread: id };
}

async function appendLine(api: DiscordApi, placed: Placed, line: ThreadLine): Promise<void> {
  const body = { ...renderLine(line), ...once(`line:${line.id}`) };
  try {
    await api.post(Routes.channelMessages(placed.thread), body);
  } catch (error) {
    if (!isThreadGone(causeOf(error))) throw error;
    await startThread(api, placed.channel, placed.message, 'Timeline');
    await api.post(Routes.channelMessages(placed.thread), body);
  }
}

async function startThread(api: DiscordApi, channel: string, message: string, name: string): Promise<void> {
  const body = { name, auto_archive_duration: ARCHIVE_MINUTES };
  try {
    await api.post(Routes.threads(channel, message), body);
  } catch (error) {
    if (!threadExists(causeOf(error))) throw error;
  }
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

/** Discord makes no second message for the same nonce within a few minutes. */
function once(what: string): { readonly nonce: string; readonly enforce_nonce: true } {
  return { nonce: createHash('sha256').update(what).digest('hex').slice(0, 25), enforce_nonce: true };
}

function idOf(message: unknown): string {
  const id = (message as { readonly id?: unknown } | null)?.id;
  if (typeof id === 'string') return id;
  throw new OpsError('SURFACE_DOWN', 'Discord named no message.');
}

function guildOf(channel: unknown): unknown {
  return (channel as { readonly guild_id?: unknown } | null)?.guild_id;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
