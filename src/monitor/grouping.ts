/**
 * Which raised claims are the same cause.
 *
 * Pure. Same target and kind are one. A baseline claim stands beside the limit of its own metric as a second
 * witness instead of being told twice. While a target (or a probe that belongs to none) is down, and as long
 * after as its failures still stand in the last minute, its latency and its errors are the same trouble and
 * are not told, unless they were told before it went down.
 */
import { type AnomalyKind, compareSeverity, type Severity, type Witness } from '../domain/anomaly.ts';
import { familyOf, subjectOf } from '../domain/metric.ts';
import type { Ms } from '../domain/units.ts';
import type { Claim } from './claim.ts';
import type { Moment } from './flapping.ts';
import { isDownKind } from './kinds.ts';

const PROBE_FAMILIES: ReadonlySet<string> = new Set(['latency', 'success_rate', 'probe_up']);

export interface Raised {
  readonly claim: Claim;
  readonly since: Moment;
  /** False while it is only suspected. */
  readonly confirmed: boolean;
  readonly lasted: Ms;
}

export interface RaisedGroup {
  readonly kind: AnomalyKind;
  readonly target: string | null;
  readonly severity: Severity;
  readonly witnesses: readonly Witness[];
  /** At least one member is more than suspected. */
  readonly confirmed: boolean;
  /** The claim that speaks for it: the most severe, then the most unusual. */
  readonly claim: Claim;
  readonly since: Moment;
}

export interface GroupingRules {
  readonly ceilings: Readonly<Partial<Record<AnomalyKind, Severity>>>;
  readonly isTold: (target: string | null, kind: AnomalyKind) => boolean;
  /** Whose other troubles are not told now. */
  readonly shadowed: ReadonlySet<string>;
}

export function groupRaised(raised: readonly Raised[], rules: GroupingRules): readonly RaisedGroup[] {
  const groups = new Map<string, { readonly kind: AnomalyKind; readonly members: Raised[] }>();
  for (const one of raised) {
    const kind = kindBeside(one, raised);
    if (isShadowed(one.claim, kind, rules)) continue;
    const key = `${one.claim.target ?? ''}\n${kind}`;
    const group = groups.get(key) ?? { kind, members: [] };
    group.members.push(one);
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ kind, members }) => merge(kind, members, rules.ceilings[kind]))
    .sort((a, b) => compareSeverity(b.severity, a.severity));
}

/** Those that are down now, as `shadowed` takes them. */
export function downSubjects(raised: readonly Raised[]): readonly string[] {
  return raised.filter((one) => isDownKind(one.claim.kind)).flatMap((one) => subjectKey(one.claim) ?? []);
}

/** How severe it is now: *warning* while suspected, *info* until it has lasted its hold. */
export function severityNow(one: Raised): Severity {
  if (!one.confirmed) return least(one.claim.severity, 'warning');
  return one.lasted >= one.claim.hold ? one.claim.severity : 'info';
}

function kindBeside(one: Raised, raised: readonly Raised[]): AnomalyKind {
  if (one.claim.witness !== 'baseline') return one.claim.kind;
  const { metric, target } = one.claim;
  const limit = raised.find(
    ({ claim }) => claim.metric === metric && claim.target === target && claim.witness === 'limit',
  );
  return limit?.claim.kind ?? one.claim.kind;
}

function merge(kind: AnomalyKind, members: readonly Raised[], ceiling: Severity | undefined): RaisedGroup {
  const [first, ...rest] = [...members].sort(
    (a, b) => compareSeverity(severityNow(b), severityNow(a)) || b.claim.score - a.claim.score,
  ) as [Raised, ...Raised[]];
  const since = rest.reduce(
    (oldest, one) => (one.since.monotonic < oldest.monotonic ? one.since : oldest),
    first.since,
  );
  return {
    kind,
    target: first.claim.target,
    severity: ceiling === undefined ? severityNow(first) : least(severityNow(first), ceiling),
    witnesses: [...new Set(members.map((one) => one.claim.witness))],
    confirmed: members.some((one) => one.confirmed),
    claim: first.claim,
    since,
  };
}

function isShadowed(claim: Claim, kind: AnomalyKind, rules: GroupingRules): boolean {
  const subject = subjectKey(claim);
  if (subject === null || isDownKind(kind) || !rules.shadowed.has(subject)) return false;
  return !rules.isTold(claim.target, kind);
}

/** Whom a claim is about: its target, else the probe, else nobody in particular. */
function subjectKey({ target, metric }: Claim): string | null {
  if (target !== null) return `target ${target}`;
  const probe = PROBE_FAMILIES.has(familyOf(metric)) ? subjectOf(metric) : undefined;
  return probe === undefined ? null : `probe ${probe}`;
}

function least(a: Severity, b: Severity): Severity {
  return compareSeverity(a, b) <= 0 ? a : b;
}
