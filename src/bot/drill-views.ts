/**
 * A drill as plain JSON (kept on disk, given to programs) and as lines for people: each fault with its times, then the
 * figures beside those of the run before. Pure.
 */
import type { DrillFault, DrillFigures, DrillReport, DrillTimes, DrillTrial } from '../domain/drill.ts';
import { type Ms, toIso } from '../domain/units.ts';
import { columns } from './columns.ts';
import { counted } from './figures.ts';

export interface DrillTimesView {
  readonly count: number;
  readonly p50Seconds: number | null;
  readonly p95Seconds: number | null;
}

export interface DrillFiguresView
  extends Omit<DrillFigures, 'mttd' | 'mttr' | 'detectHard' | 'detectSoft' | 'recover' | 'healedShare'> {
  readonly mttdSeconds: number | null;
  readonly mttrSeconds: number | null;
  readonly detectHard: DrillTimesView;
  readonly detectSoft: DrillTimesView;
  readonly recover: DrillTimesView;
  readonly healedPercent: number | null;
}

export interface DrillTrialView extends Omit<DrillTrial, 'startedAt' | 'detected' | 'recovered'> {
  readonly startedAt: string;
  readonly detectSeconds: number | null;
  readonly recoverSeconds: number | null;
}

export interface DrillView {
  readonly id: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly by: string;
  readonly fault: DrillFault | null;
  readonly repeat: number;
  readonly passed: boolean;
  readonly misses: readonly string[];
  readonly figures: DrillFiguresView;
  readonly trials: readonly DrillTrialView[];
}

export function drillView(report: DrillReport): DrillView {
  return {
    id: report.id,
    startedAt: toIso(report.startedAt),
    finishedAt: toIso(report.finishedAt),
    by: report.by,
    fault: report.fault,
    repeat: report.repeat,
    passed: report.passed,
    misses: report.misses,
    figures: figuresView(report.figures),
    trials: report.trials.map(({ detected, recovered, startedAt, ...trial }) => ({
      ...trial,
      startedAt: toIso(startedAt),
      detectSeconds: seconds(detected),
      recoverSeconds: seconds(recovered),
    })),
  };
}

/** For each fault in the order of its first trial: what a table shows. */
export function faultRows({ trials }: DrillReport): readonly {
  readonly fault: string;
  readonly trials: number;
  readonly ending: string;
  readonly detectSeconds: number | null;
  readonly recoverSeconds: number | null;
  readonly actions: number;
  readonly wrongActions: number;
  readonly pages: number;
}[] {
  const faults = [...new Set(trials.map(({ fault }) => fault))];
  return faults.map((fault) => {
    const own = trials.filter((trial) => trial.fault === fault);
    return {
      fault,
      trials: own.length,
      ending: endingOf(own),
      detectSeconds: median(own.map(({ detected }) => seconds(detected))),
      recoverSeconds: median(own.map(({ recovered }) => seconds(recovered))),
      actions: total(own.map(({ actions }) => actions)),
      wrongActions: total(own.map(({ wrongActions }) => wrongActions)),
      pages: own.filter(({ paged }) => paged).length,
    };
  });
}

export function drillLines(report: DrillReport, before: DrillReport | null): readonly string[] {
  const head = ['fault', 'ended', 'found after', 'well after', 'actions', 'wrong', 'pages'];
  const rows = faultRows(report).map((row) => [
    row.fault.replaceAll('_', ' '),
    row.ending,
    words(row.detectSeconds),
    words(row.recoverSeconds),
    String(row.actions),
    String(row.wrongActions),
    String(row.pages),
  ]);
  return [
    ...columns([head, ...rows]),
    '',
    ...columns(figureRows(figuresView(report.figures), before === null ? null : figuresView(before.figures))),
    '',
    ...(report.misses.length === 0
      ? ['Every bar was held.']
      : ['Not as it should be:', ...report.misses.map((miss) => `- ${miss}`)]),
    ...(before === null ? [] : [`Compared with drill ${before.id}.`]),
  ];
}

function figureRows(now: DrillFiguresView, before: DrillFiguresView | null): readonly (readonly string[])[] {
  const row = (what: string, read: (figures: DrillFiguresView) => string): readonly string[] => [
    what,
    read(now),
    before === null ? '' : `(before: ${read(before)})`,
  ];
  const times = ({ count, p50Seconds, p95Seconds }: DrillTimesView): string =>
    count === 0 ? 'none' : `p50 ${words(p50Seconds)}, p95 ${words(p95Seconds)}`;
  return [
    row('mean time to detect', ({ mttdSeconds }) => words(mttdSeconds)),
    row('mean time to recover', ({ mttrSeconds }) => words(mttrSeconds)),
    row('hard faults found', ({ detectHard }) => times(detectHard)),
    row('soft faults found', ({ detectSoft }) => times(detectSoft)),
    row('recovered, verified', ({ recover }) => times(recover)),
    row('healed without people', ({ healed, healable, healedPercent }) =>
      healedPercent === null ? 'none to heal' : `${healed} of ${healable} (${healedPercent} %)`,
    ),
    row('handed to a person', ({ handedOver, handOvers }) => `${handedOver} of ${handOvers}`),
    row('actions', ({ actions }) => String(actions)),
    row('wrong actions', ({ wrongActions }) => String(wrongActions)),
    row('pages', ({ pages }) => String(pages)),
    row('actions without a fault', ({ controlActions }) => String(controlActions ?? 'not watched')),
  ];
}

function figuresView(figures: DrillFigures): DrillFiguresView {
  const { mttd, mttr, detectHard, detectSoft, recover, healedShare, ...counts } = figures;
  return {
    mttdSeconds: seconds(mttd),
    mttrSeconds: seconds(mttr),
    detectHard: timesView(detectHard),
    detectSoft: timesView(detectSoft),
    recover: timesView(recover),
    healedPercent: healedShare === null ? null : Math.round(healedShare * 1_000) / 10,
    ...counts,
  };
}

function timesView({ count, p50, p95 }: DrillTimes): DrillTimesView {
  return { count, p50Seconds: seconds(p50), p95Seconds: seconds(p95) };
}

function endingOf(trials: readonly DrillTrial[]): string {
  const missed = trials.filter(({ ending }) => ending === 'missed').length;
  if (missed > 0) return trials.length === 1 ? 'missed' : `${missed} of ${trials.length} missed`;
  const word = (trials[0]?.ending ?? 'missed').replace('_', ' ');
  return trials.length === 1 ? word : `${word}, ${counted(trials.length, 'time')}`;
}

function seconds(span: Ms | null): number | null {
  return span === null ? null : Math.round(span) / 1_000;
}

function words(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(1)} s`;
}

/** The lower of the two in the middle. */
function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  return known[Math.floor((known.length - 1) / 2)] ?? null;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
