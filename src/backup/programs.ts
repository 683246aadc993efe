/** Programs that are used where they are installed: sqlite3, zstd, sync, rclone. Always by absolute path. */
import { access, constants } from 'node:fs/promises';
import { OpsError } from '../domain/errors.ts';
import type { CommandResult, CommandRunner } from '../domain/ports.ts';
import { type Ms, seconds } from '../domain/units.ts';
import type { HookConfig } from './config.ts';

const FOLDERS = ['/usr/bin', '/usr/local/bin', '/bin', '/opt/homebrew/bin'];
const SYNC_LIMIT = seconds(120);

/** `null`: it is not installed. */
export async function findProgram(name: string): Promise<string | null> {
  for (const folder of FOLDERS) {
    const path = `${folder}/${name}`;
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return null;
}

/** In words; `null` when it ended with 0. */
export function failureOf(argv: readonly string[], result: CommandResult): string | null {
  const what = argv[0] ?? 'the program';
  switch (result.kind) {
    case 'exited':
      return result.code === 0 ? null : `${what} ended with ${result.code}: ${lastLine(result.output)}`;
    case 'killed':
      return `${what} was ended by ${result.signal}`;
    case 'timed_out':
      return `${what} did not end in time`;
    case 'not_started':
      return result.reason;
  }
}

/** @throws OpsError `COMMAND_FAILED` with what it said. */
export async function runProgram(
  commands: CommandRunner,
  argv: readonly string[],
  timeLimit: Ms,
  signal?: AbortSignal,
): Promise<void> {
  const failure = failureOf(argv, await commands.run({ argv, timeLimit, ...(signal ? { signal } : {}) }));
  if (failure !== null) throw new OpsError('COMMAND_FAILED', failure);
}

/** Runs hooks in order until one fails; says which. */
export async function runHooks(
  commands: CommandRunner,
  hooks: readonly HookConfig[],
  variables: Readonly<Record<string, string>> = {},
): Promise<string | null> {
  for (const { argv, timeLimit } of hooks) {
    const filled = argv.map((part) => variables[part] ?? part);
    const failure = failureOf(filled, await commands.run({ argv: filled, timeLimit }));
    if (failure !== null) return failure;
  }
  return null;
}

/** Everything that was written below `folder` is on disk, in one call where the system has it. */
export async function syncAll(commands: CommandRunner, folder: string): Promise<void> {
  const program = await findProgram('sync');
  if (program !== null) await runProgram(commands, [program, '-f', folder], SYNC_LIMIT);
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}
