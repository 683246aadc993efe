/**
 * The JSON form of strategies and their rungs. A rung is the bare kind as a string, or an object with the kind
 * and its own fields; what is left out takes the default written here.
 */
import { z } from 'zod';
import { ANOMALY_KINDS } from '../domain/anomaly.ts';
import { ACTION_KINDS, type Action, type ActionKind, type Strategy } from '../domain/strategy.ts';
import { type Ms, minutes, seconds } from '../domain/units.ts';

/** Kinds that cannot do without fields of their own, so their bare name is no rung. */
const NEEDS_FIELDS = [
  'run_command',
  'http_call',
  'trigger_workflow',
] as const satisfies readonly ActionKind[];
const BARE_KINDS = ACTION_KINDS.filter((kind) => !(NEEDS_FIELDS as readonly ActionKind[]).includes(kind));

const NAME = /^[A-Za-z0-9@._:][A-Za-z0-9@._:-]{0,63}$/;
/** Also safe as one argument of a command: it never begins with a dash. */
export const Name: z.ZodType<string> = z
  .string()
  .regex(NAME, { error: 'expected 1 to 64 characters out of A-Z a-z 0-9 @ . _ : -, not beginning with -' });

export const WebUrl: z.ZodType<string> = z
  .string()
  .regex(/^https?:\/\/\S+$/, { error: 'expected an http or https URL' });

const common = {
  target: Name.nullable().default(null), // the anomaly's own target
  timeoutSeconds: z.number().min(1).max(540).default(60), // a restart that takes longer is a failure of its own
  needsApproval: z.boolean().default(false), // the other gates ask where asking is needed
};
const passing = {
  backAfterMinutes: z.number().min(1).max(1_440).nullable().default(15), // long enough to believe it
};
const plain = <K extends ActionKind>(kind: K) => z.strictObject({ kind: z.literal(kind), ...common });

const RungObject = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('rate_limit'),
    ...common,
    perSecond: z.number().positive().max(1_000_000).default(10), // slow enough to breathe, not a stop
    spanMinutes: z.number().min(1).max(1_440).default(15), // a limit ends by itself
  }),
  plain('restart_process'),
  plain('clear_cache'),
  plain('restart_worker'),
  z.strictObject({ kind: z.literal('llm_fallback'), ...common, ...passing }),
  plain('restart_service'),
  z.strictObject({
    kind: z.literal('alert'),
    ...common,
    message: z.string().min(1).max(500).default('Healing has done what it may; a person is needed.'), // says what is asked
  }),
  z.strictObject({ kind: z.literal('enable_cache'), ...common, ...passing }),
  z.strictObject({
    kind: z.literal('scale_up_workers'),
    ...common,
    ...passing,
    by: z.number().int().min(1).max(20).default(1),
  }), // one more first
  z.strictObject({ kind: z.literal('redistribute_tasks'), ...common, to: Name.nullable().default(null) }), // to whoever is free
  plain('save_snapshot'),
  z.strictObject({ kind: z.literal('run_command'), ...common, command: Name }),
  z.strictObject({
    kind: z.literal('http_call'),
    ...common,
    url: WebUrl,
    method: z.enum(['POST', 'PUT', 'GET']).default('POST'), // most hooks that act take POST
  }),
  z.strictObject({
    kind: z.literal('trigger_workflow'),
    ...common,
    workflow: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, { error: 'expected the file name of a workflow' }),
  }),
]);

const Rung = z
  .union([z.enum(BARE_KINDS), RungObject], { error: describeRungFault })
  .transform((raw): Action => toAction(typeof raw === 'string' ? RungObject.parse({ kind: raw }) : raw));

/** The JSON form of one strategy, before the limits of the file fill what it leaves out. */
export const StrategyEntry: z.ZodType<StrategyEntry> = z.strictObject({
  name: Name,
  enabled: z.boolean().default(true), // listed means wanted
  match: z.strictObject({
    kinds: z.array(z.enum(ANOMALY_KINDS)).min(1),
    metrics: z.array(z.string().min(1)).default([]), // any
    targets: z.array(Name).default([]), // any
    minSeverity: z.enum(['warning', 'critical']).default('warning'), // what one model finds alone is info and starts nothing
  }),
  actions: z.array(Rung).min(1).max(10),
  autonomy: z.enum(['suggest', 'ask', 'auto']).default('auto'), // inside the gates; dry-run is the shipped mode
  verifySeconds: z.number().min(10).max(600).default(120), // a service needs a while to warm up
  gracePeriodSeconds: z.number().min(0).max(86_400).optional(),
  maxAttemptsPerHour: z.number().int().min(1).max(20).optional(),
});

export interface StrategyEntry {
  readonly name: string;
  readonly enabled: boolean;
  readonly match: Strategy['match'];
  readonly actions: readonly Action[];
  readonly autonomy: Strategy['autonomy'];
  readonly verifySeconds: number;
  readonly gracePeriodSeconds?: number | undefined;
  readonly maxAttemptsPerHour?: number | undefined;
}

export interface StrategyDefaults {
  readonly gracePeriodSeconds: number;
  readonly maxAttemptsPerHour: number;
}

export function toStrategy(raw: StrategyEntry, defaults: StrategyDefaults): Strategy {
  return {
    name: raw.name,
    enabled: raw.enabled,
    match: raw.match,
    actions: raw.actions,
    autonomy: raw.autonomy,
    verifyWithin: seconds(raw.verifySeconds),
    gracePeriod: seconds(raw.gracePeriodSeconds ?? defaults.gracePeriodSeconds),
    maxAttemptsPerHour: raw.maxAttemptsPerHour ?? defaults.maxAttemptsPerHour,
  };
}

function toAction(raw: z.infer<typeof RungObject>): Action {
  const base = {
    target: raw.target,
    timeLimit: seconds(raw.timeoutSeconds),
    needsApproval: raw.needsApproval,
  };
  switch (raw.kind) {
    case 'rate_limit':
      return { ...base, kind: raw.kind, perSecond: raw.perSecond, span: minutes(raw.spanMinutes) };
    case 'alert':
      return { ...base, kind: raw.kind, message: raw.message };
    case 'llm_fallback':
    case 'enable_cache':
      return { ...base, kind: raw.kind, goBackAfter: backAfter(raw.backAfterMinutes) };
    case 'scale_up_workers':
      return { ...base, kind: raw.kind, by: raw.by, goBackAfter: backAfter(raw.backAfterMinutes) };
    case 'redistribute_tasks':
      return { ...base, kind: raw.kind, to: raw.to };
    case 'run_command':
      return { ...base, kind: raw.kind, command: raw.command };
    case 'http_call':
      return { ...base, kind: raw.kind, url: raw.url, method: raw.method };
    case 'trigger_workflow':
      return { ...base, kind: raw.kind, workflow: raw.workflow };
    default:
      return { ...base, kind: raw.kind };
  }
}

function backAfter(span: number | null): Ms | null {
  return span === null ? null : minutes(span);
}

/** A union says only "invalid input"; this says what is wrong with the form that was meant. */
function describeRungFault(issue: { readonly input?: unknown; readonly errors?: unknown }): string {
  const { input } = issue;
  if (typeof input === 'string') {
    const known = (ACTION_KINDS as readonly string[]).includes(input);
    return known
      ? `"${input}" needs fields of its own: expected an object {"kind": "${input}", ...}`
      : `expected one of ${ACTION_KINDS.join(', ')}`;
  }
  const nested = RungObject.safeParse(input);
  const first = nested.success ? undefined : nested.error.issues[0];
  const path = first?.path.join('.') ?? '';
  return `${path === '' ? '' : `${path}: `}${first?.message ?? 'expected an action kind or an object with one'}`;
}
