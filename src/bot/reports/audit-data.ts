/**
 * What the reports read from the `data` of audit lines. Lines of older versions lack some of it; a line that does not
 * fit is left out.
 */
import { z } from 'zod';
import type { Severity } from '../../domain/anomaly.ts';
import type { AuditLine } from '../../domain/ports.ts';
import type { Outcome, Verification } from '../../domain/strategy.ts';

export interface IncidentData {
  readonly change: 'opened' | 'escalated' | 'resolved';
  readonly title?: string | undefined;
  readonly severity: Severity;
  readonly since: string;
  readonly how?: 'healed' | 'recovered' | 'by_hand' | 'joined' | undefined;
  readonly errand?: boolean | undefined;
}

export interface PlannedData {
  readonly plan: { readonly effect: string; readonly action: { readonly kind: string } };
  readonly inverse?: boolean | undefined;
}

const INCIDENT: z.ZodType<IncidentData> = z.object({
  change: z.enum(['opened', 'escalated', 'resolved']),
  title: z.string().optional(),
  severity: z.enum(['info', 'warning', 'critical']),
  since: z.iso.datetime(),
  how: z.enum(['healed', 'recovered', 'by_hand', 'joined']).optional(),
  errand: z.boolean().optional(),
});
const PLANNED: z.ZodType<PlannedData> = z.object({
  plan: z.object({ effect: z.string(), action: z.object({ kind: z.string() }) }),
  inverse: z.boolean().optional(),
});
const OUTCOME = z.object({
  outcome: z.object({ kind: z.enum(['succeeded', 'dry-run', 'failed', 'unknown']) }),
});
const VERIFIED = z.object({ verification: z.enum(['helped', 'no_effect', 'worse', 'unknown']) });
const REFUSED = z.object({ gate: z.string() });
const THROTTLE = z.object({ throttle: z.object({ id: z.string(), rung: z.string() }) });

export function incidentData({ data }: AuditLine): IncidentData | null {
  return INCIDENT.safeParse(data).data ?? null;
}

export function plannedData({ data }: AuditLine): PlannedData | null {
  return PLANNED.safeParse(data).data ?? null;
}

export function outcomeOf({ data }: AuditLine): Outcome['kind'] | null {
  return OUTCOME.safeParse(data).data?.outcome.kind ?? null;
}

export function verificationOf({ data }: AuditLine): Verification | null {
  return VERIFIED.safeParse(data).data?.verification ?? null;
}

export function gateOf({ data }: AuditLine): string {
  return REFUSED.safeParse(data).data?.gate ?? 'unknown';
}

export function throttleOf({ data }: AuditLine): { readonly id: string; readonly rung: string } | null {
  return THROTTLE.safeParse(data).data?.throttle ?? null;
}

/** Written by a person at some door, not by Nightshift or by another program. */
export function isPerson(actor: string): boolean {
  return actor.includes(':') && !actor.startsWith('webhook:') && !actor.startsWith('ping:');
}
