/** What a replay came to: rows, alarms, incidents, and every bad row counted, the first ones by line. */
import type { Severity } from '../../domain/anomaly.ts';
import { compareSeverity } from '../../domain/anomaly.ts';
import { type EpochMs, elapsed, toIso } from '../../domain/units.ts';
import type { Judgement } from '../detect/judgement.ts';

/** So many bad rows are named; the rest is only counted. */
const MOST_NAMED = 20;

export interface BadLine {
  readonly file: 'train' | 'judge';
  readonly line: number;
  readonly reason: string;
}

export interface ReplaySummary {
  readonly rows: number;
  readonly from: EpochMs | null;
  readonly to: EpochMs | null;
  readonly alarms: number;
  /** Incidents by the gravest severity they reached. */
  readonly incidents: Readonly<Record<Severity, number>>;
  /** Rows without a line of output. */
  readonly badRows: number;
  /** Values that were taken as unknown. */
  readonly unreadable: number;
  readonly named: readonly BadLine[];
  /** Late and repeated rows: given a line, not learnt. */
  readonly late: number;
  readonly clockJumps: number;
  /** Metrics in the host model; 0 = there is none. */
  readonly modelled: number;
  readonly hasRefusedMetrics: boolean;
}

export interface Tally {
  judged(at: EpochMs, judgement: Judgement): void;
  bad(file: BadLine['file'], line: number, reason: string): null;
  unreadable(file: BadLine['file'], line: number, reason: string): void;
  summary(modelled: number, hasRefusedMetrics: boolean): ReplaySummary;
}

export function createTally(): Tally {
  const counts = { rows: 0, alarms: 0, badRows: 0, unreadable: 0, late: 0, clockJumps: 0 };
  const named: BadLine[] = [];
  const incidents = { info: 0, warning: 0, critical: 0 };
  let from: EpochMs | null = null;
  let to: EpochMs | null = null;
  let open: { readonly id: string; readonly severity: Severity } | null = null;

  function follow(judgement: Judgement): void {
    const { incident, severity } = judgement;
    if (open !== null && open.id !== incident) {
      incidents[open.severity] += 1;
      open = null;
    }
    if (incident === null || severity === null) return;
    const isGraver = open === null || compareSeverity(severity, open.severity) > 0;
    if (isGraver) open = { id: incident, severity };
  }

  function name(file: BadLine['file'], line: number, reason: string): void {
    if (named.length < MOST_NAMED) named.push({ file, line, reason });
  }

  return {
    judged(at, judgement) {
      counts.rows += 1;
      from = from === null || at < from ? at : from;
      to = to === null || at > to ? at : to;
      if (judgement.alarm > 0) counts.alarms += 1;
      if (judgement.taken === 'late') counts.late += 1;
      if (judgement.taken === 'clock_jump') counts.clockJumps += 1;
      follow(judgement);
    },
    bad(file, line, reason) {
      counts.badRows += 1;
      name(file, line, reason);
      return null;
    },
    unreadable(file, line, reason) {
      counts.unreadable += 1;
      name(file, line, reason);
    },
    summary(modelled, hasRefusedMetrics) {
      const all = { ...incidents };
      if (open !== null) all[open.severity] += 1;
      return { ...counts, from, to, incidents: all, named: [...named], modelled, hasRefusedMetrics };
    },
  };
}

/** The summary in plain lines for a terminal. */
export function summaryText(summary: ReplaySummary): string {
  const { incidents } = summary;
  return [
    spanLine(summary),
    `${count(summary.alarms, 'alarm')}; incidents: ${incidents.critical} critical, ${incidents.warning} warning, ${incidents.info} info.`,
    summary.modelled === 0
      ? 'No host model: too little history or too few metrics; metrics were watched one by one.'
      : `The host model covers ${count(summary.modelled, 'metric')}.`,
    ...oddities(summary),
    ...summary.named.map(
      (bad) => `  ${bad.file === 'train' ? 'training ' : ''}line ${bad.line}: ${bad.reason}`,
    ),
    ...hiddenLine(summary),
  ].join('\n');
}

function spanLine({ rows, from, to }: ReplaySummary): string {
  if (from === null || to === null) return 'No rows.';
  const days = elapsed(from, to) / 86_400_000;
  return `${count(rows, 'row')} from ${toIso(from)} to ${toIso(to)} (${days.toFixed(1)} days).`;
}

function oddities(summary: ReplaySummary): readonly string[] {
  const lines: readonly (readonly [boolean, string])[] = [
    [summary.late > 0, `${count(summary.late, 'row')} came late or twice and taught nothing.`],
    [summary.clockJumps > 0, `The clock was set back ${count(summary.clockJumps, 'time')}.`],
    [summary.hasRefusedMetrics, 'More metrics than can be watched; the last ones were left out.'],
    [summary.badRows > 0, `${count(summary.badRows, 'bad row')}, left out.`],
    [summary.unreadable > 0, `${count(summary.unreadable, 'unreadable value')}, taken as unknown.`],
  ];
  return lines.filter(([isSo]) => isSo).map(([, line]) => line);
}

function hiddenLine(summary: ReplaySummary): readonly string[] {
  const hidden = summary.badRows + summary.unreadable - summary.named.length;
  return hidden > 0 ? [`  and ${hidden.toLocaleString('en')} more`] : [];
}

function count(value: number, word: string): string {
  return `${value.toLocaleString('en')} ${word}${value === 1 ? '' : 's'}`;
}
