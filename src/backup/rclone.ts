/**
 * The door to rclone: a place for copies and what can be done there. Secrets stand in rclone's own configuration
 * file (0600), never in arguments; its environment is empty.
 */
import type { CommandRunner } from '../domain/ports.ts';
import type { Ms } from '../domain/units.ts';
import type { ReplicaConfig } from './config.ts';
import { failureOf } from './programs.ts';

export interface Remote {
  readonly name: string;
  /** In words; `null` when it ended with 0. */
  run(argv: readonly string[]): Promise<string | null>;
  /** Output of a listing, or why there is none. */
  list(
    argv: readonly string[],
  ): Promise<{ readonly lines: readonly string[] } | { readonly failure: string }>;
  at(path: string): string;
}

export interface RemoteDeps {
  readonly program: string;
  readonly commands: CommandRunner;
  readonly timeLimit: Ms;
  readonly signal: AbortSignal;
}

/** Its own retries are ours to count, and a far end that hangs must be told soon. */
const HABITS = [
  '--retries=1',
  '--low-level-retries=3',
  '--contimeout=15s',
  '--timeout=60s',
  '--checkers=4',
  '--transfers=2',
  '--log-level=ERROR',
  '--ask-password=false',
];

export function openRemote({ name, remote, configFile }: ReplicaConfig, deps: RemoteDeps): Remote {
  const { program, commands, timeLimit, signal } = deps;
  const own = configFile === undefined ? [] : ['--config', configFile];
  const base = remote.endsWith(':') ? remote : remote.replace(/\/+$/, '');
  const run = (argv: readonly string[]) =>
    commands.run({ argv: [program, ...argv, ...HABITS, ...own], timeLimit, signal });
  return {
    name,
    at: (path) => (base.endsWith(':') ? `${base}${path}` : `${base}/${path}`),
    run: async (argv) => failureOf([program], await run(argv)),
    async list(argv) {
      const result = await run(argv);
      const failure = failureOf([program], result);
      if (failure !== null || result.kind !== 'exited') return { failure: failure ?? 'no answer' };
      return { lines: result.output.split('\n').filter((line) => line !== '') };
    },
  };
}
