/**
 * A sandbox: a bot of its own with three patients, in a folder of its own. It has none of the user's configuration,
 * secrets, targets or ports, so whatever it does it does to its patients.
 *
 * The folder is made anew each time; what an earlier sandbox left running in it is ended first, by its mark.
 */
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { OpsError } from '../../domain/errors.ts';
import type { Clock, CommandRunner, HttpClient, Random } from '../../domain/ports.ts';
import { type Ms, ms, seconds } from '../../domain/units.ts';
import { createHostProcesses } from '../../healing/host-processes.ts';
import { poolIdOf } from '../../healing/worker-shift.ts';
import { readLock } from '../../platform/lock.ts';
import type { ProcReader } from '../../platform/proc.ts';
import { createProcessTable } from '../../platform/process-identity.ts';
import { type Spawned, spawnDetached } from '../../platform/spawn-detached.ts';
import { freePort, patientProgram } from '../demo.ts';
import type { PatientName } from './catalogue.ts';
import { createSandboxApi, type SandboxApi } from './sandbox-api.ts';
import { type SandboxOverrides, sandboxConfigs } from './sandbox-configs.ts';
import { openSandboxDisk, type SandboxDisk } from './sandbox-disk.ts';

const READY_WITHIN: Ms = seconds(45);
const STOP_WITHIN: Ms = seconds(12);
const LOOK: Ms = ms(100);

export interface SandboxDeps {
  readonly clock: Clock;
  readonly http: HttpClient;
  readonly commands: CommandRunner;
  readonly random: Random;
  readonly proc: ProcReader;
  readonly timezone: string;
  readonly path: string;
}

export interface SandboxPlace {
  readonly folder: string;
  readonly over?: SandboxOverrides;
}

type Running = Extract<Spawned, { kind: 'started' }>;

export interface Sandbox {
  readonly folder: string;
  readonly dataFolder: string;
  readonly patientFolder: string;
  readonly isFileSystem: boolean;
  readonly ports: Readonly<Record<PatientName, number>>;
  /** Of the bot that runs now. */
  api(): SandboxApi;
  pid(): number;
  start(): Promise<void>;
  /** SIGKILL to the bot alone; the patients live on. */
  kill(): Promise<void>;
  /** Ends bot and patients, whatever state they are in. */
  stop(): Promise<void>;
}

/** @throws OpsError `INTERNAL` from `start` when the bot does not come up. */
export async function openSandbox(place: SandboxPlace, deps: SandboxDeps): Promise<Sandbox> {
  const folder = resolve(place.folder);
  const at = (name: string): string => join(folder, name);
  await endLeftovers(at('data'), deps);
  const disk = await openSandboxDisk(at('disk'), deps.commands);
  for (const name of ['configs', 'data', 'patients']) {
    await rm(at(name), { recursive: true, force: true });
    await mkdir(at(name), { recursive: true, mode: 0o700 });
  }
  await chmod(folder, 0o700);
  const ports = {
    'drill-db': await freePort(),
    'drill-shop': await freePort(),
    'drill-worker': await freePort(),
  };
  await writeConfigs(at('configs'), ports, disk, folder, place.over);
  return createSandbox(folder, ports, disk, deps);
}

function createSandbox(
  folder: string,
  ports: Readonly<Record<PatientName, number>>,
  disk: SandboxDisk,
  deps: SandboxDeps,
): Sandbox {
  const token = deps.random.hex(16);
  const dataFolder = join(folder, 'data');
  let running: Running | null = null;
  let api: SandboxApi | null = null;

  const stillHere = (): { running: Running; api: SandboxApi } => {
    if (running === null || api === null) throw new OpsError('NOT_RUNNING', 'the sandbox has not started');
    return { running, api };
  };

  return {
    folder,
    dataFolder,
    patientFolder: join(folder, 'patients'),
    isFileSystem: disk.isFileSystem,
    ports,
    api: () => stillHere().api,
    pid: () => stillHere().running.pid,
    async start() {
      running = await spawnBot(folder, token, deps);
      const url = await urlOf(dataFolder, running.pid, deps);
      api = createSandboxApi(url, token, deps.http);
    },
    async kill() {
      const { running: bot } = stillHere();
      signal(bot.pid, 'SIGKILL');
      await bot.exited;
    },
    async stop() {
      if (running !== null) await endBot(running, deps);
      await endLeftovers(dataFolder, deps);
      await disk.release();
    },
  };
}

async function writeConfigs(
  configs: string,
  ports: Readonly<Record<PatientName, number>>,
  disk: SandboxDisk,
  folder: string,
  over: SandboxOverrides | undefined,
): Promise<void> {
  const files = sandboxConfigs({
    ports,
    folder: join(folder, 'patients'),
    program: patientProgram(),
    disk,
    ...(over === undefined ? {} : { over }),
  });
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(configs, name), `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  }
}

async function spawnBot(folder: string, token: string, deps: SandboxDeps): Promise<Running> {
  const extension = extname(import.meta.filename);
  const spawned = await spawnDetached({
    argv: [
      process.execPath,
      ...(extension === '.ts' ? ['--import', import.meta.resolve('tsx')] : []),
      join(import.meta.dirname, `sandbox-main${extension}`),
      String(process.pid),
    ],
    // There is no `.env` of the user in it.
    cwd: folder,
    env: {
      PATH: deps.path,
      HOME: folder,
      TZ: deps.timezone,
      NIGHTSHIFT_CONFIG_DIR: join(folder, 'configs'),
      NIGHTSHIFT_DATA_DIR: join(folder, 'data'),
      NIGHTSHIFT_HOST: '127.0.0.1',
      NIGHTSHIFT_PORT: '0',
      NIGHTSHIFT_TOKEN: token,
      NIGHTSHIFT_HOSTNAME: 'drill',
    },
    outputPath: join(folder, 'bot.log'),
  });
  if (spawned.kind !== 'started')
    throw new OpsError('INTERNAL', `the sandbox bot cannot be started: ${spawned.reason}`);
  return spawned;
}

/** Its lock says where it listens. */
async function urlOf(dataFolder: string, pid: number, { clock, proc }: SandboxDeps): Promise<string> {
  const processes = createProcessTable({ proc });
  const until = clock.monotonic() + READY_WITHIN;
  while (clock.monotonic() < until) {
    const lock = await readLock(join(dataFolder, 'nightshift.lock'), processes);
    if (lock?.owner.pid === pid && lock.owner.url !== null) return lock.owner.url;
    await clock.sleep(LOOK);
  }
  throw new OpsError('INTERNAL', 'the sandbox bot did not come up; see bot.log in its folder');
}

async function endBot(bot: Running, { clock }: SandboxDeps): Promise<void> {
  signal(bot.pid, 'SIGCONT');
  signal(bot.pid, 'SIGTERM');
  const late = clock.sleep(STOP_WITHIN).then(() => 'late' as const);
  if ((await Promise.race([bot.exited, late])) === 'late') {
    signal(bot.pid, 'SIGKILL');
    await bot.exited;
  }
}

/** The bot that holds the folder, and everything that carries the mark of its pool. */
async function endLeftovers(dataFolder: string, { proc, clock }: SandboxDeps): Promise<void> {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const lock = await readLock(join(dataFolder, 'nightshift.lock'), createProcessTable({ proc }));
  if (lock?.liveness === 'alive') signal(lock.owner.pid, 'SIGKILL');
  const processes = createHostProcesses(proc);
  const pool = await poolIdOf(dataFolder);
  for (let round = 0; round < 20; round += 1) {
    const left = await processes.marked(pool);
    if (left.length === 0) return;
    for (const { pid } of left) processes.signal(pid, 'SIGKILL');
    await clock.sleep(LOOK);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already, which is what was wanted.
  }
}
