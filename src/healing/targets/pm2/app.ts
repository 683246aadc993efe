/**
 * What an app of pm2 is in. Its pid files and /proc tell whether it lives, without a fork; where it does not, the
 * list of pm2 and its log tell why: a stop by a person is announced there, a crash is not. Pure.
 */
import type { TargetHold, TargetState } from '../../../domain/target.ts';
import { type EpochMs, type Ms, seconds } from '../../../domain/units.ts';
import { foreignHold, stopHold } from '../foreign.ts';
import { isCrashLoop, type Lives, restartsLately, seeLife } from '../lives.ts';
import type { DownEntry } from '../memory.ts';

/** pm2 restarts at once; with a growing delay after at most fifteen seconds. */
const CYCLE: Ms = seconds(6);
const LONG_CYCLE: Ms = seconds(20);

export interface AppView {
  /** Living processes of its pid files, as `pid:start`. */
  readonly lives: readonly string[];
  /** Pid files whose process is gone. */
  readonly deadFiles: number;
  /** Of the list; `null` while it was not asked or does not have it. */
  readonly statuses: readonly string[] | null;
  /** The log of pm2 says that it was stopped, after it was online last; `null` = the log does not tell. */
  readonly wasStopped: boolean | null;
}

export interface AppMemory {
  readonly lives: Lives;
  readonly down: DownEntry | null;
  readonly downSince: EpochMs | null;
}

export interface AppLook {
  readonly view: AppView;
  readonly memory: AppMemory;
  readonly isOurs: boolean;
  readonly now: EpochMs;
}

export interface AppVerdict {
  readonly state: Omit<TargetState, 'name' | 'pids'>;
  readonly memory: AppMemory;
}

export function judgeApp(app: string, look: AppLook): AppVerdict {
  const { view, isOurs, now } = look;
  const life = view.lives.length === 0 ? null : view.lives.join(' ');
  const memory = { ...look.memory, lives: seeLife(look.memory.lives, life, isOurs, now) };
  const seen = { ...look, memory };
  if (view.lives.length > 0 && view.deadFiles === 0) return alive(seen);
  if (isOurs) return verdict(null, 'is being restarted', null, memory);
  if (view.lives.length > 0) return down(seen, 'one of its processes is gone', CYCLE, app);
  return gone(app, seen);
}

function alive(look: AppLook): AppVerdict {
  const { view, memory, now } = look;
  const well = { ...memory, down: null, downSince: null };
  if (isCrashLoop(memory.lives, now)) {
    const reason = `crash loop: ${restartsLately(memory.lives, now)} new starts in 10 min`;
    return verdict(false, reason, null, { ...memory, downSince: memory.downSince ?? now });
  }
  return verdict(true, `online, ${view.lives.length} of it`, null, well);
}

function gone(app: string, look: AppLook): AppVerdict {
  const { view, memory } = look;
  const { statuses } = view;
  if (statuses === null)
    return verdict(null, 'it has no living process; pm2 was not asked yet', null, memory);
  if (statuses.length === 0) return verdict(null, `pm2 has no app ${app}`, null, memory);
  if (statuses.includes('errored')) return down(look, 'pm2 gave it up (errored)', null, app);
  if (statuses.some((status) => status === 'waiting restart'))
    return down(look, 'pm2 waits before it starts it again', LONG_CYCLE, app);
  if (statuses.every((status) => status === 'stopped')) return stopped(app, look);
  return down(look, `it has no living process (${statuses.join(', ')})`, CYCLE, app);
}

/** `stopped` is a person's stop, or the end of an app that pm2 does not restart. */
function stopped(app: string, look: AppLook): AppVerdict {
  const { view, memory, now } = look;
  const isOwn = memory.down?.kind === 'ended' || (memory.down === null && view.wasStopped === false);
  if (isOwn) {
    const entry = memory.down ?? { kind: 'ended', at: now, why: 'ended on its own' };
    return down({ ...look, memory: { ...memory, down: entry } }, 'it ended on its own', null, app);
  }
  const why = view.wasStopped === true ? 'was stopped by somebody' : 'was found stopped';
  const entry: DownEntry = memory.down ?? { kind: 'stopped', at: now, why };
  return verdict(null, `stopped: ${entry.why}`, stopHold(app, entry), { ...memory, down: entry });
}

/** `cycle: null` = pm2 does nothing more about it. */
function down({ memory, now }: AppLook, reason: string, cycle: Ms | null, app: string): AppVerdict {
  const downSince = memory.downSince ?? now;
  const hold = cycle === null ? null : foreignHold(`pm2 (${app})`, downSince, cycle, now);
  return verdict(false, reason, hold, { ...memory, downSince });
}

function verdict(up: boolean | null, reason: string, hold: TargetHold | null, memory: AppMemory): AppVerdict {
  return { state: { up, reason, hold }, memory };
}

/** `pm2 -m ls`: a block for each process, `+--- name` first. The statuses of those with this name. */
export function parseStatuses(output: string, app: string): readonly string[] {
  return output
    .split(/^\+--- /m)
    .slice(1)
    .filter((block) => block.split('\n', 1)[0]?.trim() === app)
    .flatMap((block) => /^status : (.+)$/m.exec(block)?.[1]?.trim() ?? []);
}

/** Was a stop announced in pm2's own log after the app was online last? `null` where it says neither. */
export function wasStopped(log: string, app: string): boolean | null {
  let found: boolean | null = null;
  for (const line of log.split('\n')) {
    if (line.includes(`Stopping app:${app} `)) found = true;
    if (line.includes(`App [${app}:`) && line.includes('] online')) found = false;
  }
  return found;
}
