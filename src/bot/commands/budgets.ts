/** Budgets of the host and of targets: use against budget, and setting them for good or for a while. */
import { z } from 'zod';
import { BUDGET_RESOURCES, type BudgetUse } from '../../domain/budget.ts';
import { after, days, type EpochMs, fromPercent, minutes } from '../../domain/units.ts';
import { limitWords, rungWords, useWords } from '../budget-notices.ts';
import { budgetView, throttleView } from '../budget-views.ts';
import { columns } from '../columns.ts';
import { localTime } from '../figures.ts';
import type { Command, CommandContext } from './command.ts';
import { entry } from './entry.ts';
import { type Ending, ending, flag, percent, whole, word } from './options.ts';
import { badOption, fromControl, notFound, ok } from './replies.ts';

const BAR = 20;
const target = word('only this target; the whole host without one').optional();

export const BUDGET_COMMANDS: readonly Command[] = [
  entry({
    words: ['budget', 'show'],
    summary: 'Usage against budget, and what is throttled',
    role: 'viewer',
    options: z.strictObject({ target: word('only this target').optional() }),
    positional: ['target'],
    changes: false,
    example: 'budget show',
    async run(options, context) {
      const { optimizer } = context.controls;
      const all = optimizer.budgets();
      const shown = all.filter((use) => options.target === undefined || use.target === options.target);
      if (shown.length === 0 && options.target !== undefined) {
        return notFound(`${options.target} has no budget.`);
      }
      const throttle = optimizer.status().throttle;
      const lines = [
        ...columns(shown.map((use) => budgetRow(use, context))),
        ...throttle.map(
          (state) =>
            `Throttle of ${state.target ?? 'this host'}: ${rungWords(state.rung)}${state.acting ? '' : ' (only proposed)'}, because ${state.reason}.`,
        ),
      ];
      const text = shown.length === 0 ? 'No budget is set.' : lines.join('\n');
      return ok(text, { budgets: shown.map(budgetView), throttle: throttle.map(throttleView) });
    },
  }),
  entry({
    words: ['budget', 'set'],
    summary: 'Sets a budget, over what the file says',
    role: 'operator',
    options: z.strictObject({
      cpu: percent('CPU budget in percent of the whole host').optional(),
      memory: percent('memory budget in percent of the whole host').optional(),
      target,
      messages: whole('chat messages an hour', 1, 3_600).optional(),
      for: ending('how long, or until when', minutes(1), days(365)).optional(),
    }),
    positional: [],
    changes: true,
    example: 'budget set --cpu 80 --memory 70 --for 2h',
    async run({ cpu, memory, messages, ...options }, { controls, actor, now, dryRun }) {
      const until = untilOf(options.for, now);
      if (until !== null && until <= now) return badOption('The end of the budget lies in the past.');
      if (cpu === undefined && memory === undefined && messages === undefined) {
        return badOption('Say what to set: --cpu, --memory or --messages.');
      }
      const order = {
        target: options.target ?? null,
        until,
        ...(cpu !== undefined && { cpu: fromPercent(cpu) }),
        ...(memory !== undefined && { memory: fromPercent(memory) }),
        ...(messages !== undefined && { messages }),
      };
      return fromControl(await controls.optimizer.setBudget(order, actor, dryRun));
    },
  }),
  entry({
    words: ['budget', 'reset'],
    summary: 'Goes back to the configured budget: all of it, or what is named',
    role: 'operator',
    options: z.strictObject({
      target,
      cpu: flag('only the CPU budget').optional(),
      memory: flag('only the memory budget').optional(),
      messages: flag('only the message budget').optional(),
    }),
    positional: ['target'],
    changes: true,
    example: 'budget reset',
    async run(options, { controls, actor, dryRun }) {
      const resources = BUDGET_RESOURCES.filter((resource) => options[resource] === true);
      const reset = { target: options.target ?? null, resources };
      return fromControl(await controls.optimizer.resetBudget(reset, actor, dryRun));
    },
  }),
];

function untilOf(value: Ending | undefined, now: EpochMs): EpochMs | null {
  if (value === undefined) return null;
  return value.kind === 'for' ? after(now, value.span) : value.at;
}

function budgetRow(use: BudgetUse, { timezone, now }: CommandContext): readonly string[] {
  const until = use.until === null ? '' : `, until ${localTime(use.until, timezone, now)}`;
  const source = use.source === 'set' ? `set by ${use.by ?? ''}${until}` : `configured${until}`;
  return [
    use.target ?? 'this host',
    use.resource,
    `${useWords(use)} of ${limitWords(use)}`,
    bar(use),
    use.state === 'over' ? 'over' : use.state,
    source,
  ];
}

/** How much of the budget is used, as a bar of which the last cell is the budget. */
function bar({ used, limit }: BudgetUse): string {
  if (used === null) return '?'.padEnd(BAR);
  const filled = Math.min(BAR, Math.round((used / limit) * BAR));
  return `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`;
}
