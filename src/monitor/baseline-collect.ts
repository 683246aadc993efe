/**
 * `baseline collect`: learns what is normal now from a source that was named, and keeps it. Between two metrics the
 * loop is free; nothing is saved before everything was read.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Actor } from '../domain/approval.ts';
import { describeError, isOpsError } from '../domain/errors.ts';
import { type MetricName, unitOf } from '../domain/metric.ts';
import type { MinuteRows } from '../domain/rollup.ts';
import type { BaselineView, CollectResult, CollectSource } from '../domain/tuning.ts';
import { before, days, type EpochMs, fromIso, seconds, toIso } from '../domain/units.ts';
import { labelOf } from './actor-label.ts';
import { type Learnt, learn, normalRange } from './baseline.ts';
import { hoursOf } from './baseline-bands.ts';
import type { Collected } from './baseline-book.ts';
import type { BaselineDeskDeps } from './baseline-deps.ts';
import { type Gathered, gatherCsv, gatherPrometheus } from './baseline-sources.ts';
import type { MonitorConfig } from './config.ts';
import { learnRules } from './normals.ts';

export interface CollectRequest {
  readonly days: number;
  readonly source: CollectSource;
}

export async function collect(
  request: CollectRequest,
  by: Actor,
  dryRun: boolean,
  deps: BaselineDeskDeps,
): Promise<CollectResult> {
  const gathered = await gather(request, deps);
  if ('kind' in gathered) return gathered;
  const rules = learnRules(deps.config.current().baseline, deps.hourOf);
  const learntAt = toIso(deps.clock.now());
  const found: { readonly metric: MetricName; readonly baseline: Collected }[] = [];
  const notes = [...gathered.notes];
  for (const metric of gathered.metrics.filter((name) => unitOf(name) !== 'up')) {
    const rows = gathered.rows(metric);
    const learnt = learn(rows, unitOf(metric), rules);
    if (learnt === null) notes.push(tooLittle(metric, rows, rules.minRows));
    else found.push({ metric, baseline: stored(learnt, request.source, learntAt) });
    await nextTurn(); // between two metrics the loop is free
  }
  if (!dryRun && found.length > 0) await save(request, found, by, deps);
  const views = found.map(({ metric, baseline }) => collectedView(metric, baseline, deps));
  return { kind: 'collected', baselines: views, notes, saved: !dryRun && found.length > 0 };
}

async function save(
  request: CollectRequest,
  found: readonly { readonly metric: MetricName; readonly baseline: Collected }[],
  by: Actor,
  deps: BaselineDeskDeps,
): Promise<void> {
  await deps.audit.append({
    kind: 'config',
    actor: labelOf(by),
    text: `baselines of ${found.length} metrics collected (${request.source.kind}, ${request.days} days)`,
  });
  await deps.book.keep(found);
}

interface Rows {
  readonly metrics: readonly MetricName[];
  readonly notes: readonly string[];
  rows(metric: MetricName): MinuteRows;
}

async function gather(
  { days: count, source }: CollectRequest,
  deps: BaselineDeskDeps,
): Promise<Rows | Extract<CollectResult, { readonly kind: 'refused' | 'failed' }>> {
  const now = deps.clock.now();
  const from = before(now, days(count));
  switch (source.kind) {
    case 'history':
      return {
        metrics: deps.rollups.metrics(),
        notes: [],
        rows: (metric) => deps.rollups.minutes(metric, from, now, 'teaching'),
      };
    case 'csv':
      try {
        return gatheredRows(await gatherCsv(source.path), count);
      } catch (cause) {
        if (isOpsError(cause)) return { kind: 'failed', reason: cause.message };
        return { kind: 'failed', reason: describeError(cause) };
      }
    case 'prometheus': {
      const servers = prometheusServers(source, deps.config.current());
      if (typeof servers === 'string') return { kind: 'refused', reason: servers };
      return gatherServers(servers, { from, to: now, count }, deps);
    }
  }
}

type Server = Pick<Parameters<typeof gatherPrometheus>[0], 'server' | 'queries'>;

async function gatherServers(
  servers: readonly Server[],
  { from, to, count }: { readonly from: EpochMs; readonly to: EpochMs; readonly count: number },
  deps: BaselineDeskDeps,
): Promise<Rows | Extract<CollectResult, { readonly kind: 'failed' }>> {
  const parts: Gathered[] = [];
  for (const server of servers) parts.push(await gatherPrometheus({ http: deps.http, ...server, from, to }));
  const metrics = parts.flatMap(({ means }) => means.metrics());
  const notes = parts.flatMap((part) => part.notes);
  if (metrics.length === 0 && notes.length > 0)
    return { kind: 'failed', reason: `Prometheus gave nothing. ${notes.join('; ')}.` };
  return {
    metrics,
    notes,
    rows: (metric) =>
      (parts.find(({ means }) => means.metrics().includes(metric)) ?? (parts[0] as Gathered)).means.rows(
        metric,
        days(count),
      ),
  };
}

function prometheusServers(
  { url, queries }: Extract<CollectSource, { readonly kind: 'prometheus' }>,
  { prometheus }: MonitorConfig,
): readonly Server[] | string {
  if (url !== null && queries.length > 0) return [{ server: { url, timeLimit: seconds(30) }, queries }];
  const configured = prometheus.filter((server) => url === null || server.url === url);
  if (configured.length === 0)
    return url === null
      ? 'No Prometheus server is configured, and none was named.'
      : `Which queries? Give query NAME=EXPR, or configure them for ${url}.`;
  return configured.map((server) => ({
    server: { url: server.url, timeLimit: seconds(30) },
    queries: server.queries,
  }));
}

function gatheredRows({ means, notes }: Gathered, count: number): Rows {
  return { metrics: means.metrics(), notes, rows: (metric) => means.rows(metric, days(count)) };
}

function stored(learnt: Learnt, { kind }: CollectSource, learntAt: string): Collected {
  return {
    source: kind,
    learntAt,
    overall: learnt.overall,
    hours: learnt.hours === null ? null : [...learnt.hours],
  };
}

function collectedView(metric: MetricName, baseline: Collected, deps: BaselineDeskDeps): BaselineView {
  const { sigmas } = deps.config.current().baseline;
  const { overall, hours } = baseline;
  return {
    metric,
    unit: unitOf(metric),
    now: {
      ...overall,
      ...normalRange(overall, sigmas, unitOf(metric)),
      sigmas,
      configuredSigmas: sigmas,
      offsetSigmas: null,
      byHour: hours !== null,
    },
    hours: hoursOf({ overall, hours }, metric, sigmas),
    source: baseline.source,
    learntAt: fromIso(baseline.learntAt) ?? null,
    teachingMinutes: overall.rows,
    hoursCovered: hours === null ? 0 : hours.filter((hour) => hour !== null).length,
    since: null,
  };
}

function tooLittle(metric: MetricName, { values }: MinuteRows, needed: number): string {
  const known = values.filter((value) => !Number.isNaN(value)).length;
  return `${metric}: ${known} minutes are known, ${needed} are needed`;
}
