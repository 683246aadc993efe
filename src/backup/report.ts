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
    ...answers(status, now),
    '',
    `# Backups of ${host}`,
    '',
    `Written ${toIso(now)}.`,
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

/** Can I restore, how old, how long: the first three lines, before any heading. */
function answers(status: BackupStatus, now: EpochMs): readonly string[] {
  const { newest, newestVerified } = status;
  if (newestVerified === null) {
    return [
      '- Can I restore: **not known**. No backup was read in full and found good.',
      newest === null
        ? '- How old: there is no backup.'
        : `- How old: the newest, ${newest.id}, is ${spanWords(elapsed(newest.at, now))} old and not proven.`,
      howLong(status),
    ];
  }
  return [
    `- Can I restore: ${verdictOn(newestVerified.id, status.lastDrill)}`,
    `- How old: ${spanWords(elapsed(newestVerified.at, now))}, since ${toIso(newestVerified.at)}.`,
    howLong(status),
  ];
}

/** A drill that failed counts more than a full read that went well. */
function verdictOn(id: string, lastDrill: DrillReport | null): string {
  if (lastDrill !== null && !lastDrill.good) {
    return `**in doubt**. Every byte of ${id} was read and is right, but the last drill failed: ${cell(lastDrill.reasons[0] ?? 'no reason')}.`;
  }
  const proof =
    lastDrill === null
      ? 'no drill has restored one yet'
      : `the last drill restored ${lastDrill.id} on ${toIso(lastDrill.at)}`;
  return `**yes**, from ${id}: \`nightshift restore\`. Every byte of it was read and compared; ${proof}.`;
}

/** Of a drill that went well: one that failed says nothing of the time. */
function howLong({ drills }: BackupStatus): string {
  const measured = drills.findLast(({ good }) => good);
  return measured === undefined
    ? '- How long: not measured yet.'
    : `- How long: about ${spanWords(measured.projected)} for everything; the drill took ${spanWords(measured.took)}.`;
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
