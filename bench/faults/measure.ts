/**
 * One fault, once: a fresh bot with a week behind it, calm, broken, and what it told by when. Read from outside, over
 * the API, as any other program would; the card is what the terminal shows.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SHIPPED_THRESHOLDS } from '../../src/monitor/shipped-thresholds.ts';
import { type BotProcess, startBot } from '../../test/support/bot-process.ts';
import { type Fault, type Scene, spawnQuiet } from './catalogue.ts';
import { configsOf } from './configs.ts';
import { seedHistory } from './seeded-history.ts';
import { openWorld, type World } from './world.ts';

const LOOK = 200;
/** Long enough for the first looks of all detectors. */
const SETTLE = 18_000;
/** Later than this is not told. */
const LATEST = 120_000;
const LATEST_SLOW = 480_000;
/** What the card says is read this long after it was first told: the processes are looked at every 15 s. */
const READ_AFTER = 20_000;

export interface Found {
  readonly fault: string;
  readonly what: string;
  readonly bar: Fault['bar'];
  /** Seconds; `null` = not told. */
  readonly toldAfter: number | null;
  readonly surest: string | null;
  readonly kind: string | null;
  readonly sentence: string;
  readonly causes: readonly string[];
  readonly isNamed: boolean;
  /** Incidents of other kinds or targets, as titles. */
  readonly beside: readonly string[];
  readonly card: string;
  /** Why it could not be measured. */
  readonly leftOut: string | null;
}

interface SeenAnomaly {
  readonly kind: string;
  readonly target: string | null;
  readonly severity: string;
  readonly summary: string;
  readonly causes: readonly { readonly text: string }[];
}

interface SeenIncident {
  readonly id: string;
  readonly title: string;
  readonly severity: string;
  readonly openedAt: string;
  readonly anomalies: readonly SeenAnomaly[];
}

export async function measure(fault: Fault, folder: string): Promise<Found> {
  const place = mkdtempSync(join(folder, 'b-'));
  const world = await openWorld(join(place, 'world'));
  const children: ChildProcess[] = [];
  let bot: BotProcess | null = null;
  try {
    if (fault.name.endsWith('disk') && world.disk === null)
      return leftOut(fault, 'no file system may be mounted here');
    fault.arrange?.(world);
    bot = await warmBot(fault, world, place);
    const scene: Scene = {
      world,
      bot,
      sleep,
      start(argv) {
        const child = spawnQuiet(argv);
        children.push(child);
        return child;
      },
    };
    await fault.prepare?.(scene);
    await sleep(SETTLE);
    const before =
      fault.bar === 'slow'
        ? new Set<string>()
        : new Set((await incidents(bot)).flatMap(({ anomalies }) => anomalies.map(keyOf)));
    const from = Date.now();
    await fault.do(scene);
    return await watch(fault, bot, before, from);
  } catch (cause) {
    // One that cannot be done must not end the others.
    return leftOut(fault, cause instanceof Error ? cause.message.slice(0, 200) : String(cause));
  } finally {
    for (const child of children) end(child);
    await bot?.kill('SIGTERM');
    world.close();
    rmSync(place, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** Once to learn which metrics there are, then again with a past of them. */
async function warmBot(fault: Fault, world: World, place: string): Promise<BotProcess> {
  const configs = configsOf(world, SHIPPED_THRESHOLDS);
  const first = await startBot({ folder: place, configs });
  await sleep(5_000);
  const looks: (readonly { metric: string; value: number }[])[] = [];
  for (let look = 0; look < 3; look += 1) {
    await sleep(2_500);
    looks.push(await metrics(first));
  }
  const now = new Map(
    looks.flat().map(({ metric }) => [metric, middle(looks.flat().filter((one) => one.metric === metric))]),
  );
  await first.kill('SIGTERM');
  rmSync(first.dataFolder, { recursive: true, force: true });
  mkdirSync(first.dataFolder, { recursive: true });
  seedHistory(first.dataFolder, now, Date.now(), {
    calm: fault.alone,
    past: fault.past,
    feeds: fault.prepare !== undefined,
  });
  return startBot({ folder: place });
}

async function watch(
  fault: Fault,
  bot: BotProcess,
  before: ReadonlySet<string>,
  from: number,
): Promise<Found> {
  let told: SeenIncident | undefined;
  while (told === undefined && Date.now() - from < (fault.bar === 'slow' ? LATEST_SLOW : LATEST)) {
    told = (await incidents(bot)).find((one) => isIt(fault, one, before));
    if (told === undefined) await sleep(LOOK);
  }
  if (told === undefined) return describe(fault, await incidents(bot), undefined, null, '');
  const toldAfter = (Date.now() - from) / 1_000;
  await sleep(READ_AFTER);
  const all = await incidents(bot);
  const { text } = await bot.command('incident show', { id: told.id });
  return describe(
    fault,
    all,
    all.find(({ id }) => id === told.id),
    Math.round(toldAfter * 10) / 10,
    text,
  );
}

function describe(
  fault: Fault,
  all: readonly SeenIncident[],
  told: SeenIncident | undefined,
  toldAfter: number | null,
  card: string,
): Found {
  const anomaly = told?.anomalies.find((one) => isOf(fault, one));
  const causes = anomaly?.causes.map(({ text }) => text) ?? [];
  const sentence = anomaly?.summary ?? '';
  const { names, name, what, bar } = fault;
  return {
    ...{ fault: name, what, bar, toldAfter, card, causes, sentence },
    surest: told?.severity ?? null,
    kind: anomaly?.kind ?? null,
    isNamed: names.text.test(names.in === 'cause' ? (causes[0] ?? '') : sentence),
    beside: all.filter(({ id }) => id !== told?.id).map(({ title, severity }) => `${title} (${severity})`),
    leftOut: null,
  };
}

function leftOut({ name, what, bar }: Fault, why: string): Found {
  const nothing = { toldAfter: null, surest: null, kind: null, sentence: '', causes: [], isNamed: false };
  return { fault: name, what, bar, ...nothing, beside: [], card: '', leftOut: why };
}

function isIt(fault: Fault, incident: SeenIncident, before: ReadonlySet<string>): boolean {
  return incident.anomalies.some((one) => isOf(fault, one) && !before.has(keyOf(one)));
}

function isOf({ kinds, target, least }: Fault, anomaly: SeenAnomaly): boolean {
  if (least === 'warning' && anomaly.severity === 'info') return false;
  const isTarget =
    target === null ? anomaly.target === null : target.split('|').includes(anomaly.target ?? '');
  return kinds.includes(anomaly.kind) && isTarget;
}

function keyOf({ kind, target }: SeenAnomaly): string {
  return `${target ?? '-'}/${kind}`;
}

async function incidents(bot: BotProcess): Promise<readonly SeenIncident[]> {
  // The shape is that of our own API, which has tests of its own.
  const { body } = (await bot.get('/api/incidents?limit=200')) as {
    body: { incidents?: readonly SeenIncident[] };
  };
  return body.incidents ?? [];
}

async function metrics(bot: BotProcess): Promise<readonly { metric: string; value: number }[]> {
  const { body } = (await bot.get('/api/metrics')) as {
    body: { metrics: readonly { metric: string; value: number | null }[] };
  };
  return body.metrics.flatMap(({ metric, value }) => (value === null ? [] : [{ metric, value }]));
}

function middle(samples: readonly { readonly value: number }[]): number {
  const values = samples.map(({ value }) => value).sort((a, b) => a - b);
  return values[values.length >> 1] ?? 0;
}

/** With its own children: stress-ng has some. */
function end(child: ChildProcess): void {
  try {
    process.kill(-(child.pid ?? 0), 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

function sleep(span: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, span));
}
