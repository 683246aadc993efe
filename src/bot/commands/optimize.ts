/** What was learnt of the load, what is suggested, and saying yes or no to it. */
import { z } from 'zod';
import type { LoadProfile, OptimizerStatus, Suggestion } from '../../domain/optimizer.ts';
import { budgetPageView, suggestionView } from '../budget-views.ts';
import { localTime } from '../figures.ts';
import type { Command, CommandContext } from './command.ts';
import { entry } from './entry.ts';
import { flag, whole, word } from './options.ts';
import { fromControl, ok } from './replies.ts';

const suggestion = word('suggestion id');

export const OPTIMIZE_COMMANDS: readonly Command[] = [
  entry({
    words: ['optimize', 'status'],
    summary: 'What was learnt, what is suggested and what is forecast',
    role: 'operator',
    options: z.strictObject({}),
    positional: [],
    changes: false,
    example: 'optimize status',
    async run(_, context) {
      const { optimizer } = context.controls;
      const status = optimizer.status();
      const { budgets: _budgets, ...data } = budgetPageView(optimizer);
      return ok(statusLines(status, context).join('\n'), data);
    },
  }),
  entry({
    words: ['optimize', 'run'],
    summary: 'Looks at the stored load now and says what it would change',
    role: 'operator',
    options: z.strictObject({
      interval: whole('seconds between runs; in the terminal only', 1, 86_400).optional(),
      apply: flag('accept all that is suggested').optional(),
    }),
    positional: [],
    changes: true,
    example: 'optimize run --dry-run',
    async run({ apply }, { controls: { optimizer }, actor, dryRun }) {
      const found = fromControl(await optimizer.run(actor, dryRun));
      const suggestions = optimizer.status().suggestions.map(suggestionView);
      const looked = { ...found, data: { ...(found.data as object), suggestions } };
      if (!found.ok || dryRun || apply !== true) return looked;
      const accepted = await optimizer.accept('all', actor, false);
      if (accepted.kind === 'not_found') return looked;
      const reply = fromControl(accepted);
      return { ...reply, text: `${found.text}\n${reply.text}` };
    },
  }),
  entry({
    words: ['optimize', 'accept'],
    summary: 'Applies a suggestion, or all of them',
    role: 'operator',
    options: z.strictObject({ suggestion: suggestion.describe('suggestion id, or all') }),
    positional: ['suggestion'],
    changes: true,
    example: 'optimize accept all --dry-run',
    run: async (options, { controls, actor, dryRun }) =>
      fromControl(await controls.optimizer.accept(options.suggestion, actor, dryRun)),
  }),
  entry({
    words: ['optimize', 'reject'],
    summary: 'Drops a suggestion, or takes back one that was accepted',
    role: 'operator',
    options: z.strictObject({ suggestion }),
    positional: ['suggestion'],
    changes: true,
    example: 'optimize reject sug-7f3a01',
    run: async (options, { controls, actor, dryRun }) =>
      fromControl(await controls.optimizer.reject(options.suggestion, actor, dryRun)),
  }),
];

function statusLines(status: OptimizerStatus, { timezone, now }: CommandContext): readonly string[] {
  const { profiles, suggestions, forecasts, lastRun } = status;
  const looked = lastRun === null ? 'not yet' : localTime(lastRun, timezone, now);
  return [
    `Looked at the history: ${looked}. Suggestions are ${status.tuning === 'auto' ? 'applied in production mode' : 'applied when somebody accepts them'}.`,
    ...profileLines(profiles),
    ...suggestions.filter(({ state }) => state !== 'rejected').map(suggestionLine),
    ...forecasts.map(({ text }) => text),
  ];
}

function suggestionLine({ id, metric, hours, sigmas, reason, state }: Suggestion): string {
  const word = { open: 'Suggested', holds: 'Right as it is', accepted: 'In force', rejected: 'Rejected' }[
    state
  ];
  return `${word} (${id}): ${metric}, ${hours}: ${sigmas.toFixed(1)}σ, because ${reason}.`;
}

function profileLines(profiles: readonly LoadProfile[]): readonly string[] {
  const early = profiles.flatMap(({ split }) => (split.kind === 'not_enough' ? [split] : []));
  const lines = profiles.flatMap(({ metric, split }) => {
    if (split.kind === 'flat') return [`${metric}: no hour of the week is reliably busier.`];
    if (split.kind !== 'split') return [];
    return [`${metric}: busy ${split.words} (${Math.round(split.sure * 100)} % sure).`];
  });
  const [first] = early;
  if (first === undefined) return lines;
  const most = Math.max(...early.map(({ days }) => days));
  return [...lines, `${early.length} metrics: not enough history yet, ${most} of ${first.needed} days.`];
}
