/**
 * The gateway connection. discord.js resumes and reconnects by itself; this watches that it does: a session that
 * was not READY or RESUMED for two minutes is given up with its whole thread, and close codes that no retry can
 * mend stop everything with their reason.
 */
import { Client, Events, GatewayIntentBits, type Interaction, Options, Routes } from 'discord.js';
import { describeError } from '../../domain/errors.ts';
import type { Cancel } from '../../domain/ports.ts';
import { backOff } from '../back-off.ts';
import { inertLine } from '../inert.ts';
import type { LinkHealth } from '../link-health.ts';
import type { ThreadTools } from '../surface-worker.ts';
import { type DiscordApi, restOptions } from './api.ts';
import { fatalClose, isUnauthorized } from './faults.ts';
import type { DiscordOptions } from './options.ts';
import { NO_MENTIONS } from './render.ts';

export interface GatewayDeps {
  readonly options: DiscordOptions;
  readonly api: DiscordApi;
  readonly health: LinkHealth;
  readonly tools: Pick<ThreadTools, 'clock' | 'timing' | 'log' | 'fatal' | 'rebuild'>;
  readonly onInteraction: (interaction: Interaction) => void;
  /** Each time a session stands, with the application's id. */
  readonly onReady: (application: string) => void;
}

export interface Gateway {
  /** Resolves when the first session stands or the first try failed. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createGateway(deps: GatewayDeps): Gateway {
  const { clock, timing } = deps.tools;
  const stopping = new AbortController();
  let current: Client | null = null;

  async function run(tried: () => void): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; failures += 1) {
      const stands = await connect(deps, (client) => {
        current = client;
      });
      tried();
      if (stands) return;
      const span = backOff(failures, timing.reconnectFrom, timing.reconnectUpTo);
      await clock.sleep(span, stopping.signal).catch(() => {
        // Stopped: the loop looks at the signal itself.
      });
    }
  }

  return {
    start: () =>
      new Promise((resolve) => {
        const cancel = clock.in(timing.helloWithin, resolve);
        void run(() => {
          cancel();
          resolve();
        });
      }),
    async stop() {
      stopping.abort();
      await current?.destroy();
    },
  };
}

/** True when a session stands; from then on discord.js keeps it. */
async function connect(deps: GatewayDeps, keep: (client: Client) => void): Promise<boolean> {
  const { options, api, health, tools } = deps;
  try {
    await api.get(Routes.gatewayBot());
  } catch (cause) {
    health.lost('gateway', describeError(cause));
    return false;
  }
  const { client, deaf } = createClient(deps);
  keep(client);
  try {
    await client.login(options.token);
    return true;
  } catch (cause) {
    if (isUnauthorized(cause))
      await api.get(Routes.user()).catch(() => {
        // Told by the API itself, which gives up on a token that is refused twice.
      });
    health.lost('gateway', `Discord did not take the connection: ${inertLine(describeError(cause))}`);
    tools.log.info('discord login failed', { error: describeError(cause) });
    deaf.stop();
    await client.destroy();
    return false;
  }
}

function createClient(deps: GatewayDeps): { readonly client: Client; readonly deaf: DeafWatch } {
  const { options, tools } = deps;
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    rest: restOptions(options, tools.timing),
    allowedMentions: { parse: [...NO_MENTIONS.parse] },
    makeCache: Options.cacheWithLimits(SMALL_CACHES),
  });
  const deaf = createDeafWatch(deps, () => client.ws.shards.first()?.lastPingTimestamp ?? 0);
  client.on(Events.ShardReady, () => {
    deaf.heard();
    deps.onReady(client.application?.id ?? client.user?.id ?? '');
  });
  client.on(Events.ShardResume, () => deaf.heard());
  client.on(Events.ShardReconnecting, () => deaf.lost('The connection to Discord broke.'));
  client.on(Events.ShardDisconnect, ({ code }) => {
    const reason = fatalClose(code);
    if (reason === null) deaf.lost(`Discord closed the connection (${code}).`);
    else tools.fatal(reason);
  });
  client.on(Events.ShardError, (error) => {
    tools.log.info('discord gateway error', { error: describeError(error) });
  });
  client.on(Events.Error, (error) => {
    tools.log.warn('discord client error', { error: describeError(error) });
  });
  client.on(Events.InteractionCreate, deps.onInteraction);
  deaf.lost('Connecting to Discord.');
  return { client, deaf };
}

/** Nothing of what people write is needed; what is not kept costs no memory. */
const SMALL_CACHES: Parameters<typeof Options.cacheWithLimits>[0] = {
  AutoModerationRuleManager: 0,
  GuildBanManager: 0,
  GuildEmojiManager: 0,
  GuildInviteManager: 0,
  GuildMemberManager: { maxSize: 20, keepOverLimit: (member) => member.id === member.client.user.id },
  GuildScheduledEventManager: 0,
  GuildStickerManager: 0,
  MessageManager: 0,
  PresenceManager: 0,
  ReactionManager: 0,
  ReactionUserManager: 0,
  StageInstanceManager: 0,
  ThreadManager: 0,
  ThreadMemberManager: 0,
  UserManager: { maxSize: 20, keepOverLimit: (user) => user.id === user.client.user.id },
  VoiceStateManager: 0,
};

interface DeafWatch {
  heard(): void;
  lost(reason: string): void;
  stop(): void;
}

/**
 * Gives the thread up when there is no session for too long, or when there is one but its heartbeats are no
 * longer acknowledged: discord.js alone takes two heartbeats and half a minute to see a dead socket.
 */
function createDeafWatch({ health, tools }: GatewayDeps, lastAck: () => number): DeafWatch {
  const { clock, timing } = tools;
  let cancelLost: Cancel | null = null;
  let ack = lastAck();
  let heardAt = clock.monotonic();
  const cancelPoll = clock.every(timing.beatEvery, () => {
    if (lastAck() !== ack || cancelLost !== null) {
      ack = lastAck();
      heardAt = clock.monotonic();
    }
    if (clock.monotonic() - heardAt > timing.ackWithin) tools.rebuild('Discord answers no heartbeats.');
  });
  return {
    heard() {
      cancelLost?.();
      cancelLost = null;
      heardAt = clock.monotonic();
      health.ok('gateway');
    },
    lost(reason) {
      health.lost('gateway', reason);
      const giveUp = `No session with Discord for ${timing.deafFor / 1000} s.`;
      cancelLost ??= clock.in(timing.deafFor, () => tools.rebuild(giveUp));
    },
    stop() {
      cancelLost?.();
      cancelPoll();
    },
  };
}
