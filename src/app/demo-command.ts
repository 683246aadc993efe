/**
 * `nightshift demo`: the bot on a sandbox of its own, in production mode there and nowhere else. `demo break FAULT`
 * and `demo mend` work from another terminal while it runs.
 */
import { basename, dirname, join, resolve } from 'node:path';
import type { HttpClient } from '../domain/ports.ts';
import { createSystemClock } from '../platform/clock.ts';
import { createHttpClient } from '../platform/http-client.ts';
import { prepareDemo, readDemo } from './demo.ts';
import { createDemoDesk, DEMO_FAULTS, injectFault } from './demo-faults.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { start } from './start.ts';

const USAGE = `Usage: nightshift demo [command]
  (none)         start the bot on a sandbox service and a sandbox worker that you can break
  break FAULT    break something: ${DEMO_FAULTS.map(({ name }) => name).join(', ')}
  mend           end all faults
Other commands reach the demo with: NIGHTSHIFT_DATA_DIR=data/demo/data nightshift status
Example: nightshift demo break hang
`;

/** Resolves with the exit code: 0 done, 1 failed, 2 bad usage, 4 no demo here. */
export async function demo(
  argv: readonly string[],
  begunAfter: number,
  env: Environment = readEnvironment(),
): Promise<number> {
  const [verb, fault, ...rest] = argv;
  const folder = await demoFolder(env.dataFolder);
  const http = createHttpClient({ clock: createSystemClock() });
  if (argv.includes('--help')) return say(USAGE, 0);
  if (verb === undefined) return startDemo(folder, env, http, begunAfter);
  if (verb === 'mend' && fault === undefined) return inject(folder, 'mend', http);
  if (verb === 'break' && fault !== undefined && rest.length === 0) return inject(folder, fault, http);
  process.stderr.write(USAGE);
  return 2;
}

/** Whoever has told the other commands where the demo keeps its data means that demo, and no demo inside it. */
async function demoFolder(dataFolder: string): Promise<string> {
  const around = dirname(resolve(dataFolder));
  const isOfDemo = basename(resolve(dataFolder)) === 'data' && (await readDemo(around)).length > 0;
  return isOfDemo ? around : join(dataFolder, 'demo');
}

async function startDemo(
  folder: string,
  env: Environment,
  http: HttpClient,
  begunAfter: number,
): Promise<number> {
  const { configFolder, dataFolder, patients } = await prepareDemo(folder);
  say('The demo has two patients: demo-shop (critical, asks before a restart) and rpa-worker.\n', 0);
  say(`Break one in the console, or in another terminal: nightshift demo break hang\n`, 0);
  const context = { begunAfter, demo: createDemoDesk(folder, patients, http) };
  return start([], context, { ...env, configFolder, dataFolder });
}

async function inject(folder: string, fault: string, http: HttpClient): Promise<number> {
  const result = await injectFault(folder, fault, http);
  switch (result.kind) {
    case 'done':
    case 'would':
      return say(`${result.text}\n`, 0);
    case 'not_found':
      return complain(
        result.reason,
        DEMO_FAULTS.some(({ name }) => name === fault) || fault === 'mend' ? 4 : 2,
      );
    case 'failed':
    case 'refused':
      return complain(result.reason, 1);
  }
}

function say(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}

function complain(text: string, code: number): number {
  process.stderr.write(`${text}\n`);
  return code;
}
