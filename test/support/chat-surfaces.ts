/** The real surfaces, with the real SDKs in their worker threads, against the doubles of their platforms. */

import type { DiscordOptions } from '../../src/bot/discord/options.ts';
import { createDiscordSurface } from '../../src/bot/discord/surface.ts';
import type { SlackOptions } from '../../src/bot/slack/options.ts';
import { createSlackSurface, type SlackSurface } from '../../src/bot/slack/surface.ts';
import type { ChatSurface } from '../../src/bot/surface.ts';
import { readFault, type SurfaceFault } from '../../src/bot/surface-fault.ts';
import type { SurfaceTiming } from '../../src/bot/surface-timing.ts';
import { createSystemClock } from '../../src/platform/clock.ts';
import { createInbound, eventually, FAST, type RememberingInbound, SHAPES } from './chat.ts';
import { createDiscordDouble, type DiscordDouble } from './discord-double.ts';
import { createMemoryLogger, type MemoryLogger } from './memory-ports.ts';
import { createSlackDouble, type SlackDouble } from './slack-double.ts';

const opened: (() => Promise<void>)[] = [];

/** For `afterEach`. */
export async function closeSurfaces(): Promise<void> {
  for (const close of opened.splice(0)) await close();
}

interface Running<S extends ChatSurface> {
  readonly surface: S;
  readonly inbound: RememberingInbound;
  readonly log: MemoryLogger;
  start(): Promise<void>;
}

export interface RunningSlack extends Running<SlackSurface> {
  readonly slack: SlackDouble;
}

export interface RunningDiscord extends Running<ChatSurface> {
  readonly discord: DiscordDouble;
}

export async function setUpSlack(over: Partial<SlackOptions> = {}): Promise<RunningSlack> {
  const slack = await createSlackDouble();
  const log = createMemoryLogger();
  const options: SlackOptions = {
    botToken: slack.botToken,
    appToken: slack.appToken,
    signingSecret: null,
    channel: slack.channel,
    apiUrl: slack.apiUrl,
    groups: [],
    pictures: true,
    mention: null,
    ...over,
  };
  const surface = createSlackSurface(options, { clock: createSystemClock(), log, timing: FAST });
  return { slack, ...run(surface, log, slack.close) };
}

export async function startedSlack(over: Partial<SlackOptions> = {}): Promise<RunningSlack> {
  const all = await setUpSlack(over);
  await all.start();
  await eventually(() => all.inbound.state() === 'up');
  return all;
}

export async function setUpDiscord(
  over: Partial<DiscordOptions> = {},
  timing: Partial<SurfaceTiming> = {},
): Promise<RunningDiscord> {
  const discord = await createDiscordDouble({ heartbeatMs: 500 });
  const log = createMemoryLogger();
  const options: DiscordOptions = {
    token: discord.token,
    guild: discord.guild,
    channel: discord.channel,
    apiUrl: discord.apiUrl,
    mention: null,
    ...over,
  };
  const spans = { ...FAST, ...timing };
  const surface = createDiscordSurface(options, { clock: createSystemClock(), log, timing: spans });
  return { discord, ...run(surface, log, discord.close) };
}

export async function startedDiscord(over: Partial<DiscordOptions> = {}): Promise<RunningDiscord> {
  const all = await setUpDiscord(over);
  await all.start();
  await eventually(() => all.inbound.state() === 'up' && all.discord.commands().length > 0);
  return all;
}

/** Why it was refused; fails the test where it was not. */
export async function faultOf(work: Promise<unknown>): Promise<SurfaceFault> {
  const failed = await work.then(
    () => null,
    (error: unknown) => ({ error }),
  );
  if (failed === null) throw new Error('it was not refused');
  return readFault(failed.error);
}

function run<S extends ChatSurface>(surface: S, log: MemoryLogger, close: () => Promise<void>): Running<S> {
  const inbound = createInbound();
  opened.push(async () => {
    await surface.stop();
    await close();
  });
  return { surface, inbound, log, start: () => surface.start(inbound, SHAPES) };
}
