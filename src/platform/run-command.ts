/**
 * Runs one command and says how it ended. Never a shell: the program is an absolute path, the arguments a list.
 *
 * The command leads a process group of its own. At the time limit, or when the caller gives up, the whole group
 * gets SIGTERM and what is left of it SIGKILL. The answer comes also when a grandchild holds the pipes open or a
 * process cannot be killed. A command that could not be started is `not_started`: nothing is known then.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { setPriority } from 'node:os';
import { isAbsolute } from 'node:path';
import { describeError } from '../domain/errors.ts';
import type { Clock, CommandRequest, CommandResult, CommandRunner } from '../domain/ports.ts';
import { type Ms, ms, seconds } from '../domain/units.ts';
import { type CappedOutput, createCappedOutput } from './capped-output.ts';
import { codeOf } from './durable-file.ts';
import { strip } from './inert-text.ts';
import { type LineSink, lineSink } from './line-sink.ts';
import type { Redact } from './redact.ts';

const CLEAN_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
};
const TERM_GRACE = seconds(5);
/** How long after SIGKILL we still wait for a process that may hang in the kernel. */
const KILL_GRACE = seconds(2);
/** How long after the exit the pipes may still bring output. */
const DRAIN: Ms = ms(250);

export interface CommandRunnerDeps {
  readonly clock: Clock;
  readonly redact: Redact;
}

export function createCommandRunner(deps: CommandRunnerDeps): CommandRunner {
  return {
    async run(request) {
      const refusal = refuse(request);
      if (refusal !== '') return { kind: 'not_started', reason: refusal };
      let child: ChildProcess;
      try {
        child = start(request);
      } catch (cause) {
        return notStarted(request, cause);
      }
      return watch(child, request, deps);
    },
  };
}

function refuse({ argv, signal }: CommandRequest): string {
  const program = argv[0] ?? '';
  if (!isAbsolute(program)) return `the program must be an absolute path, found "${program}"`;
  if (argv.some((part) => part.includes('\0'))) return 'an argument holds a NUL character';
  return signal?.aborted ? 'it was given up before it started' : '';
}

function start({ argv, cwd, env }: CommandRequest): ChildProcess {
  const [program = '', ...args] = argv;
  return spawn(program, args, {
    cwd,
    env: { ...CLEAN_ENVIRONMENT, ...env },
    shell: false,
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Why the group is being ended, decided by whichever comes first. */
type End = 'timed_out' | 'given_up';

interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

async function watch(
  child: ChildProcess,
  request: CommandRequest,
  { clock, redact }: CommandRunnerDeps,
): Promise<CommandResult> {
  const begun = clock.monotonic();
  const output = createCappedOutput();
  const lines =
    request.onLine === undefined ? [] : [lineSink(request.onLine, redact), lineSink(request.onLine, redact)];
  listen(child, output, lines);
  const started = await spawned(child);
  if (started !== undefined) return notStarted(request, started);
  announce(child, request);

  const exited = exitOf(child);
  const end = await firstEnd(exited, request, clock);
  const exit = end === 'exited' ? await exited : await endGroup(child, exited, clock);
  await drained(child, clock);
  for (const sink of lines) sink.end();
  letGo(child, end === 'exited');
  return {
    ...outcome(end, exit),
    output: redact(strip(output.text())),
    took: ms(clock.monotonic() - begun),
  };
}

function listen(child: ChildProcess, output: CappedOutput, lines: readonly LineSink[]): void {
  for (const [index, pipe] of [child.stdout, child.stderr].entries()) {
    pipe?.on('data', (chunk: Buffer) => {
      output.add(chunk);
      lines[index]?.add(chunk);
    });
    pipe?.on('error', () => {}); // a broken pipe ends the output, not the bot
  }
}

/** Says its pid and lowers its priority. Too late for children of its first instants, and harmless if it is gone. */
function announce(child: ChildProcess, { niceness, onStart }: CommandRequest): void {
  if (child.pid === undefined) return;
  if (niceness !== undefined && niceness > 0) {
    try {
      setPriority(child.pid, niceness);
    } catch {
      // It has ended already: there is nothing left to lower.
    }
  }
  onStart?.(child.pid);
}

function outcome(
  end: End | 'exited',
  exit: Exit | undefined,
): { kind: 'exited'; code: number } | { kind: 'killed'; signal: string } | { kind: 'timed_out' } {
  if (end === 'timed_out') return { kind: 'timed_out' };
  if (end === 'given_up') return { kind: 'killed', signal: exit?.signal ?? 'SIGTERM' };
  if (exit?.signal) return { kind: 'killed', signal: exit.signal };
  return { kind: 'exited', code: exit?.code ?? -1 };
}

/** The reason why it could not be started, once that is known. */
function spawned(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => {
    child.once('spawn', () => resolve(undefined));
    child.on('error', (cause) => resolve(cause));
  });
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve({ code: child.exitCode, signal: child.signalCode });
      return;
    }
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

async function firstEnd(
  exited: Promise<Exit>,
  { timeLimit, signal }: CommandRequest,
  clock: Clock,
): Promise<End | 'exited'> {
  return new Promise((resolve) => {
    const giveUp = (): void => settle('given_up');
    const cancel = clock.in(timeLimit, () => settle('timed_out'));
    const settle = (end: End | 'exited'): void => {
      cancel();
      signal?.removeEventListener('abort', giveUp);
      resolve(end);
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    void exited.then(() => settle('exited'));
  });
}

/** `undefined` when even SIGKILL did not end the leader. */
async function endGroup(child: ChildProcess, exited: Promise<Exit>, clock: Clock): Promise<Exit | undefined> {
  const pid = child.pid;
  if (pid === undefined) return undefined;
  signalGroup(pid, 'SIGTERM');
  await groupGone(pid, TERM_GRACE, clock);
  signalGroup(pid, 'SIGKILL');
  return within(exited, KILL_GRACE, clock);
}

/** Waits until nobody of the group is left; the leader may have gone while a grandchild ignores the signal. */
async function groupGone(pid: number, span: Ms, clock: Clock): Promise<void> {
  const until = clock.monotonic() + span;
  while (clock.monotonic() < until && signalGroup(pid, 0)) await clock.sleep(ms(50));
}

/** False when there is no such group. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch (cause) {
    return codeOf(cause) === 'EPERM'; // somebody is there, under another user
  }
}

async function drained(child: ChildProcess, clock: Clock): Promise<void> {
  const pipes = [child.stdout, child.stderr].filter((pipe) => pipe !== null);
  const ended = pipes.map((pipe) =>
    pipe.readableEnded || pipe.destroyed
      ? Promise.resolve()
      : new Promise<void>((resolve) => void pipe.once('close', resolve)),
  );
  await within(Promise.all(ended), DRAIN, clock);
}

/**
 * A service that the command started may still hold its output. Closing that would end the service at its next
 * word, so what it says is read and thrown away, without keeping this process alive for it.
 */
function letGo(child: ChildProcess, keepReading: boolean): void {
  for (const pipe of [child.stdout, child.stderr]) {
    if (pipe === null || pipe.destroyed) continue;
    if (!keepReading) pipe.destroy();
    else if (pipe instanceof Socket) pipe.removeAllListeners('data').resume().unref();
  }
}

async function within<T>(work: Promise<T>, span: Ms, clock: Clock): Promise<T | undefined> {
  return new Promise((resolve) => {
    const cancel = clock.in(span, () => resolve(undefined));
    void work.then((value) => {
      cancel();
      resolve(value);
    });
  });
}

function notStarted({ argv }: CommandRequest, cause: unknown): CommandResult {
  const code = codeOf(cause);
  const why =
    code === 'ENOENT' ? 'there is no such program or working folder (ENOENT)' : describeError(cause);
  return { kind: 'not_started', reason: `${argv[0]} could not be started: ${why}` };
}
