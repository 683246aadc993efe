/** The brakes: mode, freeze, thaw, maintenance. */
import { z } from 'zod';
import { days, hours, type Ms, minutes } from '../../domain/units.ts';
import { columns } from '../columns.ts';
import { localTime } from '../figures.ts';
import { freezeView, maintenanceView } from '../status-views.ts';
import type { Command } from './command.ts';
import { entry } from './entry.ts';
import { choice, phrase, span, word } from './options.ts';
import { endsByItself, fromControl, ok } from './replies.ts';

const FREEZE_SPAN = hours(1);
const MAINTENANCE_SPAN = hours(1);
/** Nobody remembers a brake that was set longer ago. */
const LONGEST = days(7);

const forWhile = (text: string): z.ZodType<Ms> => span(text, minutes(1), LONGEST);
const reason = phrase('why');

export const MODE_COMMANDS: readonly Command[] = [
  entry({
    words: ['mode', 'show'],
    summary: 'Whether Nightshift acts or only proposes',
    role: 'operator',
    options: z.strictObject({}),
    positional: [],
    changes: false,
    example: 'mode show',
    async run(_, { controls, timezone }) {
      const { mode, freeze, now } = controls.status();
      const held =
        freeze === null ? '' : ` Frozen (${freeze.scope}) until ${localTime(freeze.until, timezone, now)}.`;
      const text = mode === 'production' ? 'Production: it acts.' : 'Dry-run: it proposes and does not act.';
      return ok(`${text}${held}`, { mode, freeze: freeze === null ? null : freezeView(freeze) });
    },
  }),
  entry({
    words: ['mode', 'dry-run'],
    summary: 'Only proposes from now on',
    role: 'operator',
    options: z.strictObject({ for: forWhile('go back after this time').optional() }),
    positional: ['for'],
    changes: true,
    example: 'mode dry-run --for 2h',
    run: async (options, { controls, actor, dryRun }) =>
      fromControl(await controls.setMode('dry-run', options.for ?? null, actor, dryRun)),
  }),
  entry({
    words: ['mode', 'production'],
    summary: 'Acts from now on, inside every limit',
    role: 'operator',
    options: z.strictObject({ for: forWhile('go back after this time').optional() }),
    positional: ['for'],
    changes: true,
    example: 'mode production --for 8h',
    run: async (options, { controls, actor, dryRun }) =>
      fromControl(await controls.setMode('production', options.for ?? null, actor, dryRun)),
  }),
  entry({
    words: ['freeze'],
    summary: 'Stops all acting, from every door, until it ends by itself',
    role: 'responder',
    options: z.strictObject({
      scope: choice('what is stopped (all)', ['all', 'healing', 'optimizer']).optional(),
      for: forWhile('how long (1h, at most 7d)').optional(),
      reason: reason.optional(),
    }),
    positional: ['for', 'reason'],
    changes: true,
    example: 'freeze 2h moving the database',
    async run({ scope = 'all', for: span = FREEZE_SPAN, reason: why = '' }, context) {
      const result = await context.controls.freeze(scope, span, context.actor, why, context.dryRun);
      return endsByItself(result, span, 'watching goes on, and thaw ends it sooner.', context);
    },
  }),
  entry({
    words: ['thaw'],
    summary: 'Ends the freeze',
    role: 'responder',
    options: z.strictObject({ reason: reason.optional() }),
    positional: ['reason'],
    changes: true,
    example: 'thaw',
    run: async (_, { controls, actor, dryRun }) => fromControl(await controls.thaw(actor, dryRun)),
  }),
];

export const MAINTENANCE_COMMANDS: readonly Command[] = [
  entry({
    words: ['maintenance', 'start'],
    summary: 'Leaves a target, or the whole host, alone for a while; watching goes on',
    role: 'operator',
    options: z.strictObject({
      target: word('this target; the whole host without one').optional(),
      for: forWhile('how long (1h, at most 7d)').optional(),
      reason: reason.optional(),
    }),
    positional: ['target', 'for', 'reason'],
    changes: true,
    example: 'maintenance start billing-api 30m deploy',
    async run({ target = null, reason: why = '', for: span = MAINTENANCE_SPAN }, context) {
      const { controls, actor, dryRun } = context;
      const result = await controls.startMaintenance(target, span, actor, why, dryRun);
      return endsByItself(result, span, 'watching goes on, and maintenance end ends it sooner.', context);
    },
  }),
  entry({
    words: ['maintenance', 'end'],
    summary: 'Ends maintenance of a target, or of the whole host',
    role: 'operator',
    options: z.strictObject({ target: word('this target; the whole host without one').optional() }),
    positional: ['target'],
    changes: true,
    example: 'maintenance end billing-api',
    run: async ({ target = null }, { controls, actor, dryRun }) =>
      fromControl(await controls.endMaintenance(target, actor, dryRun)),
  }),
  entry({
    words: ['maintenance', 'list'],
    summary: 'What is under maintenance now',
    role: 'operator',
    options: z.strictObject({}),
    positional: [],
    changes: false,
    example: 'maintenance list',
    async run(_, { controls, timezone, now }) {
      const windows = controls.maintenance();
      const rows = windows.map((window) => [
        window.target ?? 'the whole host',
        `until ${localTime(window.until, timezone, now)}`,
        `by ${window.by}`,
        window.reason,
      ]);
      const text = rows.length === 0 ? 'Nothing is under maintenance.' : columns(rows).join('\n');
      return ok(text, { windows: windows.map(maintenanceView) });
    },
  }),
];
