/**
 * `npm run bench -- chat [--alerts 10000] [--seconds 60] [--causes 400]`: a storm of alerts through the bot, with the
 * real SDKs in their worker threads, against strict local doubles of both platforms. Prints messages a second a channel,
 * growth of the resident memory, in which order criticals came, and how long commands waited for their answers.
 */
import { parseArgs } from 'node:util';
import { type Bot, createBot } from '../src/bot/bot.ts';
import { BotConfig } from '../src/bot/config.ts';
import { createDiscordSurface } from '../src/bot/discord/surface.ts';
import { createCommandDesk } from '../src/bot/run.ts';
import { createSlackSurface } from '../src/bot/slack/surface.ts';
import type { Incident } from '../src/domain/incident.ts';
import { after, incidentId, ms, seconds } from '../src/domain/units.ts';
import { createSystemClock } from '../src/platform/clock.ts';
import { createEventBus } from '../src/platform/event-bus.ts';
import { createDiscordDouble, type DiscordDouble } from '../test/support/discord-double.ts';
import { createFakeControls, type FakeControls } from '../test/support/fake-controls.ts';
import { createMemoryLogger, createMemoryStateStore, live } from '../test/support/memory-ports.ts';
import { slowIncident } from '../test/support/night-builders.ts';
import { createSlackDouble, type SlackDouble } from '../test/support/slack-double.ts';

const ADA = { slack: 'U0ADA', discord: '100000000000000001' };
const MEGA = 1_048_576;
/** One in so many causes is critical. */
const CRITICAL_EVERY = 40;

interface Storm {
  readonly alerts: number;
  readonly seconds: number;
  readonly causes: number;
}

interface Stage {
  readonly bot: Bot;
  readonly controls: FakeControls;
  readonly slack: SlackDouble;
  readonly discord: DiscordDouble;
}

export async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      alerts: { type: 'string', default: '10000' },
      seconds: { type: 'string', default: '60' },
      causes: { type: 'string', default: '400' },
    },
  });
  const storm = {
    alerts: Number(values.alerts),
    seconds: Number(values.seconds),
    causes: Number(values.causes),
  };
  const stage = await setStage();
  try {
    await quiet(stage);
    print(storm, await rage(storm, stage), stage);
  } finally {
    await stage.bot.stop();
    await Promise.all([stage.slack.close(), stage.discord.close()]);
  }
  return 0;
}

async function setStage(): Promise<Stage> {
  const [slack, discord] = [await createSlackDouble(), await createDiscordDouble({ heartbeatMs: 20_000 })];
  const clock = createSystemClock();
  const log = createMemoryLogger();
  const controls = createFakeControls();
  const shared = { clock, log, controls, timezone: 'UTC', redact: (text: string): string => text };
  const people = [{ name: 'ada', roles: ['operator'], slack: [ADA.slack], discord: [ADA.discord] }];
  const { botToken, appToken, channel, apiUrl } = slack;
  const bot = createBot({
    ...shared,
    config: live(BotConfig.parse({ people })),
    bus: createEventBus(log),
    states: createMemoryStateStore(),
    desk: createCommandDesk(shared),
    painter: { paint: async () => null },
    mailer: null,
    checks: () => [],
    surfaces: [
      createSlackSurface(
        {
          botToken,
          appToken,
          channel,
          apiUrl,
          signingSecret: null,
          groups: [],
          pictures: true,
          mention: null,
        },
        { clock, log },
      ),
      createDiscordSurface(
        {
          token: discord.token,
          guild: discord.guild,
          channel: discord.channel,
          apiUrl: discord.apiUrl,
          mention: null,
        },
        { clock, log },
      ),
    ],
  });
  await bot.start();
  return { bot, controls, slack, discord };
}

/** Both connected, and the memory of the start settled. */
async function quiet({ slack, discord }: Stage): Promise<void> {
  const clock = createSystemClock();
  while (slack.sockets() === 0 || discord.commands().length === 0) await clock.sleep(ms(100));
  await clock.sleep(seconds(5));
}

/** Milliseconds from the keystroke: to the acknowledgement, and to the answer (on Discord a second call, after it). */
interface Waits {
  readonly slackAcks: number[];
  readonly discordAcks: number[];
  readonly slack: number[];
  readonly discord: number[];
}

interface Figures {
  readonly rssBefore: number;
  readonly rssPeak: number;
  readonly rssAfter: number;
  readonly answers: Waits;
}

async function rage(storm: Storm, stage: Stage): Promise<Figures> {
  const { bot, controls } = stage;
  const clock = createSystemClock();
  const begun = performance.now();
  const rssBefore = process.memoryUsage.rss();
  const answers: Waits = { slackAcks: [], discordAcks: [], slack: [], discord: [] };
  let rssPeak = rssBefore;
  let sent = 0;
  let nextCommand = 500;
  while (performance.now() - begun < storm.seconds * 1_000) {
    const due = Math.floor(((performance.now() - begun) / (storm.seconds * 1_000)) * storm.alerts);
    for (; sent < due; sent += 1) bot.incidentChanged({ incident: alert(sent, storm, controls) });
    rssPeak = Math.max(rssPeak, process.memoryUsage.rss());
    if (performance.now() - begun > nextCommand) {
      nextCommand += 500;
      void ask(stage, answers);
    }
    await clock.sleep(ms(10));
  }
  for (; sent < storm.alerts; sent += 1) bot.incidentChanged({ incident: alert(sent, storm, controls) });
  await clock.sleep(seconds(5));
  return { rssBefore, rssPeak, rssAfter: process.memoryUsage.rss(), answers };
}

/** The same cause again and again, as a storm has it: its incident changes, no new one is made. */
function alert(index: number, { causes }: Storm, controls: FakeControls): Incident {
  const cause = (index * 7) % causes;
  const known = controls.world.incidents.findIndex(({ id }) => id === `inc-${cause}`);
  const before = controls.world.incidents[known];
  const isCritical = cause % CRITICAL_EVERY === CRITICAL_EVERY - 1;
  const at = after(slowIncident().updatedAt, ms(index));
  const incident = slowIncident({
    id: incidentId(`inc-${cause}`),
    title: `service-${cause} is slow`,
    target: `service-${cause}`,
    severity: isCritical ? 'critical' : 'warning',
    state: { kind: 'open' },
    version: (before?.version ?? 0) + 1,
    updatedAt: at,
  });
  if (known === -1) controls.world.incidents.push(incident);
  else controls.world.incidents[known] = incident;
  return incident;
}

/** From the keystroke to the answer that only its author sees. */
async function ask({ slack, discord }: Stage, answers: Waits): Promise<void> {
  const clock = createSystemClock();
  const begun = performance.now();
  const until = async (isThere: () => boolean): Promise<number> => {
    while (!isThere() && performance.now() - begun < 10_000) await clock.sleep(ms(2));
    return performance.now() - begun;
  };
  const whispers = slack.whispers.length;
  const typed = slack.command({ user: ADA.slack, text: 'version' });
  const interaction = discord.command({ user: ADA.discord }, 'ops version');
  void typed.then(({ ackMs }) => answers.slackAcks.push(ackMs));
  await Promise.all([
    typed.then(() => until(() => slack.whispers.length > whispers)).then((took) => answers.slack.push(took)),
    until(() => interaction.answers.length > 0).then((took) => {
      answers.discord.push(took);
      answers.discordAcks.push(interaction.deferredAfterMs ?? Number.POSITIVE_INFINITY);
    }),
  ]);
}

function print(storm: Storm, figures: Figures, { slack, discord, controls }: Stage): void {
  const slackTimes = slack.calls
    .filter(({ method }) => /^chat\.(postMessage|update)$/.test(method))
    .map(({ at }) => at);
  const discordTimes = discord.calls
    .filter(({ route }) => /^(POST|PATCH) \/channels\/\d+\/messages(\/\d+)?$/.test(route))
    .map(({ at }) => at);
  const rows: readonly (readonly [string, string, string])[] = [
    ['alerts', `${storm.alerts} in ${storm.seconds} s, ${controls.world.incidents.length} causes`, ''],
    ['Slack, messages a second', rate(slackTimes), '≤ 1'],
    ['Discord, messages a second', rate(discordTimes), '≤ 1'],
    [
      'Slack, criticals',
      order(
        slack.roots().map(({ text }) => text),
        controls,
      ),
      'first',
    ],
    [
      'Discord, criticals',
      order(
        discord.in(discord.channel).map((post) => discord.read(post)),
        controls,
      ),
      'first',
    ],
    [
      'resident memory',
      `${(figures.rssBefore / MEGA).toFixed(0)} MB, peak +${((figures.rssPeak - figures.rssBefore) / MEGA).toFixed(1)}, after +${((figures.rssAfter - figures.rssBefore) / MEGA).toFixed(1)} MB`,
      '< 50 MB',
    ],
    ['Slack, acknowledged p50 / p99', spread(figures.answers.slackAcks), '< 100 ms'],
    ['Discord, acknowledged p50 / p99', spread(figures.answers.discordAcks), '< 100 ms'],
    ['Slack, answered p50 / p99', spread(figures.answers.slack), ''],
    ['Discord, answered p50 / p99', spread(figures.answers.discord), ''],
    ['Slack, late acknowledgements', String(slack.lateAcks.length), '0'],
  ];
  for (const [what, figure, bar] of rows) console.log(`${what.padEnd(34)}${figure.padEnd(58)}${bar}`);
}

/** Overall, and the most in any one second; timer and network jitter let two fall into one now and then. */
function rate(times: readonly number[]): string {
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return 'none';
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at));
  const mean = (times.length - 1) / Math.max(1, (last - first) / 1_000);
  return `${mean.toFixed(2)} over ${times.length} messages, closest two ${Math.min(...gaps)} ms apart`;
}

/** Where the criticals stand among all cards, in the order they were posted. */
function order(texts: readonly string[], controls: FakeControls): string {
  const places = texts.flatMap((text, index) => (/critical/.test(text) ? [index + 1] : []));
  const all = controls.world.incidents.filter(({ severity }) => severity === 'critical').length;
  return `${places.length} of ${all} posted, the last as card ${places.at(-1) ?? '-'} of ${texts.length}`;
}

function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0);
  return `${at(0.5)} / ${at(0.99)} ms over ${sorted.length} commands`;
}
