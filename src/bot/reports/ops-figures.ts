/**
 * The figures that Nightshift answers for, out of what the audit log tells: how each is counted is said beside it here
 * and in the reports. What cannot be known is `null`, never 0. Pure.
 */
import type { ReportPeriod } from '../../domain/report.ts';
import { days, type EpochMs, elapsed, type Ms, minutes, ms, type Ratio, ratio } from '../../domain/units.ts';
import { isPerson } from './audit-data.ts';
import type { Act, AuditStories, IncidentStory } from './stories.ts';

/** A trouble that ended by itself within this, untouched by anybody, was probably none. */
export const FALSE_ALARM_WITHIN: Ms = minutes(10);

export interface Times {
  readonly count: number;
  readonly mean: Ms | null;
  readonly longest: Ms | null;
}

/** A time that something took, and the moment it was over. */
export interface Timed {
  readonly at: EpochMs;
  readonly span: Ms;
}

export type End = 'alone' | 'people' | 'itself' | 'open';

export interface OpsFigures {
  /** Of severity warning or critical, opened in the period, without those that were part of another. */
  readonly incidents: number;
  readonly critical: number;
  readonly infos: number;
  readonly stillOpen: number;
  /** From the beginning of the trouble, as far as samples tell, until the incident was opened. */
  readonly detect: Times;
  /** From the beginning of the trouble until fresh evidence said that an action had helped. */
  readonly recover: Times;
  /** Incidents that needed something done. */
  readonly needed: number;
  /** Of these, the ones that were healed with nobody asked and nobody called. */
  readonly healed: number;
  readonly healedShare: Ratio | null;
  readonly paged: number;
  readonly falseAlarms: number;
  readonly falseAlarmsPerWeek: number;
  readonly interventions: number;
  readonly interventionsPerWeek: number;
  readonly acts: number;
  readonly helped: number;
  readonly worse: number;
  readonly undoneByPeople: number;
}

export function opsFigures(stories: AuditStories, period: ReportPeriod): OpsFigures {
  const opened = openedIn(stories, period);
  const loud = loudOf(stories, period);
  const needed = loud.filter(neededSomething);
  const healed = needed.filter(isHealedAlone).length;
  const falseAlarms = loud.filter(isFalseAlarm).length;
  const interventions = interventionsOf(stories, period);
  const acts = actsOf(stories, period);
  return {
    incidents: loud.length,
    critical: loud.filter(({ severity }) => severity === 'critical').length,
    infos: opened.filter(({ severity }) => severity === 'info').length,
    stillOpen: loud.filter(({ ended }) => ended === null).length,
    detect: timesOf(detectionsOf(stories, period)),
    recover: timesOf(recoveriesOf(stories, period)),
    needed: needed.length,
    healed,
    healedShare: needed.length === 0 ? null : ratio(healed / needed.length),
    paged: loud.filter(({ pagedAt }) => pagedAt !== null).length,
    falseAlarms,
    falseAlarmsPerWeek: perWeek(falseAlarms, period),
    interventions,
    interventionsPerWeek: perWeek(interventions, period),
    acts: acts.filter(({ inverse }) => !inverse).length,
    helped: acts.filter(({ verification }) => verification === 'helped').length,
    worse: acts.filter(({ verification }) => verification === 'worse').length,
    undoneByPeople: acts.filter(({ inverse, actor }) => inverse && isPerson(actor)).length,
  };
}

/** Of severity warning or critical, opened in the period, and no part of another. */
export function loudOf(stories: AuditStories, period: ReportPeriod): readonly IncidentStory[] {
  return openedIn(stories, period).filter(
    ({ severity, ended }) => severity !== 'info' && ended?.how !== 'joined',
  );
}

/** How an incident came to its end: healed without people, with them, by itself untouched, or not yet. */
export function endOf(story: IncidentStory): End {
  if (story.ended === null) return 'open';
  if (isHealedAlone(story)) return 'alone';
  return story.ended.how === 'recovered' && isUntouched(story) ? 'itself' : 'people';
}

/** From the beginning of the trouble until the incident was opened, at the moment it was. */
export function detectionsOf(stories: AuditStories, period: ReportPeriod): readonly Timed[] {
  return loudOf(stories, period).flatMap(({ since, openedAt }) =>
    openedAt === null ? [] : [{ at: openedAt, span: span(since, openedAt) }],
  );
}

/** From the beginning of the trouble until fresh evidence said that an action had helped, at that moment. */
export function recoveriesOf({ incidents }: AuditStories, period: ReportPeriod): readonly Timed[] {
  return incidents.flatMap(({ ended, helpedAt, since, errand }) =>
    ended?.how === 'healed' && helpedAt !== null && !errand && within(helpedAt, period)
      ? [{ at: helpedAt, span: span(since, helpedAt) }]
      : [],
  );
}

/** What healing did for incidents in the period; restores and the like are not healing. */
export function actsOf({ acts, incidents }: AuditStories, period: ReportPeriod): readonly Act[] {
  const errands = new Set(incidents.filter(({ errand }) => errand).map(({ id }) => id));
  return acts.filter((act) => within(act.at, period) && !errands.has(act.incidentId ?? ''));
}

export function within(at: EpochMs | null, { from, to }: ReportPeriod): boolean {
  return at !== null && at >= from && at <= to;
}

/** Over by itself within ten minutes: no action, nobody called, and no person who looked or did anything. */
export function isFalseAlarm(story: IncidentStory): boolean {
  const { ended, openedAt, acknowledged } = story;
  if (ended?.how !== 'recovered' || openedAt === null || acknowledged || !isUntouched(story)) return false;
  return elapsed(openedAt, ended.at) <= FALSE_ALARM_WITHIN;
}

/** What passed by itself needed nothing; what is still open and was handed to nobody is not decided yet. */
function neededSomething(story: IncidentStory): boolean {
  if (story.ended === null) return story.pagedAt !== null || story.handledAt !== null;
  return story.ended.how !== 'recovered' || !isUntouched(story);
}

function isUntouched({ acts, pagedAt, handledAt }: IncidentStory): boolean {
  return acts === 0 && pagedAt === null && handledAt === null;
}

function isHealedAlone({ ended, pagedAt, handledAt }: IncidentStory): boolean {
  return ended?.how === 'healed' && pagedAt === null && handledAt === null;
}

/** Each incident or restore that a person was called for or acted on, and each order to a worker by hand. */
function interventionsOf({ incidents, workerOrders }: AuditStories, period: ReportPeriod): number {
  const touched = incidents.filter(
    ({ handledAt, pagedAt, severity }) =>
      within(handledAt, period) || (severity !== 'info' && within(pagedAt, period)),
  );
  return touched.length + workerOrders.filter((at) => within(at, period)).length;
}

function openedIn({ incidents }: AuditStories, period: ReportPeriod): readonly IncidentStory[] {
  return incidents.filter((story) => within(story.openedAt, period) && !story.errand);
}

function timesOf(timed: readonly Timed[]): Times {
  const spans = timed.map((one) => one.span);
  if (spans.length === 0) return { count: 0, mean: null, longest: null };
  const sum = spans.reduce((total, one) => total + one, 0);
  const longest = spans.reduce((most, one) => Math.max(most, one), 0);
  return { count: spans.length, mean: ms(sum / spans.length), longest: ms(longest) };
}

/** A clock set back must not make a time negative. */
function span(from: EpochMs, to: EpochMs): Ms {
  return ms(Math.max(0, elapsed(from, to)));
}

/** A period under a week is not blown up to one. */
function perWeek(count: number, { from, to }: ReportPeriod): number {
  return (count * days(7)) / Math.max(to - from, days(7));
}
