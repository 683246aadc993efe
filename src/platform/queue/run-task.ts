/** Runs one task: configured argv with checked values, deadline, capped output; its last lines and its progress. */
import type { CommandRunner } from '../../domain/ports.ts';
import type { Entry } from './book.ts';
import { endOf, type RunEnd } from './outcome.ts';
import type { QueuesSettings, TaskCommand } from './settings.ts';
import { fillCommand } from './task-command.ts';

const KEPT_LINES = 100;
const LONGEST_LINE = 500;
const PROGRESS = /^\s*progress\s*[:=]?\s*(\d{1,3}(?:\.\d+)?)\s*%/i;

/** What a run leaves behind while it goes on. */
export interface RunNotes {
  readonly log: string[];
  /** 0 to 1; `null` while it has said nothing. */
  progress: number | null;
  pid: number | null;
}

export interface RunHooks {
  readonly signal: AbortSignal;
  readonly notes: RunNotes;
  onStart(pid: number): void;
}

export type RunTask = (entry: Entry, hooks: RunHooks) => Promise<RunEnd>;

export interface RunTaskDeps {
  readonly commands: CommandRunner;
  readonly settings: () => QueuesSettings;
  readonly lookup: (name: string) => string | undefined;
  readonly node: string;
}

export function createRunTask({ commands, settings, lookup, node }: RunTaskDeps): RunTask {
  return async ({ task }, { signal, notes, onStart }) => {
    const command = settings().tasks.find(({ name }) => name === task.name);
    if (command === undefined) return { kind: 'unfit', why: `the task ${task.name} is no longer configured` };
    const filled = fillCommand(command, task.vars, node);
    if (filled.kind === 'invalid') return { kind: 'unfit', why: filled.reason };
    const result = await commands.run({
      argv: filled.argv,
      timeLimit: command.timeLimit,
      signal,
      env: { ...environment(command, lookup), NIGHTSHIFT_TASK: task.id },
      niceness: settings().classes[task.class].niceness,
      ...(command.cwd !== null && { cwd: command.cwd }),
      onStart,
      onLine: (line) => note(notes, line),
    });
    return endOf(result, command.timeLimit);
  };
}

/** What is named in `envFrom`, then what is written in `env`. */
function environment(
  { env, envFrom }: TaskCommand,
  lookup: (name: string) => string | undefined,
): Readonly<Record<string, string>> {
  const taken = envFrom.flatMap((name) => {
    const value = lookup(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(taken), ...env };
}

/** Keeps the last lines; a line such as `progress: 40 %` says how far it is. */
export function note(notes: RunNotes, line: string): void {
  const percent = PROGRESS.exec(line)?.[1];
  if (percent !== undefined) notes.progress = Math.min(1, Number(percent) / 100);
  notes.log.push(line.slice(0, LONGEST_LINE));
  if (notes.log.length > KEPT_LINES) notes.log.shift();
}
