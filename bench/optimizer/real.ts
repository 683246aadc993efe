/**
 * The built bot on this host, its embedded queue, critical tasks now and then and a pile of batch tasks that burn
 * processor time: how long critical tasks wait on an idle host, in one line with the batch tasks, with classes, and
 * with classes and the throttle; and how well the CPU budget of 80 % is held.
 *
 * `--own-group` counts only what the run itself uses (see own-group.ts); without it the machine must be quiet.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from './loads.ts';
import { createOwnGroup, type OwnGroup } from './own-group.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MAIN = join(ROOT, 'dist/main.js');
const TOKEN = 'bench-token-0123456789abcdef';
const CRITICAL_MS = 200;
const CRITICAL_EVERY_MS = 1_500;
const BATCH_MS = 1_000;
const PILE = 400;
const BUDGET = 80;
const SHORT = 30;
/** Both that are compared get the same arrivals: a p95 of few is the second worst of them. */
const LONG = 120;

interface Way {
  readonly name: string;
  readonly seconds: number;
  readonly batch: boolean;
  readonly classes: boolean;
  readonly throttle: boolean;
}

const WAYS: readonly Way[] = [
  { name: 'idle host', seconds: LONG, batch: false, classes: true, throttle: false },
  { name: 'one line, no throttle', seconds: SHORT, batch: true, classes: false, throttle: false },
  { name: 'classes, no throttle', seconds: SHORT, batch: true, classes: true, throttle: false },
  { name: 'classes and throttle', seconds: LONG, batch: true, classes: true, throttle: true },
];

interface Outcome {
  readonly waits: readonly number[];
  readonly responses: readonly number[];
  /** Critical tasks that had not begun to work at the end; their waits so far are among `waits`. */
  readonly open: number;
  readonly batchDone: number;
  /** Share of the host in the last minute, or the last half of a shorter run. */
  readonly use: number;
}

export async function runReal(ownGroup: boolean): Promise<void> {
  if (!existsSync('/usr/bin/perl')) return console.log('real: left out, there is no /usr/bin/perl');
  console.log(`\nthe built bot on this host: ${availableParallelism()} cores, CPU budget ${BUDGET} %`);
  console.log(
    ownGroup
      ? '  counted: what the run itself uses, in a control group that goes before the rest of the machine'
      : '  counted: the whole machine',
  );
  console.log(
    '  way                     seconds    wait p50      p95   against idle   response p95   open   batch done   CPU, last minute',
  );
  let idle = 0;
  for (const way of WAYS) {
    const one = await play(way, ownGroup);
    const wait = quantile(one.waits, 0.95);
    if (way.name === 'idle host') idle = wait;
    const cells = [
      String(way.seconds).padStart(8),
      `${(quantile(one.waits, 0.5) * 1_000).toFixed(0)} ms`.padStart(11),
      `${(wait * 1_000).toFixed(0)} ms`.padStart(9),
      `${(wait / idle).toFixed(2)}×`.padStart(13),
      `${(quantile(one.responses, 0.95) * 1_000).toFixed(0)} ms`.padStart(14),
      String(one.open).padStart(6),
      String(one.batchDone).padStart(12),
      `${(one.use * 100).toFixed(1)} %`.padStart(16),
    ];
    console.log(`  ${way.name.padEnd(24)}${cells.join(' ')}`);
  }
}

async function play(way: Way, ownGroup: boolean): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-real-'));
  const group = ownGroup ? createOwnGroup(folder, availableParallelism()) : null;
  const ticking = group === null ? undefined : setInterval(() => group.refresh(), 500);
  const log = join(folder, 'log');
  writeFileSync(log, '');
  const bot = await startBot(folder, log, way, group);
  try {
    return await drive(way, bot.url, log, group);
  } finally {
    bot.child.kill('SIGTERM');
    await new Promise((resolve) =>
      bot.child.exitCode === null ? bot.child.once('exit', resolve) : resolve(null),
    );
    clearInterval(ticking);
    await emptied(group);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function drive(way: Way, url: string, log: string, group: OwnGroup | null): Promise<Outcome> {
  const random = seeded(7);
  const submitted = new Map<string, number>();
  const asked: Promise<void>[] = [];
  const used = group === null ? machineUse : group.used;
  const pile = Array.from({ length: way.batch ? PILE : 0 }, (_, id) => submit(url, 'batch', `b${id}`, way));
  await Promise.all(pile);
  // The pile stands; a moment for the bot to be at rest or at work.
  await sleep(2_000);
  const begun = performance.now();
  const end = begun + way.seconds * 1_000;
  const counted = Math.min(60, way.seconds / 2) * 1_000;
  let [from, fromAt] = [used(), begun];
  let counting = false;
  for (let id = 0; performance.now() < end; id += 1) {
    await sleep(Math.min(-Math.log(1 - random()) * CRITICAL_EVERY_MS, end - performance.now()));
    if (!counting && performance.now() >= end - counted) {
      [from, fromAt, counting] = [used(), performance.now(), true];
    }
    submitted.set(`c${id}`, Date.now() / 1_000);
    asked.push(submit(url, 'critical', `c${id}`, way));
  }
  const use = (used() - from) / (((performance.now() - fromAt) / 1_000) * availableParallelism());
  await Promise.all(asked);
  await sleep(1_500);
  return outcomeOf(readFileSync(log, 'utf8'), submitted, use);
}

function outcomeOf(log: string, submitted: ReadonlyMap<string, number>, use: number): Outcome {
  const lines = log
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  const waits = new Map<string, number>();
  const responses: number[] = [];
  for (const [kind, id = '', from, to] of lines) {
    const since = submitted.get(id);
    if (kind !== 'critical' || since === undefined) continue;
    waits.set(id, Number(from) - since);
    responses.push(Number(to) - since);
  }
  const now = Date.now() / 1_000;
  const open = [...submitted].filter(([id]) => !waits.has(id));
  return {
    waits: [...waits.values(), ...open.map(([, since]) => now - since)],
    responses: [...responses, ...open.map(([, since]) => now - since)],
    open: open.length,
    batchDone: lines.filter(([kind]) => kind === 'batch').length,
    use,
  };
}

async function submit(url: string, kind: 'critical' | 'batch', id: string, way: Way): Promise<void> {
  const answer = await fetch(`${url}/api/tasks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ task: kind, class: way.classes ? kind : 'normal', variables: { id } }),
  });
  if (answer.status !== 202) throw new Error(`submit answered ${answer.status}: ${await answer.text()}`);
  await answer.arrayBuffer();
}

interface Bot {
  readonly child: ChildProcess;
  readonly url: string;
}

async function startBot(folder: string, log: string, way: Way, group: OwnGroup | null): Promise<Bot> {
  const configs = join(folder, 'configs');
  cpSync(join(ROOT, 'configs'), configs, { recursive: true });
  for (const [name, change] of Object.entries(configsOf(log, way))) {
    const before = JSON.parse(readFileSync(join(configs, name), 'utf8')) as object;
    writeFileSync(join(configs, name), JSON.stringify({ ...before, ...change }));
  }
  mkdirSync(join(folder, 'data'));
  const start = [process.execPath, MAIN, 'start', '--production'];
  const argv =
    group === null
      ? start
      : [
          'unshare',
          '-m',
          'sh',
          '-c',
          'read go; mount --bind "$0" /proc/stat && exec "$@"',
          group.statFile,
          ...start,
        ];
  const child = spawn(argv[0] ?? '', argv.slice(1), {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'] ?? '',
      NIGHTSHIFT_CONFIG_DIR: configs,
      NIGHTSHIFT_DATA_DIR: join(folder, 'data'),
      NIGHTSHIFT_PORT: '0',
      NIGHTSHIFT_TOKEN: TOKEN,
    },
  });
  setPriority(child.pid ?? 0, 0);
  group?.add(child.pid ?? 0);
  child.stdin.end('go\n');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  for (let tries = 0; tries < 300; tries += 1) {
    const url = /(http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
    if (url !== undefined) return { child, url };
    await sleep(100);
  }
  throw new Error(`the bot did not start:\n${output}`);
}

function configsOf(log: string, way: Way): Readonly<Record<string, object>> {
  const task = (name: string, ms: number): object => ({
    name,
    command: ['/usr/bin/perl', join(import.meta.dirname, 'burn.pl'), log, name, '{id}', String(ms)],
    variables: { id: { type: 'name' } },
    class: name,
  });
  return {
    'targets.json': {
      queues: [{ engine: 'embedded', name: 'default', concurrency: 4, criticalSlots: way.classes ? 2 : 0 }],
    },
    'workers.json': { tasks: [task('critical', CRITICAL_MS), task('batch', BATCH_MS)] },
    'resource_budget.json': {
      budgets: { cpuPercent: BUDGET, memoryPercent: null },
      throttle: { enabled: way.throttle },
    },
    'healing_strategies.json': { strategies: [] },
  };
}

/** Seconds of processor time of the whole machine. */
function machineUse(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0] =
    readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.trim().split(/\s+/).slice(1).map(Number) ?? [];
  return (user + nice + system + irq + soft) / 100;
}

/** Tasks end with their time; a group can only be removed when it is empty. */
async function emptied(group: OwnGroup | null): Promise<void> {
  for (let tries = 0; group !== null && tries < 100; tries += 1) {
    try {
      return group.remove();
    } catch {
      await sleep(100); // a task still runs
    }
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
