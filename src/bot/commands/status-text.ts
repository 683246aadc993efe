/** The status in words: the first line answers the question, what waits for a person comes next. Pure. */
import type { Approval } from '../../domain/approval.ts';
import type { MetricNow, Status } from '../../domain/controls.ts';
import { type Incident, stateWord } from '../../domain/incident.ts';
import { familyOf } from '../../domain/metric.ts';
import type { EpochMs } from '../../domain/units.ts';
import { actionPhrase } from '../action-words.ts';
import { columns } from '../columns.ts';
import { counted, figure, localTime, metricWords, normalWords } from '../figures.ts';
import { severityWord } from '../messages.ts';
import { standingSentence, throttleSentence } from '../standing-words.ts';

/** Shown even when all is well; others only when they are not. */
const ALWAYS_SHOWN: ReadonlySet<string> = new Set(['cpu', 'memory', 'disk', 'latency', 'target_up']);
const METRICS_SHOWN = 15;
const INCIDENTS_SHOWN = 10;

/** @param ranges What each metric did in the asked window, in words; empty without one. */
export function statusText(status: Status, ranges: ReadonlyMap<string, string>): string {
  const at = (moment: EpochMs): string => localTime(moment, status.timezone, status.now);
  return [
    headline(status),
    contextLine(status, at),
    ...(status.freeze === null
      ? []
      : [`Frozen (${status.freeze.scope}) until ${at(status.freeze.until)} by ${status.freeze.by}.`]),
    ...status.standing.map((change) => standingSentence(change, at)),
    ...status.throttle.map(throttleSentence),
    ...columns([...status.pendingApprovals.map((approval) => approvalRow(approval, at))]),
    ...columns(status.incidents.slice(0, INCIDENTS_SHOWN).map((incident) => incidentRow(incident, at))),
    ...moreLine(status.incidents.length - INCIDENTS_SHOWN, 'incident'),
    ...columns(shownMetrics(status.metrics).map((metric) => metricRow(metric, ranges))),
    ...surfaceLines(status, at),
    ...status.complaints.map((complaint) => `Nightshift itself: ${complaint}`),
  ].join('\n');
}

/** `Waiting  inc-7f3a  Critical  billing-api is slow  since 02:06`. */
export function incidentRow(incident: Incident, at: (moment: EpochMs) => string): readonly string[] {
  return [
    stateWord(incident.state),
    incident.id,
    severityWord(incident.severity),
    incident.title,
    `since ${at(incident.since)}`,
  ];
}

export function approvalRow(approval: Approval, at: (moment: EpochMs) => string): readonly string[] {
  return [
    'Waiting',
    approval.id,
    `${actionPhrase(approval.plan.action.kind, approval.plan.target)}?`,
    approval.plan.effect,
    `no answer by ${at(approval.expiresAt)} means no`,
  ];
}

export function metricRow(metric: MetricNow, ranges: ReadonlyMap<string, string>): readonly string[] {
  const range = ranges.get(metric.metric);
  return [
    metricWords(metric.metric),
    figure(metric.value, metric.unit),
    normalWords(metric.band, metric.unit),
    ...(range === undefined ? [] : [range]),
    metric.verdict === 'bad' ? 'out of band' : '',
  ];
}

function headline(status: Status): string {
  const waiting = status.pendingApprovals.length;
  if (waiting > 0) {
    return waiting === 1 ? 'One decision waits for you.' : `${waiting} decisions wait for you.`;
  }
  const paged = status.incidents.filter((incident) => incident.state.kind === 'escalated').length;
  if (paged > 0) return `${counted(paged, 'incident needs', 'incidents need')} a person.`;
  const live = status.incidents.length;
  if (live > 0) return `${counted(live, 'incident is', 'incidents are')} open.`;
  if (status.metrics.every((metric) => metric.verdict === 'unknown')) {
    return 'Nothing is known yet: there are no samples.';
  }
  if (status.complaints.length > 0) return 'This host is well; Nightshift itself is not.';
  const { healed } = status.tonight;
  return healed === 0 ? 'All is well.' : `All is well; ${healed} healed tonight.`;
}

function contextLine(status: Status, at: (moment: EpochMs) => string): string {
  const mode = status.mode === 'production' ? 'production: it acts' : 'dry-run: it proposes and does not act';
  const { since, found, healed, paged } = status.tonight;
  const tonight = `since ${at(since)}: ${found} found, ${healed} healed without you, ${counted(paged, 'page')}`;
  return `${status.host} · ${mode} · ${tonight}`;
}

function shownMetrics(metrics: readonly MetricNow[]): readonly MetricNow[] {
  return metrics
    .filter((metric) => metric.verdict !== 'good' || ALWAYS_SHOWN.has(familyOf(metric.metric)))
    .toSorted((a, b) => Number(b.verdict === 'bad') - Number(a.verdict === 'bad'))
    .slice(0, METRICS_SHOWN);
}

function surfaceLines(status: Status, at: (moment: EpochMs) => string): readonly string[] {
  return Object.entries(status.surfaces)
    .filter(([, health]) => health.state === 'down' || health.state === 'degraded')
    .map(([name, health]) => `${name} is ${health.state} since ${at(health.since)}: ${health.reason}`);
}

function moreLine(count: number, what: string): readonly string[] {
  return count > 0 ? [`and ${counted(count, `more ${what}`)}`] : [];
}
