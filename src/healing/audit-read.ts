/**
 * Reading the audit log back: verify the chain, find lines. Works on the folder alone, with or without a bot
 * running on it.
 */
import { OpsError } from '../domain/errors.ts';
import type { AuditLine, AuditQuery, AuditVerdict } from '../domain/ports.ts';
import { before, days, fromIso } from '../domain/units.ts';
import { codeOf } from '../platform/durable-file.ts';
import { type JsonlFile, linesNewestFirst, listJsonlFiles } from '../platform/jsonl-files.ts';
import { readLines } from '../platform/line-reader.ts';
import { CHAIN_START, type ChainTip, checkLine, checkPlace } from './audit-chain.ts';

export const AUDIT_NAME = 'healing_log';
/** Lines are in the order of writing; a clock set back makes some look older than they are. */
const CLOCK_DOUBT = days(2);
/** The bot may rotate or write while we read: what only looks broken is gone at the next look. */
const MOST_LOOKS = 3;

/** What a line says that removes expired files: the last of the lines that left. */
export interface ExpiredMark {
  readonly expiredThrough: ChainTip;
}

/** Names the first line that is not as it was written, or says that all are. */
export async function verifyAuditFolder(folder: string): Promise<AuditVerdict> {
  for (let look = 1; look < MOST_LOOKS; look += 1) {
    const verdict = await verifyFiles(await listJsonlFiles(folder, AUDIT_NAME));
    if (verdict?.kind === 'intact') return verdict;
  }
  const verdict = await verifyFiles(await listJsonlFiles(folder, AUDIT_NAME));
  if (verdict !== undefined) return verdict;
  throw new OpsError('AUDIT_BROKEN', 'the files of the audit log change while they are read', {
    context: { folder },
  });
}

/** The newest lines that fit, oldest of them first. Lines that cannot be read are left out. */
export async function readAudit(folder: string, query: AuditQuery): Promise<readonly AuditLine[]> {
  const found: AuditLine[] = [];
  const needle = query.text?.toLowerCase();
  for await (const bytes of linesNewestFirst(await listJsonlFiles(folder, AUDIT_NAME))) {
    const checked = checkLine(bytes);
    if (checked.kind === 'bad') continue;
    if (isLongBefore(checked.line, query)) break;
    if (!fits(checked.line, query, needle)) continue;
    found.push(checked.line);
    if (found.length >= query.limit) break;
  }
  return found.reverse();
}

/** The line before the first one of a file, as that line names it. */
export async function tipBefore(file: JsonlFile): Promise<ChainTip> {
  for await (const { bytes } of readLines(file.path)) {
    const checked = checkLine(bytes);
    if (checked.kind === 'sound') return { seq: checked.line.seq - 1, hash: checked.line.prev };
    break;
  }
  throw new OpsError('AUDIT_BROKEN', 'the first line of an audit file cannot be read', {
    context: { file: file.name },
  });
}

interface Progress {
  tip: ChainTip | undefined;
  /** The line before the very first one that is still there. */
  start: ChainTip;
  lines: number;
  readonly marks: Set<string>;
}

/** `undefined` when a file vanished while it was read. */
async function verifyFiles(files: readonly JsonlFile[]): Promise<AuditVerdict | undefined> {
  const progress: Progress = { tip: undefined, start: CHAIN_START, lines: 0, marks: new Set() };
  try {
    for (const file of files) {
      const broken = await verifyFile(file, progress);
      if (broken !== undefined) return broken;
    }
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw cause;
  }
  const { tip, start, lines, marks } = progress;
  const first = files[0];
  if (first !== undefined && start.seq > 0 && !marks.has(markOf(start))) {
    const reason = `lines 1 to ${start.seq} of the log are missing, and no line says that they expired`;
    return { kind: 'broken', file: first.name, line: 1, reason, linesBefore: 0 };
  }
  return { kind: 'intact', lines, head: tip?.hash ?? CHAIN_START.hash, files: files.length };
}

async function verifyFile(file: JsonlFile, progress: Progress): Promise<AuditVerdict | undefined> {
  for await (const { bytes, number, complete } of readLines(file.path)) {
    const checked = checkLine(bytes);
    const reason = complete ? judge(checked, progress) : 'the line is torn: its end is missing';
    if (reason !== '' || checked.kind === 'bad') {
      return { kind: 'broken', file: file.name, line: number, reason, linesBefore: progress.lines };
    }
    progress.tip = checked.tip;
    progress.lines += 1;
    const mark = (checked.line.data as Partial<ExpiredMark> | undefined)?.expiredThrough;
    if (checked.line.kind === 'repair' && mark !== undefined) progress.marks.add(markOf(mark));
  }
  return undefined;
}

function judge(checked: ReturnType<typeof checkLine>, progress: Progress): string {
  if (checked.kind === 'bad') return checked.reason;
  // The first line may follow lines that have expired; whether they have is known at the end.
  if (progress.tip === undefined && checked.line.seq > 1) {
    progress.start = { seq: checked.line.seq - 1, hash: checked.line.prev };
    return '';
  }
  return checkPlace(checked.line, progress.tip ?? CHAIN_START);
}

function markOf(tip: ChainTip): string {
  return `${tip.seq} ${tip.hash}`;
}

function isLongBefore(line: AuditLine, { since }: AuditQuery): boolean {
  const time = fromIso(line.time);
  return since !== undefined && time !== undefined && time < before(since, CLOCK_DOUBT);
}

function fits(line: AuditLine, query: AuditQuery, needle: string | undefined): boolean {
  if (query.kind !== undefined && line.kind !== query.kind) return false;
  if (query.incidentId !== undefined && line.incidentId !== query.incidentId) return false;
  if (query.actor !== undefined && line.actor !== query.actor) return false;
  if (query.since !== undefined && (fromIso(line.time) ?? 0) < query.since) return false;
  return needle === undefined || words(line).includes(needle);
}

function words(line: AuditLine): string {
  const { text, actor, target, strategy, incidentId, actionId } = line;
  return [text, actor, target, strategy, incidentId, actionId].join(' ').toLowerCase();
}
