/** The command table as a platform registers it: typed options, required ones first, `dry-run` where it belongs. */
import type { Command } from './commands/command.ts';
import { isRequired, optionInfo } from './commands/options.ts';
import { ADMIN_WORDS } from './commands/table.ts';
import { isSuggested } from './suggest.ts';
import type { CommandShape } from './surface.ts';

type ShapeOption = CommandShape['options'][number];

const DRY_RUN: ShapeOption = {
  name: 'dry-run',
  summary: 'only say what would happen',
  required: false,
  type: 'boolean',
  choices: [],
  suggests: false,
};

export function commandShapes(commands: readonly Command[]): readonly CommandShape[] {
  return commands.map((command) => ({
    words: command.words,
    admin: ADMIN_WORDS.has(command.words[0]),
    summary: command.summary,
    options: [
      ...Object.entries(command.options.shape)
        .map(([name, schema]): ShapeOption => {
          const { summary, type, choices } = optionInfo(schema);
          const suggests = type === 'string' && choices.length === 0 && isSuggested(command.words, name);
          return { name, summary, required: isRequired(schema), type, choices, suggests };
        })
        .toSorted((a, b) => Number(b.required) - Number(a.required)),
      ...(command.changes ? [DRY_RUN] : []),
    ],
  }));
}
