/** The supervisors of the bench: each starts the same programs and ends all of them. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PM2_VERSION = '7.0.4';
const SUPERVISORD = '/usr/bin/supervisord';
/** What each is told is too much, where it can be told. */
const TOO_MUCH_MEGABYTES = 200;

export interface Work {
  readonly folder: string;
  readonly script: string;
  readonly log: string;
  readonly programs: readonly string[];
}

export interface Peer {
  readonly name: string;
  /** `null`, or why it cannot be measured here. */
  start(work: Work): Promise<string | null>;
  stop(): Promise<void>;
}

export function peers(place: {
  readonly scratch: string;
  readonly built: string;
  readonly pm2: string | null;
}): readonly Peer[] {
  return [nightshift(place.built), pm2(place.pm2 ?? join(place.scratch, 'pm2-program')), supervisord()];
}

function nightshift(built: string): Peer {
  let child: ChildProcess | null = null;
  return {
    name: 'nightshift',
    async start({ folder, script, log, programs }) {
      const configs = join(folder, 'configs');
      mkdirSync(configs);
      const write = (name: string, content: unknown): void =>
        writeFileSync(join(configs, name), JSON.stringify(content), { mode: 0o600 });
      write('bot.json', { mode: 'production' });
      write('anomaly_detection_config.json', {
        thresholds: [{ metric: 'target_memory', warnMegabytes: TOO_MUCH_MEGABYTES }],
      });
      write('healing_strategies.json', {
        strategies: [
          { name: 'worker_down', match: { kinds: ['worker_down'] }, actions: ['restart_worker'] },
          { name: 'high_memory', match: { kinds: ['high_memory'] }, actions: ['restart_worker'] },
        ],
      });
      write('workers.json', {
        workers: programs.map((name) => ({
          name,
          command: ['node', script, name, log, folder],
          health: {
            heartbeatFile: { path: join(folder, `${name}.beat`), maxAgeSeconds: 3, intervalSeconds: 1 },
          },
          onBotStop: 'stop',
          stopTimeoutSeconds: 3,
        })),
      });
      child = spawn(process.execPath, [join(built, 'main.js'), 'start'], {
        cwd: folder,
        env: {
          PATH: process.env['PATH'],
          HOME: folder,
          NIGHTSHIFT_CONFIG_DIR: configs,
          NIGHTSHIFT_DATA_DIR: join(folder, 'data'),
          NIGHTSHIFT_PORT: '0',
        },
        stdio: 'ignore',
      });
      return null;
    },
    stop: () => ended(child),
  };
}

function pm2(folder: string): Peer {
  const program = join(folder, 'node_modules', 'pm2', 'bin', 'pm2');
  let home = '';
  const call = (...args: readonly string[]): number | null =>
    spawnSync(process.execPath, [program, ...args], {
      env: { PATH: process.env['PATH'], HOME: home, PM2_HOME: home },
      stdio: 'ignore',
    }).status;
  return {
    name: 'pm2',
    async start(work) {
      if (!existsSync(program)) {
        mkdirSync(folder, { recursive: true });
        const argv = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', `pm2@${PM2_VERSION}`];
        if (spawnSync('npm', argv, { stdio: 'ignore' }).status !== 0) return 'it cannot be installed here';
      }
      home = join(work.folder, 'home');
      mkdirSync(home, { recursive: true });
      const apps = work.programs.map((name) => ({
        name,
        script: work.script,
        args: [name, work.log, work.folder],
        max_memory_restart: `${TOO_MUCH_MEGABYTES}M`,
      }));
      const file = join(work.folder, 'apps.json');
      writeFileSync(file, JSON.stringify({ apps }));
      return call('start', file) === 0 ? null : 'it does not start';
    },
    async stop() {
      call('kill');
    },
  };
}

function supervisord(): Peer {
  let child: ChildProcess | null = null;
  return {
    name: 'supervisord',
    async start({ folder, script, log, programs }) {
      if (!existsSync(SUPERVISORD)) return 'Debian package supervisor is not installed';
      const sections = programs.map(
        (name) =>
          `[program:${name}]\ncommand=${process.execPath} ${script} ${name} ${log} ${folder}\nautorestart=true\n`,
      );
      const file = join(folder, 'supervisord.conf');
      const head = `[supervisord]\nnodaemon=true\nlogfile=${folder}/s.log\npidfile=${folder}/s.pid\n`;
      writeFileSync(file, `${head}${sections.join('')}`);
      child = spawn(SUPERVISORD, ['-n', '-c', file], { cwd: folder, stdio: 'ignore' });
      return null;
    },
    stop: () => ended(child),
  };
}

/** TERM first, so that it takes its programs with it. */
async function ended(child: ChildProcess | null): Promise<void> {
  if (child === null || child.exitCode !== null) return;
  const exit = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await exit;
  clearTimeout(late);
}
