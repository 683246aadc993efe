/**
 * The built product as a user runs it: its own process, folders and port. Used by the end-to-end tests; nothing
 * here knows the inside of the bot.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const ROOT: string = resolve(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/main.js');

export interface BotProcess {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  readonly folder: string;
  readonly dataFolder: string;
  /** Everything it printed so far. */
  output(): string;
  get(path: string): Promise<{ readonly status: number; readonly body: unknown }>;
  post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: unknown }>;
  /** Runs one `/ops` command at the API. */
  command(
    command: string,
    options?: Record<string, unknown>,
  ): Promise<{ readonly ok: boolean; readonly code: string; readonly text: string; readonly data: unknown }>;
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

export interface BotOptions {
  /** configs/*.json by file name. */
  readonly configs?: Readonly<Record<string, unknown>>;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Reuse the folders of an earlier bot: a restart. */
  readonly folder?: string;
}

const TOKEN = 'test-token-0123456789abcdef';

/** Builds dist/ when it is missing or old, as `npm start` would. */
export function buildOnce(): void {
  const done = spawnSync(process.execPath, [join(ROOT, 'scripts/start.mjs'), '--help'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (done.status !== 0 || !existsSync(MAIN)) throw new Error(`the build failed: ${done.stderr}`);
}

export function createFolder(): string {
  return mkdtempSync(join(tmpdir(), 'nightshift-e2e-'));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Starts the bot and waits until it is ready. */
export async function startBot(options: BotOptions = {}): Promise<BotProcess> {
  const folder = options.folder ?? createFolder();
  const configFolder = join(folder, 'configs');
  const dataFolder = join(folder, 'data');
  mkdirSync(configFolder, { recursive: true });
  for (const [name, value] of Object.entries(options.configs ?? {})) {
    writeFileSync(join(configFolder, name), typeof value === 'string' ? value : JSON.stringify(value), {
      mode: 0o644,
    });
  }
  const child = spawn(process.execPath, [MAIN, ...(options.args ?? ['start'])], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      NIGHTSHIFT_CONFIG_DIR: configFolder,
      NIGHTSHIFT_DATA_DIR: dataFolder,
      NIGHTSHIFT_PORT: '0',
      NIGHTSHIFT_TOKEN: TOKEN,
      NIGHTSHIFT_HOSTNAME: 'web-1',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const url = await until(20_000, () => {
    if (child.exitCode !== null) throw new Error(`the bot ended with ${child.exitCode}:\n${output}`);
    return /(http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
  });
  return connect(child, url, folder, dataFolder, () => output);
}

/** Runs one CLI command to its end, as a person would type it. */
export function runCli(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const done = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 30_000,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      NIGHTSHIFT_CONFIG_DIR: join(folder, 'configs'),
      NIGHTSHIFT_DATA_DIR: join(folder, 'data'),
      NIGHTSHIFT_TOKEN: TOKEN,
      ...env,
    },
  });
  return { code: done.status, stdout: done.stdout, stderr: done.stderr };
}

/** Asks until `probe` gives something truthy. Throws what the last probe threw, or after `limit` ms. */
export async function until<T>(
  limit: number,
  probe: () => T | undefined | Promise<T | undefined>,
): Promise<NonNullable<T>> {
  const end = Date.now() + limit;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`nothing after ${limit / 1_000} s`);
    await new Promise((next) => setTimeout(next, 50));
  }
}

function connect(
  child: ChildProcess,
  url: string,
  folder: string,
  dataFolder: string,
  output: () => string,
): BotProcess {
  const call = async (path: string, init: RequestInit): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(`${url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    try {
      return { status: response.status, body: JSON.parse(text) };
    } catch {
      return { status: response.status, body: text };
    }
  };
  const post: BotProcess['post'] = (path, body) => call(path, { method: 'POST', body: JSON.stringify(body) });
  return {
    url,
    token: TOKEN,
    pid: child.pid ?? 0,
    folder,
    dataFolder,
    output,
    get: (path) => call(path, {}),
    post,
    async command(command, options = {}) {
      const { body } = await post('/api/commands', { command, options });
      return body as Awaited<ReturnType<BotProcess['command']>>;
    },
    kill(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
      return new Promise((resolveExit) => {
        child.once('exit', (code) => resolveExit(code));
        child.kill(signal);
      });
    },
  };
}
