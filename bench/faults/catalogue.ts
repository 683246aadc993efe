/**
 * The faults: how each is done to the host for real, how soon it must be told, and what must be named as its cause.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { BotProcess } from '../../test/support/bot-process.ts';
import { GITHUB_SECRET } from './configs.ts';
import type { World } from './world.ts';

const STRESS = '/usr/bin/stress-ng';
/** Of all memory; the limit of the bench lies below it. */
const MEMORY_TAKEN = '22%';
const SLOW = 1_500;

export interface Scene {
  readonly world: World;
  readonly bot: BotProcess;
  /** Ends with the fault, whatever happens. */
  start(argv: readonly string[]): ChildProcess;
  sleep(span: number): Promise<void>;
}

export interface Fault {
  readonly name: string;
  readonly what: string;
  /** `slow` = hours long already when the bot starts; there is no bar for it. */
  readonly bar: 'hard' | 'soft' | 'slow';
  /** It is felt by the whole host: no other runs beside it. */
  readonly alone: boolean;
  /** What is milder does not tell it. */
  readonly least: 'info' | 'warning';
  /** Any of these tells it. */
  readonly kinds: readonly string[];
  readonly target: string | null;
  /** What the first cause, or where nothing but the trouble itself is to be named the sentence, must say. */
  readonly names: { readonly in: 'cause' | 'sentence'; readonly text: RegExp };
  /** What a metric showed so many hours ago, where it is not the level of now. */
  past?(metric: string, level: number, hoursAgo: number): number;
  /** Before the first start of the bot. */
  arrange?(world: World): void;
  /** Before the clock starts. */
  prepare?(scene: Scene): Promise<void>;
  do(scene: Scene): Promise<void>;
}

export const CATALOGUE: readonly Fault[] = [
  {
    ...fault('cpu', 'stress-ng on all cores', 'soft', ['high_cpu', 'high_load', 'high_pressure'], null),
    alone: true,
    // A busy host is told at once, and is a warning when it lasts a quarter of an hour.
    least: 'info',
    names: { in: 'cause', text: /stress-ng.*pid \d+.* of a core|stress-ng.*cores/ },
    do: async ({ start }) => {
      start([STRESS, '--cpu', String(availableParallelism()), '--quiet']);
    },
  },
  {
    ...fault('memory', 'stress-ng takes 22 % of the memory', 'soft', ['high_memory'], null),
    alone: true,
    least: 'info',
    names: { in: 'cause', text: /stress-ng.*pid \d+.* GB of memory/ },
    do: async ({ start }) => {
      start([
        STRESS,
        '--vm',
        '1',
        '--vm-bytes',
        MEMORY_TAKEN,
        '--vm-keep',
        '--vm-method',
        'zero-one',
        '--quiet',
      ]);
    },
  },
  {
    ...fault('disk', 'a program fills a small file system', 'soft', ['disk_filling'], null),
    names: { in: 'cause', text: /node filler.mjs \(pid \d+\) writes up to [\d.]+ MB\/s/ },
    do: async ({ start, world }) => {
      start([process.execPath, join(world.folder, 'filler.mjs'), join(world.disk ?? '', 'log')]);
    },
  },
  {
    ...fault('slow', 'a service takes 1.5 s to answer', 'soft', ['high_latency'], 'shop'),
    names: { in: 'sentence', text: /Latency of shop .*1,5\d\d ms/ },
    do: async ({ world }) => world.shop.behave({ delay: SLOW }),
  },
  {
    ...fault('failing', 'a service answers 7 of 10 with 500', 'soft', ['low_success_rate'], 'shop'),
    names: { in: 'sentence', text: /shop.* 500/ },
    do: async ({ world }) => world.shop.behave({ failing: 0.7 }),
  },
  {
    ...fault('slow-dependency', 'what the shop asks takes 1.5 s', 'soft', ['high_latency'], 'shop|stock'),
    names: { in: 'sentence', text: /Latency of stock .*1,5\d\d ms/ },
    do: async ({ world }) => world.stock.behave({ delay: SLOW }),
  },
  {
    ...fault('dead-dependency', 'what the shop asks is gone', 'hard', ['service_down'], 'stock'),
    names: { in: 'sentence', text: /stock does not answer: nobody listens/ },
    do: async ({ world }) => world.stock.close(),
  },
  {
    ...fault('refused', 'nobody listens any more', 'hard', ['service_down'], 'shop'),
    names: { in: 'sentence', text: /shop does not answer: nobody listens/ },
    do: async ({ world }) => world.shop.close(),
  },
  {
    ...fault('hanging', 'a service answers nothing', 'hard', ['service_down'], 'shop'),
    names: { in: 'sentence', text: /shop does not answer: no answer within/ },
    do: async ({ world }) => world.shop.behave({ silent: true }),
  },
  {
    ...fault('stuck-queue', 'the task that runs hangs', 'soft', ['queue_stuck'], null),
    names: { in: 'cause', text: /send-invoice.*(runs|running)/ },
    prepare: feedQueue,
    do: async ({ world }) => world.fault.set('hang'),
  },
  {
    ...fault('paused-queue', 'somebody paused the queue', 'soft', ['queue_stuck'], null),
    names: { in: 'cause', text: /queue default.*paused/i },
    prepare: feedQueue,
    do: async ({ bot }) => void (await bot.command('queue pause', { queue: 'default' })),
  },
  {
    ...fault(
      'crash-loop',
      'a worker ends 1 s after each start',
      'hard',
      ['crash_loop', 'worker_down'],
      'importer',
    ),
    names: { in: 'cause', text: /importer.*code 3/ },
    do: async ({ world }) => world.fault.set('crash'),
  },
  {
    ...fault('deploy', 'a deployment, then errors', 'soft', ['low_success_rate'], 'shop'),
    names: { in: 'cause', text: /deploy/i },
    do: async ({ bot, world, sleep }) => {
      await deploy(bot, world);
      await sleep(1_000);
      world.shop.behave({ failing: 0.8 });
    },
  },
  {
    ...fault('config', 'configuration read again, then slow', 'soft', ['high_latency'], 'shop'),
    names: { in: 'cause', text: /configuration/i },
    do: async ({ bot, world, sleep }) => {
      changeConfig(bot.folder);
      process.kill(bot.pid, 'SIGHUP');
      await sleep(1_000);
      world.shop.behave({ delay: SLOW });
    },
  },
  {
    ...fault('leak', 'memory has risen by 3 % an hour for six hours', 'slow', ['memory_leak'], null),
    names: { in: 'sentence', text: /Memory use rises by .* an hour.* reaches .* in about .* \(.* to .*\)/ },
    past: (metric, level, hoursAgo) =>
      metric === 'memory' ? Math.max(0.01, level - 0.03 * Math.min(hoursAgo, 4)) : level,
    do: async () => {},
  },
  {
    ...fault('slow-disk', 'a disk has filled by 6 % an hour for six hours', 'slow', ['disk_filling'], null),
    names: {
      in: 'sentence',
      text: /Disk use of .* rises by .* an hour.* reaches 100 % in about .* \(.* to .*\)/,
    },
    past: (metric, level, hoursAgo) =>
      metric.startsWith('disk:') ? level - 0.06 * Math.min(hoursAgo, 6) : level,
    arrange: ({ disk }) => writeFileSync(join(disk ?? '', 'old'), Buffer.alloc(40_000_000, 1)),
    do: async ({ start, world }) => {
      // 6 % of 64 MB an hour.
      start([process.execPath, join(world.folder, 'filler.mjs'), join(world.disk ?? '', 'log'), '270']);
    },
  },
];

function fault(
  name: string,
  what: string,
  bar: Fault['bar'],
  kinds: readonly string[],
  target: string | null,
): Pick<Fault, 'name' | 'what' | 'bar' | 'alone' | 'least' | 'kinds' | 'target'> {
  return { name, what, bar, alone: false, least: 'warning', kinds, target };
}

/** Work comes every two seconds, as long as the bot lives. */
async function feedQueue({ bot, sleep }: Scene): Promise<void> {
  const feed = async (): Promise<void> => {
    for (;;) {
      await bot.post('/api/tasks', { task: 'send-invoice' });
      await sleep(2_000);
    }
  };
  // Ends with the bot: then nobody answers.
  feed().catch(() => {});
  await sleep(10_000);
}

async function deploy(bot: BotProcess, world: World): Promise<void> {
  const { data } = await bot.command('webhook list');
  const path = /\/hooks\/github\/[\w-]+/.exec(JSON.stringify(data))?.[0] ?? '';
  const body = JSON.stringify({
    action: 'created',
    deployment: {
      id: 7,
      environment: 'production',
      ref: 'v2.4.1',
      sha: '9fceb02d0ae598e95dc970b74767f19372d61af8',
    },
    repository: { full_name: 'acme/shop' },
  });
  const response = await fetch(`${bot.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'deployment',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', GITHUB_SECRET).update(body).digest('hex')}`,
    },
    body,
  });
  if (response.status !== 202)
    throw new Error(`the deployment was not taken: ${response.status} ${world.folder}`);
}

/** A reload of the same files is none. */
function changeConfig(folder: string): void {
  const path = join(folder, 'configs', 'anomaly_detection_config.json');
  const config: object = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...config, historyDays: 8 }));
}

export function spawnQuiet(argv: readonly string[]): ChildProcess {
  const [program = '', ...args] = argv;
  return spawn(program, args, { stdio: 'ignore', detached: true });
}
