/** healing_report_latest.md: what went wrong, what was done about it, and what came of it; out of the audit log. Pure. */
import type { ReportPeriod, ReportPicture } from '../../domain/report.ts';
import { type EpochMs, elapsed, type Ms, toIso } from '../../domain/units.ts';
import { counted, figure, spanWords } from '../figures.ts';
import { isPerson } from './audit-data.ts';
import { cell, pictureLines, table } from './markdown.ts';
import { actsOf, isFalseAlarm, type OpsFigures, opsFigures, type Times, within } from './ops-figures.ts';
import type { Act, AuditStories, Ending, IncidentStory } from './stories.ts';

const MOST_ROWS = 200;
const ENDINGS: Readonly<Record<Ending, string>> = {
  healed: 'healed',
  recovered: 'over by itself',
  by_hand: 'resolved by a person',
  joined: 'part of another',
};
const VERIFICATIONS = {
  helped: 'helped',
  no_effect: 'no effect',
  worse: 'worse',
  unknown: 'unknown',
} as const;

export interface HealingReportInput {
  readonly host: string;
  readonly period: ReportPeriod;
  readonly now: EpochMs;
  readonly stories: AuditStories;
  /** Not all lines of the period could be read: the figures are too low. */
  readonly cut: boolean;
  readonly pictures: readonly Pick<ReportPicture, 'slug' | 'alt'>[];
}

export function healingSummary({ stories, period }: HealingReportInput): readonly string[] {
  const figures = opsFigures(stories, period);
  if (isNothing(stories, period))
    return [`Nothing happened in ${spanWords(elapsed(period.from, period.to))}.`];
  return [
    `${counted(figures.incidents, 'incident')} in ${spanWords(elapsed(period.from, period.to))} (${figures.critical} critical), ${figures.stillOpen} still open, ${figures.infos} more of severity info.`,
    `Healed without people: ${healedWords(figures)}.`,
    `Found after ${timeWords(figures.detect.mean)}, healed after ${timeWords(figures.recover.mean)} on average.`,
    `${counted(figures.acts, 'action')}: ${figures.helped} helped, ${figures.worse} made it worse, ${figures.undoneByPeople} undone by people.`,
  ];
}

export function healingMarkdown(input: HealingReportInput, picture: (slug: string) => string): string {
  const { host, period, now, stories, cut } = input;
  const figures = opsFigures(stories, period);
  const acts = actsOf(stories, period);
  return [
    `# Healing on ${cell(host)}`,
    '',
    `${toIso(period.from)} to ${toIso(period.to)}, written ${toIso(now)}. Everything here is counted from the audit log.`,
    ...(cut ? ['', '**The log has more lines than were read: the figures are too low.**'] : []),
    '',
    ...healingSummary(input).map((line) => `- ${line}`),
    '',
    ...pictureLines(input.pictures, picture),
    '## Times',
    '',
    ...timeTable(figures),
    '',
    'Found: from the beginning of the trouble, as far as samples tell, until the incident was opened. Healed: from the same beginning until fresh evidence said that an action had helped. Healed without people: of the incidents that needed something done, those that were healed with nobody asked and nobody called.',
    '',
    ...incidentAndActionTables(input),
    '## Wrong or undone',
    '',
    ...table(
      ['at', 'what', 'by', 'why'],
      acts.flatMap((act) => wrongRow(act)),
      'None.',
    ),
    '',
    '## Not done, by reason',
    '',
    ...refusalTable(input),
    '',
    '## Approvals',
    '',
    ...approvalLines(input),
    '',
  ].join('\n');
}

/** `4 of 5 (80 %)`, or that nothing needed it. */
export function healedWords({ healed, needed, healedShare }: OpsFigures): string {
  return healedShare === null
    ? 'no incident needed anything done'
    : `${healed} of ${needed} (${figure(healedShare, 'ratio')})`;
}

export function timeWords(span: Ms | null): string {
  return span === null ? 'an unknown time' : spanWords(span);
}

function incidentAndActionTables({ stories, period }: HealingReportInput): readonly string[] {
  const incidents = stories.incidents.filter((one) => within(one.openedAt, period) && !one.errand);
  const acts = actsOf(stories, period);
  return [
    '## Incidents',
    '',
    ...table(
      ['opened', 'what', 'severity', 'found after', 'lasted', 'actions', 'people', 'end'],
      incidents.slice(-MOST_ROWS).map(incidentRow),
      'None.',
    ),
    '',
    '## Actions',
    '',
    ...table(
      ['at', 'what', 'by', 'strategy', 'outcome', 'did it help'],
      acts.slice(-MOST_ROWS).map(actRow),
      'None.',
    ),
    '',
  ];
}

function isNothing(stories: AuditStories, period: ReportPeriod): boolean {
  return (
    !stories.incidents.some((one) => within(one.openedAt, period) || within(one.ended?.at ?? null, period)) &&
    !stories.acts.some((act) => within(act.at, period)) &&
    ![...stories.refusals, ...stories.decisions].some(({ at }) => within(at, period)) &&
    !stories.proposals.some((at) => within(at, period))
  );
}

function timeTable({ detect, recover }: OpsFigures): readonly string[] {
  const row = (name: string, { count, mean, longest }: Times): readonly string[] => [
    name,
    String(count),
    count === 0 ? 'none' : timeWords(mean),
    count === 0 ? 'none' : timeWords(longest),
  ];
  return table(
    ['', 'incidents', 'mean', 'longest'],
    [row('found (MTTD)', detect), row('healed, verified (MTTR)', recover)],
    '',
  );
}

function incidentRow(story: IncidentStory): readonly string[] {
  const { openedAt, ended, since, pagedAt, handledAt } = story;
  const people = [
    ...(pagedAt === null ? [] : ['called']),
    ...(handledAt === null ? [] : ['acted']),
    ...(story.acknowledged ? ['looked'] : []),
  ];
  return [
    openedAt === null ? 'earlier' : short(openedAt),
    story.title,
    story.severity,
    openedAt === null ? 'unknown' : spanWords(elapsed(since, openedAt)),
    ended === null || openedAt === null ? 'still open' : spanWords(elapsed(openedAt, ended.at)),
    String(story.acts),
    people.join(', ') || 'none',
    endWords(story),
  ];
}

function endWords(story: IncidentStory): string {
  if (story.ended === null) return 'still open';
  return isFalseAlarm(story) ? 'probably a false alarm' : ENDINGS[story.ended.how];
}

function actRow({ at, effect, actor, strategy, outcome, verification, inverse }: Act): readonly string[] {
  return [
    short(at),
    inverse ? `undo: ${effect}` : effect,
    actor,
    strategy ?? '',
    outcome === null ? 'not known yet' : outcome,
    inverse ? '' : verification === null ? 'not verified' : VERIFICATIONS[verification],
  ];
}

function wrongRow({ at, effect, actor, verification, inverse }: Act): readonly (readonly string[])[] {
  if (verification === 'worse') return [[short(at), effect, actor, 'it made things worse']];
  if (inverse && isPerson(actor)) return [[short(at), effect, actor, 'a person took it back']];
  return [];
}

function refusalTable({ stories, period }: HealingReportInput): readonly string[] {
  const counts = new Map<string, number>();
  for (const { at, gate } of stories.refusals)
    if (within(at, period)) counts.set(gate, (counts.get(gate) ?? 0) + 1);
  const dry = stories.proposals.filter((at) => within(at, period)).length;
  const rows = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([gate, count]) => [gate.replaceAll('_', ' '), String(count)]);
  return table(
    ['reason', 'times'],
    dry === 0 ? rows : [...rows, ['dry run: only said what it would do', String(dry)]],
    'Nothing was refused.',
  );
}

function approvalLines({ stories, period }: HealingReportInput): readonly string[] {
  const all = stories.decisions.filter(({ at }) => within(at, period));
  if (all.length === 0) return ['None was asked for or answered.'];
  const count = (verdict: string): number => all.filter((one) => one.verdict === verdict).length;
  return [
    `${count('approved')} approved, ${count('denied')} denied, ${count('void')} expired or void, ${counted(count('refused'), 'press', 'presses')} refused.`,
  ];
}

function short(at: EpochMs): string {
  return toIso(at).slice(0, 16);
}
