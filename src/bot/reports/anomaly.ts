/**
 * anomaly_detection_report_latest.md: what is normal, what was found, how much of it was probably nothing, how old the
 * knowledge is and what it covers. Pure.
 */
import { gravest, type Incident, isLive, stateWord } from '../../domain/incident.ts';
import type { ReportPeriod } from '../../domain/report.ts';
import type { BaselineView } from '../../domain/tuning.ts';
import { days, type EpochMs, elapsed, type Ms, minutes, toIso } from '../../domain/units.ts';
import { counted, figure, metricWords, rangeWords, spanWords } from '../figures.ts';
import { cell, tableRow } from './markdown.ts';

/** A trouble that ended by itself within this, untouched by anybody, was probably none. */
const SHORT: Ms = minutes(10);
const DAY: Ms = days(1);
const WEEK: Ms = days(7);

export interface AnomalyReportInput {
  readonly host: string;
  readonly period: ReportPeriod;
  readonly now: EpochMs;
  readonly baselines: readonly BaselineView[];
  /** Opened in the period, oldest first. */
  readonly incidents: readonly Incident[];
  /** Minutes of the period in which at least one metric was sampled, and how many there could be. */
  readonly sampledMinutes: number;
  readonly possibleMinutes: number;
  /** Since when a model of the whole host stands; `null` = none yet. */
  readonly modelAt: EpochMs | null;
  readonly pictures: readonly { readonly slug: string; readonly metric: string }[];
}

export interface FalseAlarms {
  /** Incidents of severity warning or critical. */
  readonly loud: number;
  readonly probable: number;
  readonly perWeek: number;
}

/** How it is counted stands in the report itself. */
export function falseAlarmsOf(incidents: readonly Incident[], { from, to }: ReportPeriod): FalseAlarms {
  const loud = incidents.filter((one) => gravest(one) !== 'info');
  const probable = loud.filter(isProbablyNothing).length;
  return { loud: loud.length, probable, perWeek: (probable * WEEK) / Math.max(to - from, DAY) };
}

export function anomalySummary(input: AnomalyReportInput): readonly string[] {
  const { incidents, period, baselines } = input;
  const alarms = falseAlarmsOf(incidents, period);
  const learnt = baselines.filter(({ now }) => now !== null).length;
  const critical = incidents.filter((one) => gravest(one) === 'critical').length;
  return [
    `${counted(alarms.loud, 'incident')} in ${spanWords(elapsed(period.from, period.to))} (${critical} critical), ${incidents.length - alarms.loud} more of severity info.`,
    `Probably false alarms: ${alarms.probable}, ${perWeek(alarms)} a week.`,
    `Normal is learnt for ${learnt} of ${counted(baselines.length, 'metric')}; ${share(input)} of the period was sampled.`,
  ];
}

export function anomalyMarkdown(input: AnomalyReportInput, picture: (slug: string) => string): string {
  return [
    `# Anomaly detection on ${cell(input.host)}`,
    '',
    `${toIso(input.period.from)} to ${toIso(input.period.to)}, written ${toIso(input.now)}.`,
    '',
    ...anomalySummary(input).map((line) => `- ${line}`),
    '',
    '## What is normal',
    '',
    '| metric | now normal | centre | by hour of day | learnt from | learnt | hours covered |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...input.baselines.map(baselineRow),
    '',
    '## What was found',
    '',
    ...foundTable(input.incidents),
    '',
    '## False alarms',
    '',
    ...falseAlarmLines(input),
    '',
    '## Age and coverage',
    '',
    ...ageLines(input),
    ...input.pictures.flatMap(({ slug, metric }) => [
      '',
      `### ${cell(metricWords(metric))}`,
      '',
      `![${cell(metricWords(metric))}](${picture(slug)})`,
    ]),
    '',
  ].join('\n');
}

function isProbablyNothing({ state, attempts, ack, openedAt }: Incident): boolean {
  if (state.kind !== 'resolved' || state.how !== 'recovered') return false;
  return attempts.length === 0 && ack === null && elapsed(openedAt, state.at) <= SHORT;
}

function baselineRow({ metric, unit, now, hours, source, learntAt, hoursCovered }: BaselineView): string {
  const learnt =
    now === null
      ? ['not learnt yet', '', '', '', '']
      : [
          rangeWords(now.low, now.high, unit),
          figure(now.centre, unit),
          hours.length > 0 ? 'yes' : 'no',
          `${source ?? 'unknown'}, ${spanWords(minutes(now.rows))}`,
          learntAt === null ? '' : toIso(learntAt).slice(0, 16),
        ];
  return tableRow([metricWords(metric), ...learnt, `${hoursCovered} of 24`]);
}

function foundTable(incidents: readonly Incident[]): readonly string[] {
  if (incidents.length === 0) return ['Nothing.'];
  return [
    '| opened | what | severity | lasted | state | seen by | likely cause |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...incidents.map(foundRow),
  ];
}

function foundRow(incident: Incident): string {
  const { openedAt, title, state, anomalies } = incident;
  return tableRow([
    toIso(openedAt).slice(0, 16),
    title,
    gravest(incident),
    state.kind === 'resolved' ? spanWords(elapsed(openedAt, state.at)) : 'still open',
    stateWord(state),
    [...new Set(anomalies.flatMap((one) => one.witnesses))].join(', '),
    anomalies[0]?.evidence.causes[0]?.text ?? 'none found',
  ]);
}

function falseAlarmLines({ incidents, period }: AnomalyReportInput): readonly string[] {
  const alarms = falseAlarmsOf(incidents, period);
  const open = incidents.filter(isLive).length;
  const left =
    open === 0 ? '' : ` ${counted(open, 'incident')} still open ${open === 1 ? 'is' : 'are'} not counted.`;
  return [
    `Estimate: ${alarms.probable} of ${alarms.loud}, ${perWeek(alarms)} a week.`,
    '',
    `Counted as a probable false alarm: an incident of severity warning or critical that was over by itself within ${spanWords(SHORT)}, without any action and without anybody saying that they look at it. It is an estimate: a short trouble may have been real, and a long one nothing.${left}`,
  ];
}

function ageLines(input: AnomalyReportInput): readonly string[] {
  const { baselines, modelAt, now, possibleMinutes, sampledMinutes } = input;
  const moments = baselines.flatMap(({ learntAt }) => (learntAt === null ? [] : [learntAt]));
  const [oldest] = moments.toSorted((a, b) => a - b);
  const covered = baselines.filter(({ hoursCovered }) => hoursCovered === 24).length;
  return [
    `- Baselines: ${oldest === undefined ? 'none is learnt' : `the oldest was learnt ${spanWords(elapsed(oldest, now))} ago`}.`,
    `- Model of the whole host: ${modelAt === null ? 'none yet' : `${spanWords(elapsed(modelAt, now))} old`}.`,
    `- Sampled: ${counted(sampledMinutes, 'minute')} of ${counted(possibleMinutes, 'minute')} (${share(input)}).`,
    `- ${counted(covered, 'metric')} of ${baselines.length} have taught minutes in each of the 24 hours of the day.`,
  ];
}

function share({ sampledMinutes, possibleMinutes }: AnomalyReportInput): string {
  return possibleMinutes === 0 ? 'nothing' : figure(sampledMinutes / possibleMinutes, 'ratio');
}

function perWeek({ perWeek: rate }: FalseAlarms): string {
  return rate.toLocaleString('en-US', { maximumFractionDigits: 1 });
}
