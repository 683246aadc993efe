/** What the folder of a pm2 daemon tells of one app, without a fork: pid files, and the end of its own log. */
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Pm2Target } from '../../../domain/target.ts';
import { wasStopped } from './app.ts';

/** Of its log: enough for the last stops and starts. */
const LOG_TAIL = 65_536;

export interface Pm2Home {
  readonly isThere: boolean;
  readonly isDaemonAlive: boolean;
  readonly pids: readonly number[];
  /** `pid:start` of each living process. */
  readonly lives: readonly string[];
  readonly deadFiles: number;
  readonly wasStopped: boolean | null;
}

export function readHome(
  { home, app }: Pick<Pm2Target, 'home' | 'app'>,
  startOf: (pid: number) => number | null,
): Pm2Home {
  const daemon = readPid(join(home, 'pm2.pid'));
  const files = pidFiles(home, app).map((file) => readPid(join(home, 'pids', file)));
  const looks = files.map((pid) => ({ pid, start: pid === null ? null : startOf(pid) }));
  const living = looks.flatMap(({ pid, start }) => (pid === null || start === null ? [] : [{ pid, start }]));
  return {
    isThere: daemon !== null,
    isDaemonAlive: daemon !== null && startOf(daemon) !== null,
    pids: living.map(({ pid }) => pid),
    lives: living.map(({ pid, start }) => `${pid}:${start}`),
    deadFiles: looks.length - living.length,
    wasStopped: wasStopped(tailOf(join(home, 'pm2.log')), app),
  };
}

/** Of what the app printed, in the file where pm2 puts it by itself; empty where it was told to put it elsewhere. */
export function lastLines({ home, app }: Pick<Pm2Target, 'home' | 'app'>, count: number): readonly string[] {
  const files = [join(home, 'logs', `${app}-error.log`), join(home, 'logs', `${app}-out.log`)];
  return files.flatMap((file) =>
    tailOf(file)
      .split('\n')
      .filter((line) => line !== '')
      .slice(-count),
  );
}

/** `<app>-<id>.pid`, blanks as dashes; the id keeps `web` and `web-2` apart. */
function pidFiles(home: string, app: string): readonly string[] {
  const prefix = `${app.replaceAll(/[^a-zA-Z0-9\\.-]/g, '-')}-`;
  try {
    return readdirSync(join(home, 'pids')).filter(
      (file) => file.startsWith(prefix) && /^\d+\.pid$/.test(file.slice(prefix.length)),
    );
  } catch {
    return []; // no such folder: no app was started yet
  }
}

function readPid(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, 'utf8').trim());
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null; // it went while we looked, or was never there
  }
}

function tailOf(file: string): string {
  let handle: number | null = null;
  try {
    handle = openSync(file, 'r');
    const { size } = fstatSync(handle);
    const buffer = Buffer.alloc(Math.min(size, LOG_TAIL));
    const read = readSync(handle, buffer, 0, buffer.length, size - buffer.length);
    return buffer.subarray(0, read).toString('utf8');
  } catch {
    return ''; // no log, or not ours to read: then it does not tell
  } finally {
    if (handle !== null) closeSync(handle);
  }
}
