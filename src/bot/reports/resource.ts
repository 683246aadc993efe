/** resource_usage_report_latest.md: what the host and its targets used of their budgets, and what was slowed. Pure. */
import type { BudgetUse, ThrottleState } from '../../domain/budget.ts';
import type { BudgetHistory } from '../../domain/optimizer.ts';
import type { AuditLine } from '../../domain/ports.ts';
import type { ReportPeriod } from '../../domain/report.ts';
import { type EpochMs, elapsed, toIso } from '../../domain/units.ts';
import { counted, figure, spanWords } from '../figures.ts';
import { throttleOf } from './audit-data.ts';
import { cell, table } from './markdown.ts';

const MOST_STEPS = 100;

export interface ResourceReportInput {
  readonly host: string;
  readonly period: ReportPeriod;
  readonly now: EpochMs;
  readonly uses: readonly BudgetUse[];
  readonly history: readonly BudgetHistory[];
  readonly throttle: readonly ThrottleState[];
  /** What is seen coming, in sentences. */
  readonly ahead: readonly string[];
  /** Lines of the audit log in the period, oldest first. */
  readonly lines: readonly AuditLine[];
  readonly pictures: readonly { readonly slug: string; readonly title: string }[];
}

export function resourceSummary(input: ResourceReportInput): readonly string[] {
  const { uses, history, period, throttle } = input;
  const over = uses.filter(({ state }) => state === 'over');
  const often = history.filter(({ overShare }) => overShare !== null && overShare > 0);
  const slowed = throttle.filter(({ rung, acting }) => rung !== 'none' && acting);
  return [
    uses.length === 0
      ? 'No budget is set.'
      : `${counted(uses.length, 'budget')}: ${over.length} over now, ${often.length} over at some time in ${spanWords(elapsed(period.from, period.to))}.`,
    ...often.map(
      (one) => `${budgetTitle(one.use)}: over for ${figure(one.overShare, 'ratio')} of the known time.`,
    ),
    `${counted(stepLines(input).length, 'throttle step')}; ${slowed.length === 0 ? 'nothing is slowed now' : `slowed now: ${slowed.map(({ target }) => target ?? 'the host').join(', ')}`}.`,
  ];
}

export function resourceMarkdown(input: ResourceReportInput, picture: (slug: string) => string): string {
  const steps = stepLines(input);
  return [
    `# Use of resources on ${cell(input.host)}`,
    '',
    `${toIso(input.period.from)} to ${toIso(input.period.to)}, written ${toIso(input.now)}. A share is a share of the whole host, also for a target.`,
    '',
    ...resourceSummary(input).map((line) => `- ${cell(line)}`),
    '',
    '## Use against budget',
    '',
    ...table(
      ['of', 'what', 'budget', 'now', 'mean', 'highest', 'over budget', 'state', 'set by'],
      input.uses.map((use) => useRow(use, input.history)),
      'No budget is set.',
    ),
    ...input.pictures.flatMap(({ slug, title }) => ['', `![${cell(title)}](${picture(slug)})`]),
    '',
    '## Throttle steps',
    '',
    ...table(['at', 'target', 'rung', 'what'], steps.slice(-MOST_STEPS).map(stepRow), 'Nothing was slowed.'),
    '',
    '## Slowed now',
    '',
    ...table(
      ['of', 'rung', 'since', 'why'],
      input.throttle
        .filter(({ rung }) => rung !== 'none')
        .map(({ target, rung, since, reason, acting }) => [
          target ?? 'the host',
          acting ? words(rung) : `${words(rung)} (only proposed)`,
          since === null ? '' : toIso(since).slice(0, 16),
          reason,
        ]),
      'Nothing.',
    ),
    '',
    '## Seen coming',
    '',
    ...(input.ahead.length === 0 ? ['Nothing.'] : input.ahead.map((line) => `- ${cell(line)}`)),
    '',
  ].join('\n');
}

/** `CPU of the host`, `Memory of billing-api`. */
export function budgetTitle({ target, resource }: BudgetUse): string {
  const what = { cpu: 'CPU', memory: 'Memory', messages: 'Messages' }[resource];
  return `${what} of ${target ?? 'the host'}`;
}

function useRow(use: BudgetUse, history: readonly BudgetHistory[]): readonly string[] {
  const past = history.find((one) => one.use.target === use.target && one.use.resource === use.resource);
  const means = (past?.hours ?? []).flatMap(({ mean }) => (mean === null ? [] : [mean]));
  const highest = (past?.hours ?? []).flatMap((hour) => (hour.highest === null ? [] : [hour.highest]));
  const amount = (value: number | null): string => amountOf(use, value);
  return [
    use.target ?? 'the host',
    use.resource,
    amount(use.limit),
    amount(use.used),
    amount(means.length === 0 ? null : means.reduce((sum, value) => sum + value, 0) / means.length),
    amount(highest.length === 0 ? null : highest.reduce((top, value) => Math.max(top, value), 0)),
    past === undefined ? 'not kept' : figure(past.overShare, 'ratio'),
    use.state,
    use.by ?? use.source,
  ];
}

function amountOf({ resource }: BudgetUse, value: number | null): string {
  if (resource !== 'messages') return figure(value, 'ratio');
  return value === null ? 'unknown' : `${figure(value, 'count')} an hour`;
}

/** What was done, or in a dry run proposed; what came of it is in the log. */
function stepLines({ lines }: ResourceReportInput): readonly AuditLine[] {
  return lines.filter(
    (line) => (line.kind === 'intent' || line.kind === 'proposal') && throttleOf(line) !== null,
  );
}

function stepRow(line: AuditLine): readonly string[] {
  const rung = throttleOf(line)?.rung ?? '';
  return [line.time.slice(0, 16), line.target ?? 'the host', words(rung), line.text];
}

function words(rung: string): string {
  return rung.replaceAll('_', ' ');
}
