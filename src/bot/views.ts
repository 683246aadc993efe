/**
 * Plain JSON views of what Nightshift knows: ISO times, plain strings, no brands. The API, the `data` of every
 * command, `--json` in the terminal and the console page all show these, so a field has one name everywhere.
 */
import type { Anomaly } from '../domain/anomaly.ts';
import { type Incident, type IncidentState, stateWord } from '../domain/incident.ts';
import { type Band, type MetricUnit, type Sample, unitOf } from '../domain/metric.ts';
import type { Attempt } from '../domain/strategy.ts';
import { type EpochMs, toIso } from '../domain/units.ts';

export interface TimelineView {
  readonly time: string;
  readonly tone: 'bad' | 'act' | 'good' | 'note';
  readonly text: string;
}

export interface SampleView {
  readonly time: string;
  readonly value: number | null;
}

export interface AnomalyView {
  readonly kind: string;
  readonly severity: string;
  readonly target: string | null;
  readonly summary: string;
  readonly witnesses: readonly string[];
  readonly since: string;
  readonly detectedAt: string;
  readonly metric: string;
  readonly unit: MetricUnit;
  readonly value: number | null;
  readonly band: Band;
  readonly score: number;
  readonly lastedSeconds: number;
  readonly causes: readonly { readonly text: string; readonly time: string | null }[];
  readonly topProcesses: readonly {
    readonly pid: number;
    readonly name: string;
    readonly cpu: number | null;
    readonly memoryBytes: number | null;
  }[];
  /** The hour before, for the chart; empty in lists. */
  readonly chart: readonly SampleView[];
}

export interface AttemptView {
  readonly actionId: string;
  readonly strategy: string;
  readonly rung: number;
  readonly action: string;
  readonly target: string | null;
  readonly effect: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** `succeeded`, `failed`, `unknown`, `dry-run`, or `null` while it runs. */
  readonly outcome: string | null;
  readonly outcomeDetail: string;
  /** `helped`, `no_effect`, `worse`, `unknown`, or `null` until it is known. */
  readonly verification: string | null;
}

export interface IncidentView {
  readonly id: string;
  readonly state: string;
  /** The state's own data: reason, gate, retryAt, until, how … as plain values. */
  readonly stateDetail: Readonly<Record<string, string | null>>;
  /** The one word a person sees: Open, Healing, Waiting, Held, Paged, Healed, Over. */
  readonly word: string;
  readonly severity: string;
  readonly title: string;
  readonly host: string;
  readonly target: string | null;
  readonly kind: string;
  readonly fingerprint: string;
  readonly since: string;
  readonly openedAt: string;
  readonly updatedAt: string;
  readonly resolvedAt: string | null;
  readonly pagedAt: string | null;
  readonly reopened: number;
  readonly version: number;
  readonly strategy: string | null;
  readonly rung: number;
  readonly approvalId: string | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: string | null;
  readonly anomalies: readonly AnomalyView[];
  readonly attempts: readonly AttemptView[];
  readonly timeline: readonly TimelineView[];
}

/** The whole incident. Lists leave the chart points out: they are most of its size. */
export function incidentView(incident: Incident, with_: { readonly chart: boolean }): IncidentView {
  const { state } = incident;
  return {
    id: incident.id,
    state: state.kind,
    stateDetail: stateDetail(state),
    word: stateWord(state),
    severity: incident.severity,
    title: incident.title,
    host: incident.host,
    target: incident.target,
    kind: incident.kind,
    fingerprint: incident.fingerprint,
    since: toIso(incident.since),
    openedAt: toIso(incident.openedAt),
    updatedAt: toIso(incident.updatedAt),
    resolvedAt: state.kind === 'resolved' ? toIso(state.at) : null,
    pagedAt: isoOrNull(incident.pagedAt),
    reopened: incident.reopened,
    version: incident.version,
    strategy: incident.strategy,
    rung: incident.rung,
    approvalId: state.kind === 'awaiting_approval' ? state.approvalId : null,
    acknowledgedBy: incident.ack?.by ?? null,
    acknowledgedAt: isoOrNull(incident.ack?.at ?? null),
    anomalies: incident.anomalies.map((anomaly) => anomalyView(anomaly, with_)),
    attempts: incident.attempts.map(attemptView),
    timeline: incident.timeline.map(({ at, tone, text }) => ({ time: toIso(at), tone, text })),
  };
}

export function anomalyView(anomaly: Anomaly, with_: { readonly chart: boolean }): AnomalyView {
  const { evidence } = anomaly;
  return {
    kind: anomaly.kind,
    severity: anomaly.severity,
    target: anomaly.target,
    summary: anomaly.summary,
    witnesses: anomaly.witnesses,
    since: toIso(anomaly.since),
    detectedAt: toIso(anomaly.detectedAt),
    metric: evidence.metric,
    unit: unitOf(evidence.metric),
    value: evidence.value,
    band: evidence.band,
    score: evidence.score,
    lastedSeconds: Math.round(evidence.lasted / 1_000),
    causes: evidence.causes.map(({ text, at }) => ({ text, time: isoOrNull(at) })),
    topProcesses: evidence.topProcesses,
    chart: with_.chart ? evidence.chart.map(sampleView) : [],
  };
}

export function sampleView(sample: Sample): SampleView {
  return { time: toIso(sample.at), value: sample.value };
}

export function attemptView(attempt: Attempt): AttemptView {
  const { outcome } = attempt;
  return {
    actionId: attempt.actionId,
    strategy: attempt.strategy,
    rung: attempt.rung,
    action: attempt.kind,
    target: attempt.target,
    effect: attempt.effect,
    startedAt: toIso(attempt.startedAt),
    finishedAt: isoOrNull(attempt.finishedAt),
    outcome: outcome?.kind ?? null,
    outcomeDetail: outcomeDetail(outcome),
    verification: attempt.verification,
  };
}

export function isoOrNull(at: EpochMs | null): string | null {
  return at === null ? null : toIso(at);
}

function stateDetail(state: IncidentState): Readonly<Record<string, string | null>> {
  switch (state.kind) {
    case 'open':
      return {};
    case 'healing':
      return { actionId: state.actionId };
    case 'awaiting_approval':
      return { approvalId: state.approvalId };
    case 'held':
      return { gate: state.gate, reason: state.reason, retryAt: isoOrNull(state.retryAt) };
    case 'verifying':
      return { actionId: state.actionId, until: toIso(state.until) };
    case 'resolved':
      return { at: toIso(state.at), how: state.how, reason: state.reason };
    case 'escalated':
      return { at: toIso(state.at), reason: state.reason };
  }
}

function outcomeDetail(outcome: Attempt['outcome']): string {
  if (outcome === null || outcome.kind === 'dry-run') return '';
  return outcome.kind === 'succeeded' ? outcome.note : outcome.reason;
}
