/** backup_verification_report_latest.md: what a tired person needs first. Pure. */
import type { BackupStatus, BackupView, DrillReport, Verdict } from '../domain/backup.ts';
import { type EpochMs, elapsed, type Ms, toIso } from '../domain/units.ts';

const TREND = 14;

export function reportText(
  host: string,
  status: BackupStatus,
  list: readonly BackupView[],
  drills: readonly DrillReport[],
  now: EpochMs,
): string {
  return [
    `# Backups of ${host}`,
    '',
    `Written ${toIso(now)}.`,
    '',
    ...answers(status, now),
    '',
    ...complaints(status.complaints),
    '## Backups',
    '',
    '| backup | size | files | warnings | last full read |',
    '| --- | --- | --- | --- | --- |',
    ...list.map(row),
    '',
    '## Drills',
    '',
    ...(drills.length === 0 ? ['No drill was run yet.'] : drills.slice(-TREND).reverse().map(drillLine)),
    '',
  ].join('\n');
}

/** Can I restore, how old, how long. */
function answers({ newestVerified, lastDrill }: BackupStatus, now: EpochMs): readonly string[] {
  if (newestVerified === null)
    return ['- Can I restore: **not known**. No backup was read in full and found good.'];
  return [
    `- Can I restore: **yes**, from ${newestVerified.id}. Every byte of it was read and compared.`,
    `- How old: ${spanWords(elapsed(newestVerified.at, now))}.`,
    lastDrill === null
      ? '- How long: not measured yet.'
      : `- How long: about ${spanWords(lastDrill.projected)} for everything; the last drill took ${spanWords(lastDrill.took)}.`,
  ];
}

function complaints(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['## What is wrong', '', ...lines.map((line) => `- ${line}`), ''];
}

function row({ id, archiveBytes, sections, warnings, verified }: BackupView): string {
  const files = sections.reduce((sum, { entries }) => sum + entries, 0);
  return `| ${id} | ${sizeWords(archiveBytes)} | ${files} | ${warnings.length} | ${verdictWords(verified)} |`;
}

function verdictWords(verdict: Verdict | null): string {
  if (verdict === null) return 'never';
  return `${verdict.good ? 'good' : `**bad**: ${cell(verdict.reasons[0] ?? '')}`}, ${toIso(verdict.at)}`;
}

/** Text of file names must not break the table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').slice(0, 200);
}

function drillLine({ id, at, good, reasons, took, bytes }: DrillReport): string {
  const rate = took > 0 ? `, ${sizeWords((bytes / took) * 1_000)}/s` : '';
  return `- ${toIso(at)}: ${id} restored in ${spanWords(took)}${rate}: ${good ? 'good' : `failed, ${cell(reasons[0] ?? '')}`}`;
}

export function sizeWords(count: number): string {
  if (count < 1_000) return `${Math.round(count)} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length, Math.floor(Math.log10(count) / 3));
  return `${(count / 1_000 ** power).toFixed(1)} ${units[power - 1]}`;
}

export function spanWords(span: Ms): string {
  const seconds = span / 1_000;
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${(seconds / 3_600).toFixed(1)} h` : `${Math.round(seconds / 86_400)} days`;
}
