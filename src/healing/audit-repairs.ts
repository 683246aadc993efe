/** What the audit log writes about itself: everything it mended or removed, as lines of the chain. Pure. */
import { basename } from 'node:path';
import type { AuditEntry } from '../domain/ports.ts';
import { type EpochMs, toIso } from '../domain/units.ts';
import type { TornTail } from '../platform/append-file.ts';
import type { JsonlFile } from '../platform/jsonl-files.ts';
import type { ChainTip } from './audit-chain.ts';
import type { ExpiredMark } from './audit-read.ts';

export function tornRepair({ file, bytes, keptAs }: TornTail): AuditEntry {
  const kept = basename(keptAs);
  return note(`The last line of ${basename(file)} was torn; its ${bytes} bytes are kept as ${kept}.`, {
    file: basename(file),
    bytes,
    keptAs: kept,
  });
}

/** `lastSound` is 0 where no line of the log could be read. */
export function badEndRepair(bad: number, lastSound: number): AuditEntry {
  const what = bad === 1 ? 'The last line of the log is' : `The last ${bad} lines of the log are`;
  return note(`${what} not as it was written; the chain goes on after line ${lastSound}.`, {
    bad,
    lastSound,
  });
}

export function gapRepair(since: EpochMs, missed: number): AuditEntry {
  const lines = missed === 1 ? '1 line is' : `${missed} lines are`;
  return note(`The audit log could not be written since ${toIso(since)}; ${lines} missing.`, {
    since: toIso(since),
    missed,
  });
}

export function expiryNote(files: readonly JsonlFile[], tip: ChainTip, retentionDays: number): AuditEntry {
  const mark: ExpiredMark = { expiredThrough: tip };
  const names = files.map((file) => file.name);
  return note(`Lines up to ${tip.seq} left the log after ${retentionDays} days: ${names.join(', ')}.`, {
    ...mark,
    files: names,
  });
}

function note(text: string, data: Readonly<Record<string, unknown>>): AuditEntry {
  return { kind: 'repair', actor: 'nightshift', text, data };
}
