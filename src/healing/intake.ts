/**
 * Anomalies become incidents here, one incident a cause. Pure: records in, records out; the caller saves all that
 * waited in one write.
 *
 * Intake opens, joins, reopens and renews. It never ends an incident and never moves one that is live to another
 * state: that is the step's alone, so that the two cannot get in each other's way.
 */
import { type Anomaly, compareSeverity } from '../domain/anomaly.ts';
import { isLive } from '../domain/incident.ts';
import { type EpochMs, elapsed, type IncidentId, type Ms, seconds } from '../domain/units.ts';
import { type CommonCause, describeCommonCause } from './blast-radius.ts';
import type { DependencyGraph, Wellness } from './dependencies.ts';
import { type IncidentRecord, newRecord, withLine, withSeverity } from './incident-record.ts';
import { findHome, MOST_LIVE } from './intake-home.ts';
import { isOldNews } from './intake-news.ts';
import { withLead } from './leads.ts';
import { KEEPS_COMING_BACK } from './pages.ts';
import { titleOf } from './titles.ts';

/** How often a lasting anomaly renews its evidence on disk and on the surfaces. */
const RENEW_EVERY: Ms = seconds(30);
/** A chart is the bulk of an anomaly; the anomaly that opened the incident keeps it whole. */
const JOINED_CHART = 30;
const MOST_ANOMALIES = 300;

export type Arrival =
  | { readonly kind: 'detected'; readonly anomaly: Anomaly }
  | { readonly kind: 'updated'; readonly anomaly: Anomaly }
  | { readonly kind: 'cleared'; readonly fingerprint: string; readonly text: string }
  /** Straight to a person: the supervisor gave up on a worker. */
  | { readonly kind: 'handed_over'; readonly anomaly: Anomaly; readonly reason: string };

export interface IntakeContext {
  readonly now: EpochMs;
  readonly joinWithin: Ms;
  readonly reopenWithin: Ms;
  readonly graph: DependencyGraph;
  readonly wellness: (target: string) => Wellness;
  /** Only what was left of a dependency's trouble that is over; see settling.ts. */
  readonly isSettling: (anomaly: Anomaly) => boolean;
  readonly commonCause: CommonCause | null;
  readonly newId: () => IncidentId;
}

export function takeIn(
  records: readonly IncidentRecord[],
  arrival: Arrival,
  context: IntakeContext,
): readonly IncidentRecord[] {
  switch (arrival.kind) {
    case 'detected':
    case 'updated':
      return isOldNews(records, arrival, context) ? records : settle(records, arrival.anomaly, null, context);
    case 'handed_over':
      return settle(records, arrival.anomaly, arrival.reason, context);
    case 'cleared':
      return clear(records, arrival.fingerprint, arrival.text, context);
  }
}

function settle(
  records: readonly IncidentRecord[],
  anomaly: Anomaly,
  handOver: string | null,
  context: IntakeContext,
): readonly IncidentRecord[] {
  const home = findHome(records, anomaly, context);
  if (home === null) return [...records, opened(anomaly, handOver, records, context)];
  const at = records.indexOf(home.record);
  const kept = handOver === null ? home.record : { ...home.record, handOver };
  const next =
    home.how === 'known'
      ? renewed(kept, anomaly, context)
      : home.how === 'reopens'
        ? joined(reopened(kept, context.now), anomaly, context)
        : joined(kept, anomaly, context);
  return next === home.record ? records : records.with(at, withLead(next, context.graph));
}

function opened(
  anomaly: Anomaly,
  handOver: string | null,
  records: readonly IncidentRecord[],
  context: IntakeContext,
): IncidentRecord {
  const { now } = context;
  const common = commonTrouble(anomaly, records, context);
  const fresh = newRecord(context.newId(), anomaly, now, {
    title: common?.title ?? titleOf(anomaly),
    target: common === null ? anomaly.target : null,
  });
  const record: IncidentRecord = { ...fresh, handOver, commonCause: common !== null };
  const said = withLine(record, now, 'bad', anomaly.summary);
  const why = common?.why ?? causes(anomaly);
  return why === null ? said : withLine(said, now, 'note', why);
}

/** Many at once are one incident: nothing is restarted for it. `null` for an incident of its own. */
function commonTrouble(
  { target }: Anomaly,
  records: readonly IncidentRecord[],
  { commonCause }: IntakeContext,
): { readonly title: string; readonly why: string } | null {
  const then = 'One cause is likely; nothing is restarted.';
  if (commonCause !== null && target !== null && commonCause.sick.includes(target)) {
    const title = `${commonCause.sick.length} of ${commonCause.total} targets are sick`;
    return { title, why: `${describeCommonCause(commonCause)}. ${then}` };
  }
  const live = records.filter(({ incident }) => isLive(incident)).length;
  if (live < MOST_LIVE - 1) return null;
  return { title: 'Too many troubles at once', why: `More than ${MOST_LIVE} incidents are open. ${then}` };
}

/**
 * The same trouble again, in the same thread. People are called anew if it comes to that, but not each time for what
 * keeps coming back: they know.
 */
function reopened(record: IncidentRecord, now: EpochMs): IncidentRecord {
  const said = withLine(record, now, 'bad', 'It is back; opened again.');
  return {
    ...said,
    incident: {
      ...said.incident,
      state: { kind: 'open' },
      rung: 0,
      strategy: null,
      ack: null,
      pagedAt: said.incident.reopened >= KEEPS_COMING_BACK ? said.incident.pagedAt : null,
      reopened: said.incident.reopened + 1,
    },
    active: [],
    episodeAt: now,
    criticalSince: null,
    byHand: false,
    acting: null,
  };
}

function joined(record: IncidentRecord, anomaly: Anomaly, context: IntakeContext): IncidentRecord {
  const { now } = context;
  if (record.incident.anomalies.length >= MOST_ANOMALIES) return full(record, now);
  const known = record.incident.anomalies.filter((other) => other.fingerprint !== anomaly.fingerprint);
  const kept = known.length === 0 ? anomaly : withShortChart(anomaly);
  const next: IncidentRecord = {
    ...record,
    incident: { ...record.incident, anomalies: [...known, kept] },
    active: [...new Set([...record.active, anomaly.fingerprint])],
    arrivedAt: now,
    evidenceAt: now,
    criticalSince: record.criticalSince ?? (anomaly.severity === 'critical' ? now : null),
  };
  const said = withLine(next, now, 'bad', anomaly.summary);
  const why = isWorst(anomaly, record) ? causes(anomaly) : null;
  return withSeverity(why === null ? said : withLine(said, now, 'note', why), now);
}

/** Worse than all that is known of it: from now on this is what the incident is about. */
function isWorst({ severity }: Anomaly, { incident, active }: IncidentRecord): boolean {
  return incident.anomalies
    .filter((known) => active.includes(known.fingerprint))
    .every((known) => compareSeverity(severity, known.severity) > 0);
}

/** What is only said (after a restart of the bot, say) does not make a trouble milder that was sure before. */
function notMilder(incoming: Anomaly, before: Anomaly): Anomaly {
  if (incoming.confirmed || compareSeverity(incoming.severity, before.severity) >= 0) return incoming;
  return { ...incoming, severity: before.severity };
}

/** In a storm the first few hundred tell enough; what is not listed is not waited for either. */
function full(record: IncidentRecord, now: EpochMs): IncidentRecord {
  const text = `More than ${MOST_ANOMALIES} anomalies belong to this; the others are not listed.`;
  const isSaid = record.incident.timeline.some((line) => line.text === text);
  return isSaid ? record : withLine(record, now, 'note', text);
}

/** Fresh evidence of what is known already. Written when it says something new, else now and then. */
function renewed(record: IncidentRecord, incoming: Anomaly, { now }: IntakeContext): IncidentRecord {
  const { incident, active } = record;
  const isBack = !active.includes(incoming.fingerprint);
  const before = incident.anomalies.find((known) => known.fingerprint === incoming.fingerprint);
  const anomaly = before === undefined || isBack ? incoming : notMilder(incoming, before);
  const isSame = before?.severity === anomaly.severity && before.confirmed === anomaly.confirmed;
  const isNews = isBack || !isSame;
  if (!isNews && elapsed(record.evidenceAt, now) < RENEW_EVERY) return record;

  const first = incident.anomalies[0]?.fingerprint === anomaly.fingerprint;
  const next: IncidentRecord = {
    ...record,
    incident: {
      ...incident,
      anomalies: incident.anomalies.map((known) =>
        known.fingerprint === anomaly.fingerprint ? (first ? anomaly : withShortChart(anomaly)) : known,
      ),
    },
    active: isBack ? [...active, anomaly.fingerprint] : active,
    evidenceAt: now,
  };
  return withSeverity(isBack ? withLine(next, now, 'bad', `Again: ${anomaly.summary}`) : next, now);
}

function clear(
  records: readonly IncidentRecord[],
  fingerprint: string,
  text: string,
  { now, graph }: IntakeContext,
): readonly IncidentRecord[] {
  return records.map((record) => {
    if (!record.active.includes(fingerprint)) return record;
    const next = { ...record, active: record.active.filter((other) => other !== fingerprint) };
    if (!isLive(record.incident)) return next;
    const said = withLine(next, now, 'good', text);
    return next.active.length === 0 ? said : withLead(withSeverity(said, now), graph);
  });
}

function causes(anomaly: Anomaly): string | null {
  const likely = anomaly.evidence.causes.slice(0, 3).map((cause) => cause.text);
  return likely.length === 0 ? null : `Likely cause: ${likely.join('; ')}.`;
}

export function withShortChart(anomaly: Anomaly): Anomaly {
  const { chart } = anomaly.evidence;
  if (chart.length <= JOINED_CHART) return anomaly;
  const step = Math.ceil(chart.length / JOINED_CHART);
  const thin = chart.filter((_, index) => (chart.length - 1 - index) % step === 0);
  return { ...anomaly, evidence: { ...anomaly.evidence, chart: thin } };
}
