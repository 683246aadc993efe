/** weekly_report_latest.md: the figures of a week against what was promised. Pure. */
import type { ReportPeriod, ReportPicture } from '../../domain/report.ts';
import { type EpochMs, elapsed, type Ms, minutes, type Ratio, toIso } from '../../domain/units.ts';
import { counted, spanWords } from '../figures.ts';
import { healedWords } from './healing.ts';
import { cell, pictureLines, table } from './markdown.ts';
import { FALSE_ALARM_WITHIN, opsFigures, type Times } from './ops-figures.ts';
import type { AuditStories } from './stories.ts';
import type { Outage, Uptime } from './uptime.ts';

export const DETECT_BELOW: Ms = minutes(5);
export const RECOVER_BELOW: Ms = minutes(10);
const HEALED_ABOVE = 0.8;
const UPTIME_ABOVE = 0.995;
const RESTORE_BELOW: Ms = minutes(30);
const INTERVENTIONS_BELOW = 1;

export interface TargetUptime {
  readonly target: string;
  /** Share of the known minutes; `null` = no minute is known. */
  readonly share: Ratio | null;
  readonly knownMinutes: number;
}

export interface WeeklyReportInput {
  readonly host: string;
  readonly period: ReportPeriod;
  readonly now: EpochMs;
  readonly stories: AuditStories;
  readonly cut: boolean;
  readonly uptime: Uptime;
  readonly targets: readonly TargetUptime[];
  /** What the last drill says that a full restore takes; `null` = none was run. */
  readonly restore: { readonly at: EpochMs; readonly projected: Ms; readonly good: boolean } | null;
}

/** One promise and what became of it. */
export interface Goal {
  readonly name: string;
  readonly value: string;
  readonly goal: string;
  /** `null`: not known, or nothing happened that could tell. */
  readonly met: boolean | null;
}

export function weeklyGoals({ stories, period, uptime, restore }: WeeklyReportInput): readonly Goal[] {
  const figures = opsFigures(stories, period);
  return [
    timeGoal('Time to detect (MTTD)', figures.detect, DETECT_BELOW),
    timeGoal('Time to recover, verified (MTTR)', figures.recover, RECOVER_BELOW),
    {
      name: 'Healed without people',
      value: healedWords(figures),
      goal: 'over 80 %',
      met: figures.healedShare === null ? null : figures.healedShare > HEALED_ABOVE,
    },
    {
      name: 'Uptime of Nightshift',
      value: uptimeWords(uptime.share),
      goal: 'over 99.5 %',
      met: uptime.share === null ? null : uptime.share > UPTIME_ABOVE,
    },
    {
      name: 'Time of a full restore',
      value: restore === null ? 'not measured' : restoreWords(restore),
      goal: 'under 30 min',
      met: restore === null ? null : restore.good && restore.projected < RESTORE_BELOW,
    },
    {
      name: 'Manual interventions',
      value: `${rate(figures.interventionsPerWeek)} a week`,
      goal: 'under 1 a week',
      met: figures.interventionsPerWeek < INTERVENTIONS_BELOW,
    },
  ];
}

export function weeklySummary(input: WeeklyReportInput): readonly string[] {
  const figures = opsFigures(input.stories, input.period);
  const goals = weeklyGoals(input);
  const count = (met: boolean | null): number => goals.filter((one) => one.met === met).length;
  const unknown = count(null) === 0 ? '' : `, ${count(null)} not known`;
  return [
    `${counted(figures.incidents, 'incident')} in ${spanWords(elapsed(input.period.from, input.period.to))}, ${figures.critical} critical, ${counted(figures.falseAlarms, 'probable false alarm')}.`,
    `${count(true)} of ${goals.length} goals met, ${count(false)} missed${unknown}.`,
    ...goals.map(({ name, value, goal, met }) => `${name}: ${value} (goal ${goal}: ${metWords(met)}).`),
  ];
}

export function weeklyMarkdown(
  input: WeeklyReportInput & { readonly pictures: readonly Pick<ReportPicture, 'slug' | 'alt'>[] },
  picture: (slug: string) => string,
): string {
  const { host, period, now, cut } = input;
  const figures = opsFigures(input.stories, period);
  return [
    `# The week of ${cell(host)}`,
    '',
    `${toIso(period.from)} to ${toIso(period.to)}, written ${toIso(now)}.`,
    ...(cut ? ['', '**The audit log has more lines than were read: the figures are too low.**'] : []),
    '',
    weeklySummary(input)
      .slice(0, 2)
      .map((line) => `- ${line}`)
      .join('\n'),
    '',
    '## Against the goals',
    '',
    ...table(
      ['figure', 'this time', 'goal', 'met'],
      weeklyGoals(input).map(({ name, value, goal, met }) => [name, value, goal, metWords(met)]),
      '',
    ),
    '',
    ...pictureLines(input.pictures, picture),
    '## False alarms and interventions',
    '',
    `- Probable false alarms: ${figures.falseAlarms}, ${rate(figures.falseAlarmsPerWeek)} a week.`,
    `- Manual interventions: ${figures.interventions}. People were called for ${counted(figures.paged, 'incident')}.`,
    '',
    '## Uptime',
    '',
    ...outageLines(input.uptime),
    '',
    ...table(
      ['target', 'up', 'known'],
      input.targets.map(({ target, share, knownMinutes }) => [
        target,
        uptimeWords(share),
        spanWords(minutes(knownMinutes)),
      ]),
      'The state of no target is known.',
    ),
    '',
    '## How it is counted',
    '',
    ...howCounted(),
    '',
  ].join('\n');
}

function timeGoal(name: string, { mean, longest, count }: Times, below: Ms): Goal {
  const goal = `under ${spanWords(below)}`;
  if (mean === null || longest === null) return { name, value: 'no incident to tell', goal, met: null };
  const value = `${spanWords(mean)} over ${counted(count, 'incident')}, longest ${spanWords(longest)}`;
  return { name, value, goal, met: mean < below };
}

function restoreWords({ at, projected, good }: NonNullable<WeeklyReportInput['restore']>): string {
  return `${good ? spanWords(projected) : 'the drill failed'}, drill of ${toIso(at).slice(0, 10)}`;
}

function metWords(met: boolean | null): string {
  return met === null ? 'not known' : met ? 'met' : 'missed';
}

/** Never rounded up to all. */
function uptimeWords(share: Ratio | null): string {
  if (share === null) return 'not known';
  return share === 1 ? '100 %' : `${(Math.floor(share * 100_000) / 1_000).toFixed(3)} %`;
}

function outageLines({ known, share, outages }: Uptime): readonly string[] {
  if (share === null) return ['Nightshift: not known, its log says nothing of this time.'];
  const all = `Nightshift ran ${uptimeWords(share)} of ${spanWords(known)}.`;
  return [all, ...(outages.length === 0 ? [] : ['']), ...outages.slice(-50).map(outageLine)];
}

function outageLine({ from, to, how }: Outage): string {
  return `- ${toIso(from).slice(0, 16)}: ${how === 'stopped' ? 'stopped' : 'ended without a word'}, away for ${spanWords(elapsed(from, to))}.`;
}

function howCounted(): readonly string[] {
  return [
    'Incidents of severity warning and critical that were opened in this time and were no part of another. All from the audit log, but for the uptime of targets (samples) and the restore (the last drill).',
    '',
    '- Time to detect: from the beginning of the trouble, as far as samples tell, until the incident was opened.',
    '- Time to recover: from the same beginning until fresh evidence said that an action had helped.',
    '- Healed without people: of the incidents that needed something done, those healed with nobody asked and nobody called. One that passed by itself, untouched, needed nothing.',
    `- Probable false alarm: over by itself within ${spanWords(FALSE_ALARM_WITHIN)}, without any action and without anybody called, looking at it or resolving it.`,
    '- Manual intervention: an incident that people were called for or acted on (a yes or no, a step, an undo, resolving it), a restore, or an order to a worker by hand. Looking at an incident is none.',
    '- Uptime of Nightshift: from its starts and stops; after a crash it counts as down since its last line or sample.',
  ];
}

function rate(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}
