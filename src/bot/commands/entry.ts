/** Makes entries of the command table: ordinary ones, and those whose room this version does not have. */
import { z } from 'zod';
import type { Role } from '../../domain/approval.ts';
import type { Command } from './command.ts';
import { optionInfo } from './options.ts';
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
    example: exampleOf(words, shape, positional[0]),
    run: async () => refused(`${words.join(' ')} is not part of this version yet.`, { reason: 'NOT_BUILT' }),
  };
}

function exampleOf(words: Command['words'], shape: z.ZodRawShape, first: string | undefined): string {
  const schema = first === undefined ? undefined : shape[first];
  if (first === undefined || schema === undefined) return words.join(' ');
  return [...words, optionInfo(schema).choices[0] ?? first.toUpperCase()].join(' ');
}
