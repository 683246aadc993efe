/**
 * Tasks that mark each of their runs with a file of their own, in a bot that is killed with SIGKILL again and again.
 * Afterwards every accepted task must be there, and the marks must agree with what the queue says of it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../dist/main.js');
const TOKEN = 'torture-token-0123456789';
const MARK = '/usr/bin/mktemp';
const AT_ONCE = 8;

export interface TortureOptions {
  readonly kills: number;
  readonly tasks: number;
  /** Milliseconds that a bot lives after it is ready: at least, at most. */
  readonly lives: readonly [number, number];
  readonly say?: (line: string) => void;
}

export interface TortureFindings {
  readonly kills: number;
  readonly accepted: number;
  /** Accepted, and not known afterwards. */
  readonly lost: number;
  readonly done: number;
  /** Dead letters: started, end unknown, and said so. */
  readonly marked: number;
  /** Not idempotent, run more than once. */
  readonly doubled: number;
  /** Said to be done without a run, or dead without a reason. */
  readonly wrong: number;
  /** Idempotent ones that ran more than once, all of them with more than one start on record. */
  readonly repeated: number;
  /** Idempotent ones that ran more often than the record says. */
  readonly unmarked: number;
  /** Neither done nor dead in the end. */
  readonly left: number;
  readonly seconds: number;
}

interface TaskSeen {
  readonly state: string;
  readonly attempts: number;
  readonly reason: string;
}

interface Bot {
  readonly url: string;
  readonly child: ChildProcess;
}

export async function torture(options: TortureOptions): Promise<TortureFindings> {
  const begun = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-torture-'));
  const marks = join(folder, 'marks');
  mkdirSync(marks);
  writeConfigs(folder, marks);
  const names = Array.from(
    { length: options.tasks },
    (_, index) => `${index % 2 === 0 ? 'once' : 'again'}.${index}`,
  );
  const accepted = new Set<string>();
  const open = [...names];
  try {
    for (let kill = 0; kill < options.kills; kill += 1) {
      const share = Math.ceil(open.length / (options.kills - kill));
      await oneLife(folder, open, share, accepted, between(options.lives));
      if ((kill + 1) % 10 === 0) options.say?.(`${kill + 1} kills, ${accepted.size} accepted`);
    }
    return await settle(folder, marks, names, accepted, { kills: options.kills, begun });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Submits a share of what is open while the bot lives, and kills it in the middle. */
async function oneLife(
  folder: string,
  open: string[],
  share: number,
  accepted: Set<string>,
  life: number,
): Promise<void> {
  const bot = await start(folder);
  let over = false;
  const killer = new Promise<void>((resolve) => {
    setTimeout(() => {
      over = true;
      bot.child.once('exit', () => resolve());
      bot.child.kill('SIGKILL');
    }, life);
  });
  let left = share;
  const client = async (): Promise<void> => {
    while (!over && left > 0) {
      left -= 1;
      const name = open.pop();
      if (name === undefined) return;
      const answer = await submit(bot.url, name).catch(() => null);
      if (answer === null)
        open.push(name); // no answer: asked again later, with the same key
      else accepted.add(name);
    }
  };
  await Promise.all([killer, ...Array.from({ length: AT_ONCE }, client)]);
}

/** The last start: everything that is open is submitted, everything that waits runs, then all is compared. */
async function settle(
  folder: string,
  marks: string,
  names: readonly string[],
  accepted: ReadonlySet<string>,
  { kills, begun }: { readonly kills: number; readonly begun: number },
): Promise<TortureFindings> {
  const bot = await start(folder);
  try {
    const known = new Map<string, TaskSeen>();
    let lost = 0;
    await inParallel(names, async (name) => {
      const { existing } = await submit(bot.url, name);
      if (!existing && accepted.has(name)) lost += 1;
    });
    await idle(bot.url);
    await inParallel(names, async (name) => void known.set(name, (await submit(bot.url, name)).task));
    return { kills, accepted: accepted.size, lost, ...judge(known, runsOf(marks)), seconds: since(begun) };
  } finally {
    bot.child.kill('SIGKILL');
  }
}

type Judged = Omit<TortureFindings, 'kills' | 'accepted' | 'lost' | 'seconds'>;

function judge(known: ReadonlyMap<string, TaskSeen>, runs: ReadonlyMap<string, number>): Judged {
  const seen = [...known].map(([name, task]) => ({ ...task, name, ran: runs.get(name) ?? 0 }));
  const count = (fits: (task: (typeof seen)[number]) => boolean): number => seen.filter(fits).length;
  return {
    done: count(({ state }) => state === 'done'),
    marked: count(({ state }) => state === 'dead'),
    left: count(({ state }) => state !== 'done' && state !== 'dead'),
    wrong: count(
      ({ state, ran, reason }) => (state === 'done' && ran === 0) || (state === 'dead' && reason === ''),
    ),
    doubled: count(({ name, ran }) => ran > 1 && name.startsWith('once')),
    repeated: count(({ name, ran }) => ran > 1 && name.startsWith('again')),
    unmarked: count(({ ran, attempts }) => ran > attempts),
  };
}

/** How often each task ran: each run left a file that ends with its name. */
function runsOf(marks: string): ReadonlyMap<string, number> {
  const runs = new Map<string, number>();
  for (const file of readdirSync(marks)) {
    const name = file.slice(file.indexOf('_') + 1);
    runs.set(name, (runs.get(name) ?? 0) + 1);
  }
  return runs;
}

function writeConfigs(folder: string, marks: string): void {
  const configs = join(folder, 'configs');
  mkdirSync(configs);
  const mark = (name: string, idempotent: boolean): unknown => ({
    name,
    command: [MARK, '-p', marks, '--suffix', '{id}', 'XXXXXXXXXX'],
    variables: { id: { type: 'name' } },
    idempotent,
    attempts: 3,
    backoffSeconds: 0,
  });
  const files = {
    'workers.json': { tasks: [mark('once', false), mark('again', true)] },
    'targets.json': { queues: [{ engine: 'embedded', name: 'default', concurrency: 8 }] },
    'bot.json': {},
    'anomaly_detection_config.json': {},
    'healing_strategies.json': {},
    'backup.json': {},
  };
  for (const [name, value] of Object.entries(files))
    writeFileSync(join(configs, name), JSON.stringify(value));
}

async function start(folder: string): Promise<Bot> {
  const child = spawn(process.execPath, [MAIN, 'start'], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      NIGHTSHIFT_CONFIG_DIR: join(folder, 'configs'),
      NIGHTSHIFT_DATA_DIR: join(folder, 'data'),
      NIGHTSHIFT_PORT: '0',
      NIGHTSHIFT_TOKEN: TOKEN,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let output = '';
    const hear = (text: Buffer): void => {
      output += text.toString();
      const url = /(http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
      if (url !== undefined) resolve({ url, child });
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', (code) => reject(new Error(`the bot ended with ${code}:\n${output}`)));
  });
}

async function submit(
  url: string,
  name: string,
): Promise<{ readonly existing: boolean; readonly task: TaskSeen }> {
  const task = name.slice(0, name.indexOf('.'));
  const response = await fetch(`${url}/api/tasks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ task, variables: { id: `_${name}` }, key: name }),
    signal: AbortSignal.timeout(10_000),
  });
  if (response.status !== 202) throw new Error(`status ${response.status}: ${await response.text()}`);
  return (await response.json()) as { existing: boolean; task: TaskSeen };
}

/** Until nothing waits and nothing runs. */
async function idle(url: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/api/tasks?limit=1`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const { queues } = (await response.json()) as { queues: { depth: number; running: number }[] };
    if (queues.every(({ depth, running }) => depth === 0 && running === 0)) return;
    await new Promise((next) => setTimeout(next, 200));
  }
}

async function inParallel(names: readonly string[], act: (name: string) => Promise<void>): Promise<void> {
  const rest = [...names];
  const work = async (): Promise<void> => {
    for (let name = rest.pop(); name !== undefined; name = rest.pop()) await act(name);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

function between([least, most]: readonly [number, number]): number {
  return least + Math.random() * (most - least);
}

function since(begun: number): number {
  return Math.round((performance.now() - begun) / 100) / 10;
}
