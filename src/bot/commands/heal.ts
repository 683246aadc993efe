/** Healing by hand: what it would do, what it did, do it now, take it back. */
import { z } from 'zod';
import type { HealPlan } from '../../domain/controls.ts';
import { actionPhrase, attemptSentence } from '../action-words.ts';
import { columns } from '../columns.ts';
import { localTime } from '../figures.ts';
import { healPlanView } from '../status-views.ts';
import { attemptView } from '../views.ts';
import type { Command } from './command.ts';
import { entry } from './entry.ts';
import { findIncident } from './lookup.ts';
import { phrase, whole, word } from './options.ts';
import { badOption, fromControl, notFound, ok } from './replies.ts';

const id = word('incident id, or the beginning of one');
const reason = phrase('why');

export const HEAL_COMMANDS: readonly Command[] = [
  entry({
    words: ['heal', 'plan'],
    summary: 'What healing would do for an incident, rung by rung, and what holds it',
    role: 'viewer',
    options: z.strictObject({ id }),
    positional: ['id'],
    changes: false,
    example: 'heal plan inc-7f3a',
    async run(options, { controls }) {
      const found = findIncident(controls, options.id);
      if (found.kind === 'none') return found.reply;
      const plan = controls.healPlan(found.value.id);
      if (plan === undefined) return notFound(`There is no plan for ${found.value.id}.`);
      return ok(planText(plan), healPlanView(plan));
    },
  }),
  entry({
    words: ['heal', 'history'],
    summary: 'What healing did, and whether it helped',
    role: 'viewer',
    options: z.strictObject({
      target: word('only on this target').optional(),
      limit: whole('at most so many (20)', 1, 500).optional(),
    }),
    positional: ['target'],
    changes: false,
    example: 'heal history --target rpa-worker',
    async run({ target, limit = 20 }, { controls, timezone, now }) {
      const attempts = controls.healHistory({ ...(target === undefined ? {} : { target }), limit });
      const rows = attempts.map((attempt) => [
        localTime(attempt.startedAt, timezone, now),
        attempt.incidentId,
        attemptSentence(attempt),
      ]);
      const text = rows.length === 0 ? 'Nothing was done.' : columns(rows).join('\n');
      const views = attempts.map((attempt) => ({ incidentId: attempt.incidentId, ...attemptView(attempt) }));
      return ok(text, { attempts: views });
    },
  }),
  entry({
    words: ['heal', 'run'],
    summary: 'Runs the next rung for an incident, or a strategy on a target; every gate still holds',
    role: 'responder',
    options: z.strictObject({
      id: id.optional(),
      strategy: word('this strategy').optional(),
      target: word('on this target').optional(),
      reason: reason.optional(),
    }),
    positional: ['id'],
    changes: true,
    example: 'heal run inc-7f3a --dry-run',
    async run({ id: given, strategy, target, reason: why = '' }, { controls, actor, dryRun }) {
      if (given === undefined && strategy === undefined) {
        return badOption('Heal what? Give an incident, or a strategy and a target.', {
          missing: ['id', 'strategy'],
        });
      }
      const request = {
        ...(strategy === undefined ? {} : { strategy }),
        ...(target === undefined ? {} : { target }),
      };
      if (given === undefined) return fromControl(await controls.runHeal(request, actor, why, dryRun));
      const found = findIncident(controls, given);
      if (found.kind === 'none') return found.reply;
      return fromControl(await controls.runHeal({ ...request, id: found.value.id }, actor, why, dryRun));
    },
  }),
  entry({
    words: ['heal', 'undo'],
    summary: 'Takes back the last action of an incident, where it has an inverse',
    role: 'responder',
    options: z.strictObject({ id, reason: reason.optional() }),
    positional: ['id', 'reason'],
    changes: true,
    example: 'heal undo inc-7f3a',
    async run(options, { controls, actor, dryRun }) {
      const found = findIncident(controls, options.id);
      if (found.kind === 'none') return found.reply;
      return fromControl(await controls.undoHeal(found.value.id, actor, dryRun));
    },
  }),
];

function planText(plan: HealPlan): string {
  const rows = plan.rungs.map((rung) => [
    rung.next ? 'next' : '',
    String(rung.plan.rung + 1),
    actionPhrase(rung.plan.action.kind, rung.plan.target),
    rung.plan.effect,
    rung.refusal === null ? 'can run' : `held: ${rung.refusal.reason}`,
  ]);
  const strategy = plan.strategy === null ? 'No strategy answers this.' : `Strategy ${plan.strategy}.`;
  return [`${plan.incident.id}: ${plan.incident.title}. ${strategy}`, ...columns(rows), plan.note]
    .filter((line) => line !== '')
    .join('\n');
}
