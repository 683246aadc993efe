/**
 * Commands whose room this version does not have. Their words, roles, options and help are final, so that chat
 * registrations, scripts and habits stay as they are when the room is built.
 */
import { days, minutes } from '../../domain/units.ts';
import type { Command } from './command.ts';
import { later } from './entry.ts';
import { choice, flag, percent, since, span, whole, word } from './options.ts';

const changing = { changes: true };
const forWhile = span('how long', minutes(1), days(30)).optional();
const changingById = { positional: ['id'], changes: true };

const budgetOptions = {
  cpu: percent('CPU budget').optional(),
  memory: percent('memory budget').optional(),
  target: word('only this target').optional(),
  messages: whole('messages an hour', 1, 3_600).optional(),
  for: forWhile,
};

export const BUDGET_COMMANDS: readonly Command[] = [
  later(['budget', 'show'], 'Usage against budget', 'viewer', { target: budgetOptions.target }),
  later(['budget', 'set'], 'Sets a budget', 'operator', budgetOptions, changing),
  later(['budget', 'reset'], 'Goes back to the configured budget', 'operator', budgetOptions, changing),
];

const queueOptions = {
  queue: word('queue name').optional(),
  priority: whole('priority, 1 is first', 1, 100).optional(),
  class: choice('task class', ['critical', 'normal', 'batch']).optional(),
  for: forWhile,
  to: word('to this queue or worker').optional(),
};

function queue(verb: string, summary: string): Command {
  return later(['queue', verb], summary, 'operator', queueOptions, { positional: ['queue'], changes: true });
}

export const QUEUE_COMMANDS: readonly Command[] = [
  later(['queue', 'list'], 'All queues: depth, oldest task, rate', 'operator', { queue: queueOptions.queue }),
  queue('pause', 'Starts no more tasks of a queue'),
  queue('resume', 'Starts tasks of a queue again'),
  queue('priority', 'Changes the priority of waiting tasks'),
  queue('drain', 'Runs what waits and takes nothing new'),
  queue('redistribute', 'Moves waiting tasks elsewhere'),
  later(['task', 'submit'], 'Gives a task to a queue', 'operator', queueOptions, changing),
  later(['task', 'list'], 'Tasks that wait, run or failed', 'operator', queueOptions),
  later(
    ['task', 'cancel'],
    'Takes a waiting task back',
    'operator',
    { id: word('task id').optional() },
    changingById,
  ),
];

const optimizeOptions = {
  suggestion: word('suggestion id').optional(),
  interval: whole('seconds between runs', 1, 86_400).optional(),
  apply: flag('apply what is suggested').optional(),
};

export const OPTIMIZE_COMMANDS: readonly Command[] = [
  later(['optimize', 'status'], 'What was learnt and what is suggested', 'operator', {}),
  later(['optimize', 'run'], 'Looks for better limits now', 'operator', optimizeOptions, changing),
  later(['optimize', 'accept'], 'Applies a suggestion', 'operator', optimizeOptions, {
    positional: ['suggestion'],
    changes: true,
  }),
  later(['optimize', 'reject'], 'Drops a suggestion', 'operator', optimizeOptions, {
    positional: ['suggestion'],
    changes: true,
  }),
];

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
