/**
 * `npm run bench -- healing [--pm2 FOLDER] [--workers 12] [--drill 1]`: the same programs under Nightshift, PM2 and
 * supervisord, one after the other on this machine: killed, hung, leaking, crashing slowly. Then the drill, which has no
 * peer here: none of them looks whether it helped.
 *
 * PM2 is installed into a temporary folder for this run alone; supervisord is Debian's `supervisor`. What is not there
 * is left out and said.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { drill } from './healing/drill.ts';
import { type Peer, peers } from './healing/peers.ts';

const WATCH_HANG = 60_000;
const WATCH_LEAK = 120_000;
const WATCH_CRASHES = 100_000;

interface Figures {
  readonly name: string;
  readonly dead: readonly number[];
  readonly hung: number | null;
  readonly leak: number | null;
  readonly exits: number;
  readonly stopped: boolean;
}

export async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      pm2: { type: 'string' },
      workers: { type: 'string', default: '12' },
      drill: { type: 'string', default: '1' },
      build: { type: 'string', default: join(import.meta.dirname, '..', 'dist') },
    },
  });
  const scratch = mkdtempSync(join(tmpdir(), 'nightshift-bench-'));
  try {
    const rows: Figures[] = [];
    for (const peer of peers({ scratch, built: values.build, pm2: values.pm2 ?? null })) {
      const figures = await measure(peer, scratch, Number(values.workers));
      if (figures !== null) rows.push(figures);
    }
    print(rows);
    if (Number(values.drill) > 0) await drill(values.build, Number(values.drill), scratch);
    return 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function measure(peer: Peer, scratch: string, count: number): Promise<Figures | null> {
  const folder = join(scratch, peer.name);
  mkdirSync(folder, { recursive: true });
  const log = join(folder, 'starts.log');
  const script = join(folder, 'program.mjs');
  writeFileSync(script, PROGRAM);
  writeFileSync(log, '');
  const steady = Array.from({ length: count }, (_, index) => `steady-${index}`);
  const reason = await peer.start({ folder, script, log, programs: [...steady, 'hung', 'leak', 'crash'] });
  if (reason !== null) {
    process.stdout.write(`${peer.name}: left out, ${reason}\n`);
    return null;
  }
  const starts = (name: string): readonly number[] => startsOf(log, name);
  try {
    await until(30_000, () => steady.every((name) => starts(name).length > 0));
    await sleep(3_000);
    const crashes = crashLoop(starts);
    const dead: number[] = [];
    for (const name of steady) {
      dead.push((await again(starts, name, 'SIGKILL', 30_000)) ?? Number.POSITIVE_INFINITY);
      await sleep(700);
    }
    const [hung, leak] = await Promise.all([
      again(starts, 'hung', 'SIGSTOP', WATCH_HANG),
      again(starts, 'leak', 'SIGUSR2', WATCH_LEAK),
    ]);
    return { name: peer.name, dead, hung, leak, ...(await crashes) };
  } finally {
    signalLast(starts('hung'), 'SIGCONT');
    await peer.stop();
  }
}

/** Exits in the time watched, and whether the last quarter of it was quiet. */
async function crashLoop(
  starts: (name: string) => readonly number[],
): Promise<{ readonly exits: number; readonly stopped: boolean }> {
  await sleep(WATCH_CRASHES * 0.75);
  const then = starts('crash').length;
  await sleep(WATCH_CRASHES * 0.25);
  const now = starts('crash').length;
  return { exits: now, stopped: now === then };
}

/** Milliseconds until the program has started again, or `null`. */
async function again(
  starts: (name: string) => readonly number[],
  name: string,
  signal: NodeJS.Signals,
  limit: number,
): Promise<number | null> {
  const before = starts(name);
  const begun = performance.now();
  signalLast(before, signal);
  const found = await until(limit, () => starts(name).length > before.length, 2);
  return found ? performance.now() - begun : null;
}

function signalLast(pids: readonly number[], signal: NodeJS.Signals): void {
  const pid = pids.at(-1);
  if (pid === undefined) return;
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}

function startsOf(log: string, name: string): readonly number[] {
  if (!existsSync(log)) return [];
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`${name} `))
    .map((line) => Number(line.split(' ')[1]));
}

async function until(limit: number, probe: () => boolean, every = 50): Promise<boolean> {
  const end = performance.now() + limit;
  while (performance.now() < end) {
    if (probe()) return true;
    await sleep(every);
  }
  return probe();
}

function print(rows: readonly Figures[]): void {
  const head = [
    '',
    'dead to new pid p50 / p95 / max',
    'hung (60 s)',
    'leak (120 s)',
    'exits in 100 s',
    'stopped',
  ];
  const table = [head, ...rows.map(cells)];
  const widths = head.map((_, at) => Math.max(...table.map((row) => row[at]?.length ?? 0)));
  for (const row of table) {
    process.stdout.write(`${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}\n`);
  }
  process.stdout.write('bar: p95 at most 1500 ms; slow crash loop stopped after at most 5 exits\n\n');
}

function cells({ name, dead, hung, leak, exits, stopped }: Figures): readonly string[] {
  const sorted = [...dead].sort((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN).toFixed(0);
  const seconds = (value: number | null): string =>
    value === null ? 'not restarted' : `${(value / 1_000).toFixed(1)} s`;
  return [
    name,
    `${at(0.5)} / ${at(0.95)} / ${at(1)} ms`,
    seconds(hung),
    seconds(leak),
    String(exits),
    stopped ? 'yes' : 'no',
  ];
}

/** One program for all: says that it started, beats, leaks when it is told to, and as `crash` lives 1.5 s. */
const PROGRAM = `import { appendFileSync, utimesSync, writeFileSync } from 'node:fs';
const [name, log, folder] = process.argv.slice(2);
appendFileSync(log, name + ' ' + process.pid + '\\n');
const beat = folder + '/' + name + '.beat';
writeFileSync(beat, '');
setInterval(() => utimesSync(beat, new Date(), new Date()), 1000);
const held = [];
process.on('SIGUSR2', () => setInterval(() => held.length < 60 && held.push(Buffer.alloc(5e6, 1)), 250));
if (name === 'crash') setTimeout(() => process.exit(1), 1500);
`;
