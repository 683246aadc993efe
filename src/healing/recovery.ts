/**
 * What a crash left behind, read from the audit log. Pure: every intent with the outcome that followed it, or none.
 * The log is written before anything runs, so it is the one place that cannot have missed an action.
 */
import { z } from 'zod';
import type { AuditLine } from '../domain/ports.ts';
import type { ActionPlan, Outcome } from '../domain/strategy.ts';
import { type EpochMs, fromIso } from '../domain/units.ts';
import { OutcomeShape, PlanShape } from './shapes.ts';

export interface IntentFound {
  readonly plan: ActionPlan;
  readonly at: EpochMs;
  readonly isInverse: boolean;
  readonly approvalId: string | null;
  /** `null` = it was never written: unknown whether it ran. */
  readonly outcome: Outcome | null;
}

const IntentData = z.object({
  plan: PlanShape,
  inverse: z.boolean(),
  approvalId: z.string().nullable(),
});
const OutcomeData = z.object({ outcome: OutcomeShape });

/** @param lines Audit lines in any order; other kinds than intent and outcome are passed over. */
export function readIntents(lines: readonly AuditLine[]): readonly IntentFound[] {
  const outcomes = new Map<string, Outcome>();
  for (const line of lines) {
    const data = line.kind === 'outcome' ? OutcomeData.safeParse(line.data) : undefined;
    if (data?.success === true && line.actionId !== undefined) outcomes.set(line.actionId, data.data.outcome);
  }
  const found = new Map<string, IntentFound>();
  for (const line of lines) {
    const intent = line.kind === 'intent' ? readIntent(line, outcomes) : null;
    if (intent !== null) found.set(intent.plan.actionId, intent);
  }
  return [...found.values()];
}

function readIntent(line: AuditLine, outcomes: ReadonlyMap<string, Outcome>): IntentFound | null {
  const data = IntentData.safeParse(line.data);
  const at = fromIso(line.time);
  if (!data.success || at === undefined) return null;
  const { plan, inverse, approvalId } = data.data;
  return { plan, at, isInverse: inverse, approvalId, outcome: outcomes.get(plan.actionId) ?? null };
}
