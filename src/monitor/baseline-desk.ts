/**
 * Baselines as people ask for them: shown by hour, learnt anew, collected on purpose. What changes something is
 * audited first; what was collected is on disk before it is said.
 */
import type { Actor } from '../domain/approval.ts';
import type { ControlResult } from '../domain/control-result.ts';
import { type MetricName, unitOf } from '../domain/metric.ts';
import type { MinuteRows } from '../domain/rollup.ts';
import type { BaselineDesk, BaselineView } from '../domain/tuning.ts';
import { type EpochMs, epochMs, fromIso } from '../domain/units.ts';
import { labelOf } from './actor-label.ts';
import { hoursOf } from './baseline-bands.ts';
import { collect } from './baseline-collect.ts';
import type { BaselineDeskDeps } from './baseline-deps.ts';

export function createBaselineDesk(deps: BaselineDeskDeps): BaselineDesk {
  return {
    show: (metric) => chosen(metric, deps).map((name) => viewOf(name, deps)),
    relearn: (metric, by, dryRun) => relearn(metric, by, dryRun, deps),
    collect: (request, by, dryRun) => collect(request, by, dryRun, deps),
  };
}

function chosen(metric: MetricName | null, { rollups, book }: BaselineDeskDeps): readonly MetricName[] {
  const known = new Set([...rollups.metrics(), ...book.collectedMetrics()]);
  return [...known].filter((name) => unitOf(name) !== 'up' && (metric === null || name === metric)).sort();
}

function viewOf(metric: MetricName, deps: BaselineDeskDeps): BaselineView {
  const now = deps.clock.now();
  const found = deps.normals.inForce(metric);
  const collected = deps.book.collected(metric);
  const band = deps.normals.band(metric, now);
  const since = deps.book.since(metric);
  const from = epochMs(Math.max(deps.rollups.oldest() ?? now, since ?? 0));
  return {
    metric,
    unit: unitOf(metric),
    now: band,
    hours: found === null ? [] : hoursOf(found.learnt, metric, band?.sigmas ?? 0),
    source: found === null ? null : found.isCollected ? (collected?.source ?? null) : 'history',
    learntAt:
      found?.isCollected === true ? (fromIso(collected?.learntAt ?? '') ?? null) : (found?.at ?? null),
    ...coverage(deps.rollups.minutes(metric, epochMs(Math.min(from, now)), now, 'teaching'), deps.hourOf),
    since,
  };
}

function coverage(
  { first, values }: MinuteRows,
  hourOf: (at: EpochMs) => number,
): Pick<BaselineView, 'teachingMinutes' | 'hoursCovered'> {
  const hours = new Set<number>();
  let teachingMinutes = 0;
  let hour = 0;
  for (const [index, value] of values.entries()) {
    if (index % 30 === 0) hour = hourOf(epochMs(first + index * 60_000));
    if (Number.isNaN(value)) continue;
    teachingMinutes += 1;
    hours.add(hour);
  }
  return { teachingMinutes, hoursCovered: hours.size };
}

async function relearn(
  metric: MetricName | null,
  by: Actor,
  dryRun: boolean,
  deps: BaselineDeskDeps,
): Promise<ControlResult> {
  const names = chosen(metric, deps);
  if (names.length === 0)
    return { kind: 'not_found', reason: `Nothing is learnt of ${metric ?? 'any metric'}.` };
  const { minSampleMinutes } = deps.config.current().baseline;
  const what = metric ?? `all ${names.length} metrics`;
  const hours = Math.ceil(minSampleMinutes / 60);
  const later = `Its band comes back after ${hours} h of new samples; fixed limits hold meanwhile.`;
  if (dryRun) return { kind: 'would', text: `Would forget what is normal for ${what}. ${later}` };
  await deps.audit.append({ kind: 'config', actor: labelOf(by), text: `baseline of ${what} is learnt anew` });
  await deps.book.forget(metric, deps.clock.now());
  return { kind: 'done', text: `What is normal for ${what} is learnt anew from now on. ${later}` };
}
