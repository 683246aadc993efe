/**
 * What must never be an alarm by itself, done to a live bot: samples that come late, twice, out of order, that are no
 * numbers or out of all proportion, metrics that appear, stand still and end, a source that falls silent, and minutes
 * in which the bot itself was stopped. One incident is right: that of the silent source.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SHIPPED_THRESHOLDS } from '../../src/monitor/shipped-thresholds.ts';
import { type BotProcess, startBot } from '../../test/support/bot-process.ts';
import { configsOf } from './configs.ts';
import { seedHistory } from './seeded-history.ts';
import { openWorld } from './world.ts';

const MINUTE = 60_000;
/** The source is believed silent after three minutes. */
const SILENT_FOR = 4 * MINUTE;
const STOPPED_FOR = 3 * MINUTE;

interface Row {
  readonly what: string;
  readonly refused: number;
  readonly sent: number;
}

interface Told {
  readonly title: string;
  readonly severity: string;
  readonly kind: string;
  readonly anomalies: readonly { readonly summary: string; readonly metric: string }[];
}

export async function badSamples(folder: string): Promise<readonly string[]> {
  const world = await openWorld(join(folder, 'world'));
  const source = await openSource();
  const shipped = configsOf(world, SHIPPED_THRESHOLDS);
  const monitor = {
    ...(shipped['anomaly_detection_config.json'] as object),
    prometheus: [{ url: source.url, intervalSeconds: 5, queries: [{ metric: 'carts', query: 'carts' }] }],
  };
  const configs = { ...shipped, 'anomaly_detection_config.json': monitor };
  const first = await startBot({ folder, configs });
  let bot: BotProcess | null = null;
  try {
    const levels = await levelsOf(first);
    await first.kill('SIGTERM');
    rmSync(first.dataFolder, { recursive: true, force: true });
    mkdirSync(first.dataFolder, { recursive: true });
    seedHistory(first.dataFolder, new Map([...levels, ['orders', 40], ['refunds', 3]]), Date.now(), {});
    bot = await startBot({ folder });
    await sleep(15_000);
    return await hurt(bot, source);
  } finally {
    await bot?.kill('SIGTERM');
    source.close();
    world.close();
  }
}

async function hurt(bot: BotProcess, source: Source): Promise<readonly string[]> {
  const known = new Set((await told(bot)).map(({ title }) => title));
  const rows = await pushAll(bot);
  const afterPushes = await fresh(bot, known);
  process.kill(bot.pid, 'SIGSTOP');
  await sleep(STOPPED_FOR);
  process.kill(bot.pid, 'SIGCONT');
  await sleep(45_000);
  const afterStop = await fresh(bot, known);
  source.hang();
  await sleep(SILENT_FOR);
  const afterSilence = await fresh(bot, known);
  return [
    ...rows.map(({ what, sent, refused }) => `${what.padEnd(34)}${sent} sent, ${refused} refused`),
    `told after the samples: ${list(afterPushes)}`,
    `told after 3 min stopped: ${list(afterStop)}`,
    `told after 4 min of a silent source: ${list(afterSilence)}`,
  ];
}

/** A minute and a half of each, all at once, beside a metric that is well. */
async function pushAll(bot: BotProcess): Promise<readonly Row[]> {
  const manners: readonly (readonly [string, (turn: number) => readonly object[]])[] = [
    ['well', () => [{ metric: 'orders', value: 38 + Math.random() * 4 }]],
    ['sent twice', (turn) => [at('refunds', 3, -1_000 * (turn % 2)), at('refunds', 3, -1_000 * (turn % 2))]],
    ['out of order', (turn) => [at('orders', 40, -5_000), at('orders', 41, -15_000 * (turn % 3))]],
    ['4 min late', () => [at('orders', 40, -4 * MINUTE)]],
    ['10 min late', () => [at('orders', 4_000, -10 * MINUTE)]],
    ['an hour ahead', () => [at('orders', 4_000, 60 * MINUTE)]],
    ['unknown', (turn) => (turn % 3 === 0 ? [{ metric: 'refunds', value: null }] : [])],
    ['appears', (turn) => (turn > 10 ? [{ metric: 'coupons', value: 7 }] : [])],
    ['ends', (turn) => (turn < 10 ? [{ metric: 'visits', value: 100 + turn }] : [])],
    [
      'out of all proportion, and negative',
      (turn) => [{ metric: `odd_${turn % 2}`, value: turn % 2 ? 1e308 : -1e308 }],
    ],
  ];
  const rows = manners.map(([what]) => ({ what, sent: 0, refused: 0 }));
  const noNumbers = { what: 'NaN, Infinity, 1e999', sent: 0, refused: 0 };
  for (let turn = 0; turn < 30; turn += 1) {
    for (const [index, [, make]] of manners.entries()) {
      const samples = make(turn);
      const row = rows[index];
      if (row === undefined || samples.length === 0) continue;
      const { body } = (await bot.post('/api/metrics', { samples })) as {
        body: { refused?: readonly object[] };
      };
      row.sent += samples.length;
      row.refused += body.refused?.length ?? samples.length;
    }
    for (const value of ['NaN', 'Infinity', '1e999']) noNumbers.refused += await pushRaw(bot, value);
    noNumbers.sent += 3;
    await sleep(3_000);
  }
  return [...rows, noNumbers];
}

/** As text, since JSON has no such numbers. 1 = not taken. */
async function pushRaw(bot: BotProcess, value: string): Promise<number> {
  const response = await fetch(`${bot.url}/api/metrics`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bot.token}`, 'content-type': 'application/json' },
    body: `{"samples":[{"metric":"orders","value":${value}}]}`,
  });
  const body = (await response.json()) as { refused?: readonly object[] };
  return response.status >= 400 || (body.refused?.length ?? 0) > 0 ? 1 : 0;
}

interface Source {
  readonly url: string;
  hang(): void;
  close(): void;
}

/** A Prometheus server that knows one metric, until it answers nothing any more. */
async function openSource(): Promise<Source> {
  let silent = false;
  const server = createServer((_, response) => {
    if (silent) return;
    const value = [Date.now() / 1_000, String(12 + Math.random())];
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value }] } }),
    );
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hang() {
      silent = true;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function levelsOf(bot: BotProcess): Promise<ReadonlyMap<string, number>> {
  await sleep(20_000);
  const { body } = (await bot.get('/api/metrics')) as {
    body: { metrics: readonly { metric: string; value: number | null }[] };
  };
  return new Map(
    body.metrics.flatMap(({ metric, value }) => (value === null ? [] : [[metric, value] as const])),
  );
}

async function fresh(bot: BotProcess, known: ReadonlySet<string>): Promise<readonly Told[]> {
  return (await told(bot)).filter(({ title }) => !known.has(title));
}

async function told(bot: BotProcess): Promise<readonly Told[]> {
  const { body } = (await bot.get('/api/incidents?limit=200')) as { body: { incidents: readonly Told[] } };
  return body.incidents;
}

function list(incidents: readonly Told[]): string {
  const words = incidents.map(
    ({ title, severity, anomalies }) =>
      `${title} (${severity}): ${anomalies.map(({ summary }) => summary).join(' / ')}`,
  );
  return words.length === 0 ? 'nothing' : words.join('; ');
}

function at(metric: string, value: number, shift: number): object {
  return { metric, value, time: new Date(Date.now() + shift).toISOString() };
}

function sleep(span: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, span));
}
