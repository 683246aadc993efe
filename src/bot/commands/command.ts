/**
 * What one entry of the command table is. The same entry serves Slack, Discord, the console, the API and the
 * CLI: parsing, help, usage lines, Discord's sub-commands and the role check all come from it.
 */
import type { z } from 'zod';
import type { Actor, Role } from '../../domain/approval.ts';
import type { BackupProgress } from '../../domain/backup.ts';
import type { OpsControls } from '../../domain/controls.ts';
import type { EpochMs } from '../../domain/units.ts';

/** How a command ended. The CLI's exit codes: 0 for ok, then 1 FAILED, 2 usage, 3 refused, 4 NOT_FOUND. */
export type ReplyCode =
  | 'OK'
  | 'FAILED'
  | 'UNKNOWN_COMMAND'
  | 'BAD_OPTION'
  | 'FORBIDDEN'
  | 'REFUSED'
  | 'NOT_FOUND';

/** The answer of any command at any door. */
export interface Reply {
  readonly ok: boolean;
  readonly code: ReplyCode;
  /** For people: short lines, no markup. */
  readonly text: string;
  /** For programs: plain JSON, ISO times. */
  readonly data: unknown;
}

export interface CommandContext {
  readonly controls: OpsControls;
  readonly actor: Actor;
  readonly now: EpochMs;
  readonly dryRun: boolean;
  readonly timezone: string;
  /** At a terminal: how far a long command is. */
  readonly onProgress?: (progress: BackupProgress) => void;
  /** Gives a long command up. */
  readonly signal?: AbortSignal;
}

/** One command. `Shape` is the zod shape of its options; `positional` names those that may come without a name, in order. */
export interface Command<Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly words: readonly [string] | readonly [string, string];
  readonly summary: string;
  readonly role: Role;
  readonly options: z.ZodObject<Shape>;
  readonly positional: readonly string[];
  /** Changes something: then `dry-run` is offered. */
  readonly changes: boolean;
  /** May take long: a terminal waits for it, a chat is told that it goes on. */
  readonly slow?: boolean;
  readonly example: string;
  run(options: z.infer<z.ZodObject<Shape>>, context: CommandContext): Promise<Reply>;
}
