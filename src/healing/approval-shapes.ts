/** What approvals look like in their state document. */
import { z } from 'zod';
import { type Actor, type ApprovalState, ROLES } from '../domain/approval.ts';
import type { ApprovalRecord } from './approval-rules.ts';
import { ApprovalIdShape, IncidentIdShape, Moment, WorkPlanShape } from './shapes.ts';

export interface ApprovalData {
  readonly approvals: readonly ApprovalRecord[];
}

const ActorShape: z.ZodType<Actor> = z.object({
  surface: z.enum(['slack', 'discord', 'web', 'cli', 'api', 'mail']),
  id: z.string(),
  display: z.string(),
  person: z.string().nullable(),
  roles: z.array(z.enum(ROLES)),
});

const StateShape: z.ZodType<ApprovalState> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pending') }),
  z.object({ kind: z.literal('approved'), at: Moment }),
  z.object({ kind: z.literal('denied'), at: Moment }),
  z.object({ kind: z.literal('expired'), at: Moment }),
  z.object({ kind: z.literal('void'), at: Moment, reason: z.string() }),
]);

export const ApprovalDataShape: z.ZodType<ApprovalData> = z.object({
  approvals: z.array(
    z.object({
      approval: z.object({
        id: ApprovalIdShape,
        incidentId: IncidentIdShape,
        plan: WorkPlanShape,
        why: z.string(),
        tried: z.string(),
        requestedBy: ActorShape.nullable(),
        requestedAt: Moment,
        expiresAt: Moment,
        approversNeeded: z.union([z.literal(1), z.literal(2)]),
        decisions: z.array(
          z.object({ verdict: z.enum(['approve', 'deny']), by: ActorShape, at: Moment, reason: z.string() }),
        ),
        state: StateShape,
      }),
      takenAt: Moment.nullable(),
    }),
  ),
});
