/** Strategies: how far each may go alone, and what can run here at all. */
import { z } from 'zod';
import type { Autonomy } from '../../domain/strategy.ts';
import { columns } from '../columns.ts';
import { counted } from '../figures.ts';
import type { Command } from './command.ts';
import { entry } from './entry.ts';
import { choice, word } from './options.ts';
import { fromControl, notFound, ok } from './replies.ts';

const strategy = word('strategy name');

const AUTONOMY_WORDS: Readonly<Record<Autonomy, string>> = {
  suggest: 'only suggests',
  ask: 'asks first',
  auto: 'acts by itself',
};

export const STRATEGY_COMMANDS: readonly Command[] = [
  entry({
    words: ['strategy', 'list'],
    summary: 'All strategies: what each answers, its ladder, how far it may go alone',
    role: 'operator',
    options: z.strictObject({ strategy: strategy.optional() }),
    positional: ['strategy'],
    changes: false,
    example: 'strategy list',
    async run(options, { controls }) {
      const all = controls.strategies();
      const shown = all.filter(({ name }) => options.strategy === undefined || name === options.strategy);
      if (shown.length === 0 && options.strategy !== undefined) {
        return notFound(`There is no strategy ${options.strategy}.`);
      }
      const rows = shown.map((view) => [
        view.name,
        view.enabled ? `${AUTONOMY_WORDS[view.autonomy]}${view.locked ? ' (locked)' : ''}` : 'disabled',
        view.matches,
        view.rungs.join(' → '),
      ]);
      return ok(rows.length === 0 ? 'No strategies.' : columns(rows).join('\n'), { strategies: shown });
    },
  }),
  entry({
    words: ['strategy', 'mode'],
    summary: 'Sets how far a strategy may go alone, and locks it there',
    role: 'operator',
    options: z.strictObject({
      strategy,
      mode: choice('how far it may go alone', ['suggest', 'ask', 'auto']),
      target: word('only on this target').optional(),
    }),
    positional: ['strategy', 'mode', 'target'],
    changes: true,
    example: 'strategy mode high_cpu ask',
    run: async ({ strategy: name, mode, target = null }, { controls, actor, dryRun }) =>
      fromControl(await controls.setStrategyMode(name, target, mode, actor, dryRun)),
  }),
  switching('enable', true),
  switching('disable', false),
  entry({
    words: ['strategy', 'validate'],
    summary: 'Which rungs can run here, target by target, and which cannot and why',
    role: 'operator',
    options: z.strictObject({ strategy: strategy.optional(), target: word('only this target').optional() }),
    positional: ['strategy'],
    changes: false,
    example: 'strategy validate',
    async run(options, { controls }) {
      const checks = (await controls.validateStrategies())
        .filter(({ strategy: name }) => options.strategy === undefined || name === options.strategy)
        .filter(({ target }) => options.target === undefined || target === options.target);
      const rows = checks.map((check) => [
        check.strategy,
        check.target,
        `${check.rung + 1} ${check.action}`,
        check.runnable ? 'can run' : `cannot: ${check.reason}`,
      ]);
      const cannot = checks.filter((check) => !check.runnable).length;
      const total = `${counted(checks.length, 'rung')} checked, ${cannot} cannot run here.`;
      return ok([...columns(rows), total].join('\n'), { checks });
    },
  }),
];

function switching(verb: 'enable' | 'disable', enabled: boolean): Command {
  return entry({
    words: ['strategy', verb],
    summary: enabled ? 'Lets a strategy answer again' : 'Keeps a strategy from answering',
    role: 'operator',
    options: z.strictObject({ strategy }),
    positional: ['strategy'],
    changes: true,
    example: `strategy ${verb} high_cpu`,
    run: async ({ strategy: name }, { controls, actor, dryRun }) =>
      fromControl(await controls.enableStrategy(name, enabled, actor, dryRun)),
  });
}
