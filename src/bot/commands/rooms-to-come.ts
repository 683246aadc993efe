/**
 * Commands whose room this version does not have. Their words, roles, options and help are final, so that chat
 * registrations, scripts and habits stay as they are when the room is built.
 */
import { days, minutes } from '../../domain/units.ts';
import type { Command } from './command.ts';
import { later } from './entry.ts';
import { choice, flag, since, span, word } from './options.ts';

export const REHEARSAL_COMMANDS: readonly Command[] = [
  later(['replay'], 'Runs detection and strategies over the past', 'viewer', {
    window: span('how far back', minutes(1), days(35)).optional(),
    strategy: word('only this strategy').optional(),
    config: choice('which configuration', ['current', 'proposed']).optional(),
  }),
  later(
    ['report'],
    'A report of the past',
    'viewer',
    {
      kind: choice('which report', ['anomaly', 'healing', 'backup', 'resource', 'weekly']).optional(),
      period: since('since when').optional(),
      post: flag('also post it to chat').optional(),
    },
    { positional: ['kind'] },
  ),
];
