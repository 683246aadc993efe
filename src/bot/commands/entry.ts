/** Makes the entries of the command table. */
import type { z } from 'zod';
import type { Command } from './command.ts';

/** Checks an entry's own types, then forgets them, so that all entries fit one table. */
export function entry<Shape extends z.ZodRawShape>(command: Command<Shape>): Command {
  return command;
}
