/** Keeps what is known of one app: read from files on a beat; pm2 is asked only while the app is gone. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CommandResult, CommandRunner } from '../../../domain/ports.ts';
import type { Pm2Target, TargetState } from '../../../domain/target.ts';
import { type Ms, seconds } from '../../../domain/units.ts';
import type { LookDoors } from '../driver.ts';
import { NO_LIVES } from '../lives.ts';
import { type AppMemory, judgeApp, parseStatuses } from './app.ts';
import { lastLines, type Pm2Home, readHome } from './home.ts';

const ASK_LIMIT: Ms = seconds(8);
/** Each question is a Node process: while an app stays gone it is asked no more often than this. */
const ASK_EVERY: Ms = seconds(10);

export interface AppWatchDeps extends LookDoors {
  readonly commands: CommandRunner;
  /** Start of a living process, `null` when it is gone. */
  startOf(pid: number): number | null;
}

export interface AppWatch {
  state(): TargetState;
  /** Why nothing can be done with it here, or `null`. */
  fault(): string | null;
  /** Living processes of it. */
  count(): number;
  refresh(): Promise<void>;
  /** What happens to the app meanwhile is our doing. */
  asOurs<T>(work: () => Promise<T>): Promise<T>;
  logLines(count: number): Promise<readonly string[]>;
}

export function createAppWatch(target: Pm2Target, deps: AppWatchDeps): AppWatch {
  const { clock, memory } = deps;
  const { name, app } = target;
  let state: TargetState = { name, up: null, pids: [], reason: 'not looked at yet' };
  let known: AppMemory = { lives: NO_LIVES, down: null, downSince: null };
  let count = 0;
  let isOurs = false;
  let fault: string | null = null;
  let asked: { readonly at: Ms; readonly statuses: readonly string[] | null } | null = null;

  const statusesOf = async (home: Pm2Home): Promise<readonly string[] | null> => {
    if (home.lives.length > 0 || isOurs) {
      asked = null;
      return null;
    }
    const now = clock.monotonic();
    if (asked === null || now - asked.at >= ASK_EVERY)
      asked = { at: now, statuses: await askStatuses(target, deps.commands) };
    return asked.statuses;
  };
  const refresh = async (): Promise<void> => {
    const home = readHome(target, deps.startOf);
    count = home.lives.length;
    fault = faultOf(target, home);
    if (fault !== null) {
      state = { name, up: null, pids: [], reason: fault };
      return;
    }
    const statuses = await statusesOf(home);
    if (statuses?.length === 0) fault = `pm2 has no app ${app}`;
    const verdict = judgeApp(app, {
      view: { lives: home.lives, deadFiles: home.deadFiles, statuses, wasStopped: home.wasStopped },
      memory: { ...known, down: memory.get(name) },
      isOurs,
      now: clock.now(),
    });
    known = verdict.memory;
    memory.set(name, known.down);
    state = { name, pids: home.pids, ...verdict.state };
  };

  return {
    state: () => state,
    fault: () => fault,
    count: () => count,
    refresh,
    async asOurs(work) {
      isOurs = true;
      try {
        const result = await work();
        await refresh();
        return result;
      } finally {
        isOurs = false;
      }
    },
    logLines: (lines) => Promise.resolve(lastLines(target, lines)),
  };
}

export function faultOf({ home: folder, program }: Pm2Target, home: Pm2Home): string | null {
  if (!home.isThere) return `there is no pm2 in ${folder}`;
  if (!home.isDaemonAlive) return 'the daemon of pm2 does not run; it is started by: pm2 resurrect';
  return existsSync(program) ? null : `${program} does not exist here`;
}

async function askStatuses(target: Pm2Target, commands: CommandRunner): Promise<readonly string[] | null> {
  const result = await runPm2(target, commands, ['-m', 'ls'], { timeLimit: ASK_LIMIT });
  if (result.kind !== 'exited' || result.code !== 0) return null;
  return parseStatuses(result.output, target.app);
}

/** Its own command; never without a daemon, or it would start one. */
export function runPm2(
  { home, program }: Pm2Target,
  commands: CommandRunner,
  args: readonly string[],
  options: { readonly timeLimit: Ms; readonly signal?: AbortSignal },
): Promise<CommandResult> {
  const node = dirname(process.execPath);
  return commands.run({
    argv: [program, ...args],
    // pm2 is a script for the Node that it finds; it keeps its things in these folders.
    env: { PM2_HOME: home, HOME: dirname(home), PATH: `${node}:/usr/local/bin:/usr/bin:/bin` },
    ...options,
  });
}
