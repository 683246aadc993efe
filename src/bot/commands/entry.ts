/** Makes entries of the command table: ordinary ones, and those whose room this version does not have. */
import { z } from 'zod';
import type { Role } from '../../domain/approval.ts';
import type { Command } from './command.ts';
import { refused } from './replies.ts';

/** Checks an entry's own types, then forgets them, so that all entries fit one table. */
export function entry<Shape extends z.ZodRawShape>(command: Command<Shape>): Command {
  return command;
}

/** Words, role, options and help are final; the answer is a plain refusal until the room is built. */
export function later<Shape extends z.ZodRawShape>(
  words: Command['words'],
  summary: string,
  role: Role,
  shape: Shape,
  more: { readonly positional?: readonly string[]; readonly changes?: boolean } = {},
): Command {
  const { positional = [], changes = false } = more;
  return {
    words,
    summary,
    role,
    options: z.strictObject(shape),
    positional,
    changes,
    example: [words.join(' '), ...(positional[0] === undefined ? [] : [positional[0].toUpperCase()])].join(
      ' ',
    ),
    run: async () => refused(`${words.join(' ')} is not part of this version yet.`, { reason: 'NOT_BUILT' }),
  };
}
