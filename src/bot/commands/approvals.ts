/** The one approval, at the doors where people type. The buttons of the cards run the same entries. */
import { z } from 'zod';
import type { DecisionResult, Verdict } from '../../domain/approval.ts';
import { assertNever } from '../../domain/errors.ts';
import { actionPhrase } from '../action-words.ts';
import { approvalView } from '../approval-views.ts';
import { columns } from '../columns.ts';
import { localTime } from '../figures.ts';
import type { Command, CommandContext, Reply } from './command.ts';
import { entry } from './entry.ts';
import { findApproval } from './lookup.ts';
import { phrase, word } from './options.ts';
import { forbidden, notFound, ok, refused, would } from './replies.ts';
import { approvalRow } from './status-text.ts';

const id = word('approval id, or the beginning of one');
const options = z.strictObject({ id, reason: phrase('why').optional() });

export const APPROVAL_COMMANDS: readonly Command[] = [
  entry({
    words: ['approvals'],
    summary: 'What waits for a decision, exactly as it would run',
    role: 'approver',
    options: z.strictObject({ id: id.optional() }),
    positional: ['id'],
    changes: false,
    example: 'approvals',
    run: async (given, context) => listApprovals(given.id, context),
  }),
  entry({
    words: ['approve'],
    summary: 'Says yes: exactly what was shown runs once',
    role: 'approver',
    options,
    positional: ['id', 'reason'],
    changes: true,
    example: 'approve 3f2a9c deploy is done',
    run: async (given, context) => decide('approve', given, context),
  }),
  entry({
    words: ['deny'],
    summary: 'Says no: it does not run, and people are paged',
    role: 'approver',
    options,
    positional: ['id', 'reason'],
    changes: true,
    example: 'deny 3f2a9c wait for the morning',
    run: async (given, context) => decide('deny', given, context),
  }),
];

function listApprovals(given: string | undefined, { controls, timezone, now }: CommandContext): Reply {
  if (given === undefined) {
    const pending = controls.approvals('pending');
    const rows = pending.map((approval) => approvalRow(approval, (at) => localTime(at, timezone, now)));
    const text = rows.length === 0 ? 'Nothing waits for a decision.' : columns(rows).join('\n');
    return ok(text, { approvals: pending.map(approvalView) });
  }
  const found = findApproval(controls, given);
  if (found.kind === 'none') return found.reply;
  const { plan, why, tried, state, expiresAt } = found.value;
  const rows = [
    ['Asked', `${actionPhrase(plan.action.kind, plan.target)}?`],
    ['Will run', plan.effect],
    ['Why', why],
    ['Tried', tried === '' ? 'nothing yet' : tried],
    ['Undo', plan.undo ?? 'none'],
    ['State', state.kind],
    ['Expires', localTime(expiresAt, timezone, now)],
  ];
  return ok(columns(rows).join('\n'), { approvals: [approvalView(found.value)] });
}

async function decide(
  verdict: Verdict,
  given: { readonly id: string; readonly reason?: string | undefined },
  { controls, actor, dryRun }: CommandContext,
): Promise<Reply> {
  const found = findApproval(controls, given.id);
  if (found.kind === 'none') return found.reply;
  const { plan, state } = found.value;
  if (dryRun) {
    const phrase_ = actionPhrase(plan.action.kind, plan.target);
    return would(`Would ${verdict}: ${phrase_} (${plan.effect}). It is ${state.kind} now.`);
  }
  return replyTo(verdict, await controls.decide(found.value.id, verdict, actor, given.reason ?? ''));
}

function replyTo(verdict: Verdict, result: DecisionResult): Reply {
  switch (result.kind) {
    case 'accepted': {
      const what = actionPhrase(result.approval.plan.action.kind, result.approval.plan.target);
      const text = verdict === 'approve' ? `Approved: ${what} runs now.` : `Denied: ${what} does not run.`;
      return ok(text, { approval: approvalView(result.approval) });
    }
    case 'one_more_needed':
      return ok('Your yes is kept; one more person has to say yes.', {
        approval: approvalView(result.approval),
      });
    case 'refused': {
      const data = { reason: result.code };
      return result.code === 'FORBIDDEN' ? forbidden(result.reason, data) : refused(result.reason, data);
    }
    case 'not_found':
      return notFound('This approval does not exist.');
    default:
      return assertNever(result);
  }
}
