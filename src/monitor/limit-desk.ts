/**
 * Setting, resetting and explaining limits. A change is audited first and then on disk; it holds from the next beat.
 */
import type { Actor } from '../domain/approval.ts';
import type { ControlResult } from '../domain/control-result.ts';
import { familyOf, type MetricName, unitOf } from '../domain/metric.ts';
import type { AuditLog, Clock, Live } from '../domain/ports.ts';
import type { LearntBand, LimitDesk, LimitExplanation, LimitPair } from '../domain/tuning.ts';
import { after, type EpochMs, type Ms, toIso } from '../domain/units.ts';
import { labelOf } from './actor-label.ts';
import type { MonitorConfig } from './config.ts';
import { type LimitBook, overrideFor } from './limit-book.ts';
import { figure } from './sentences.ts';
import { type Threshold, thresholdFor } from './thresholds.ts';

export interface LimitDeskDeps {
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly book: LimitBook;
  /** As the file says, without overrides. */
  readonly config: Live<MonitorConfig>;
  /** What is known of the metrics of this host. */
  readonly known: {
    metrics(): readonly MetricName[];
    value(metric: MetricName): number | null;
    learnt(metric: MetricName): LearntBand | null;
  };
}

interface Change {
  readonly metric: MetricName;
  readonly warn: number | null;
  readonly critical: number | null;
  readonly span: Ms | null;
}

export function createLimitDesk(deps: LimitDeskDeps): LimitDesk {
  return {
    explain: (metric) => explain(metric, deps),
    overrides: deps.book.overrides,
    set: (change, by, dryRun) => set(change, by, dryRun, deps),
    reset: (metric, by, dryRun) => reset(metric, by, dryRun, deps),
  };
}

function explain(metric: MetricName, deps: LimitDeskDeps): LimitExplanation | undefined {
  const { book, known } = deps;
  const configured = deps.config.current().thresholds;
  if (!isKnown(metric, configured, known.metrics())) return undefined;
  const file = thresholdFor(metric, configured);
  const override = overrideFor(metric, book.overrides(), configured);
  const inForce = thresholdFor(metric, book.config.current().thresholds);
  const learnt = known.learnt(metric);
  const hasLimit = inForce !== undefined && (inForce.warn !== null || inForce.critical !== null);
  return {
    metric,
    unit: unitOf(metric),
    value: known.value(metric),
    configured: file === undefined ? null : { ...pairOf(file), entry: file.metric },
    override,
    inForce: inForce === undefined ? null : pairOf(inForce),
    learnt,
    applies: appliesNow(metric, hasLimit, override !== null, learnt !== null),
  };
}

function appliesNow(
  metric: MetricName,
  hasLimit: boolean,
  isOverridden: boolean,
  isLearnt: boolean,
): LimitExplanation['applies'] {
  if (unitOf(metric) === 'up') return 'up or down';
  if (hasLimit) return isOverridden ? 'override' : 'fixed limit';
  return isLearnt ? 'learnt band' : 'nothing yet';
}

/** A metric that was seen, a family of one, or a name of the configuration. */
function isKnown(metric: MetricName, configured: readonly Threshold[], seen: readonly MetricName[]): boolean {
  return (
    seen.some((name) => name === metric || familyOf(name) === metric) ||
    configured.some((entry) => entry.metric === metric)
  );
}

async function set(
  change: Change,
  by: Actor,
  dryRun: boolean,
  { clock, audit, book }: LimitDeskDeps,
): Promise<ControlResult> {
  const now = clock.now();
  const until = change.span === null ? null : after(now, change.span);
  const words = `${change.metric}: ${limitsText(change)}${untilText(until)}`;
  if (dryRun) return { kind: 'would', text: `Would set the limits of ${words}.` };
  const { metric, warn, critical } = change;
  await audit.append({
    kind: 'config',
    actor: labelOf(by),
    text: `limits of ${words}`,
    data: { metric, warn, critical, until: until === null ? null : toIso(until) },
  });
  const override = { metric, warn, critical, until, by: labelOf(by), at: now };
  await book.change((all) => [...all.filter((one) => one.metric !== metric), override]);
  return { kind: 'done', text: `Limits of ${words}.` };
}

async function reset(
  metric: MetricName | null,
  by: Actor,
  dryRun: boolean,
  { audit, book }: LimitDeskDeps,
): Promise<ControlResult> {
  const chosen = book.overrides().filter((one) => metric === null || one.metric === metric);
  const names = chosen.map((one) => one.metric).join(', ');
  if (chosen.length === 0) {
    const of = metric === null ? 'any metric' : metric;
    return { kind: 'not_found', reason: `Nobody set the limits of ${of}; the configured ones hold.` };
  }
  if (dryRun) return { kind: 'would', text: `Would go back to the configured limits of ${names}.` };
  await audit.append({ kind: 'config', actor: labelOf(by), text: `limits of ${names} back to the file` });
  await book.change((all) => all.filter((one) => metric !== null && one.metric !== metric));
  return { kind: 'done', text: `The configured limits of ${names} hold again.` };
}

function limitsText({ metric, warn, critical }: Change): string {
  const unit = unitOf(metric);
  const one = (name: string, value: number | null): string =>
    value === null ? `no ${name} limit` : `${name} ${figure(value, unit)}`;
  return `${one('warn', warn)}, ${one('critical', critical)}`;
}

function untilText(until: EpochMs | null): string {
  return until === null ? ', until it is reset' : `, until ${toIso(until).slice(0, 16)}Z`;
}

function pairOf({ direction, warn, critical, warnAfter, criticalAfter }: Threshold): LimitPair {
  return { direction, warn, critical, warnAfter, criticalAfter };
}
