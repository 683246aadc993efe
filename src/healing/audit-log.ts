/**
 * The audit log: `data/audit/healing_log.jsonl`, one sealed line an entry. No audit, no action.
 *
 * It opens on any disk, so that the bot can start and say what is wrong: while lines cannot be written
 * `isWritable` is false, and it tries again by itself. What it mends at its own end (a torn last line, lines that
 * could not be written, files that expired) is itself a line.
 */
import { unlink } from 'node:fs/promises';
import { OpsError } from '../domain/errors.ts';
import type {
  AuditEntry,
  AuditKind,
  AuditLine,
  AuditLog,
  AuditQuery,
  AuditVerdict,
  Cancel,
  Clock,
  Logger,
} from '../domain/ports.ts';
import { type EpochMs, fromIso, seconds, toIso } from '../domain/units.ts';
import { codeOf, syncFolder } from '../platform/durable-file.ts';
import { clip } from '../platform/inert-text.ts';
import { expiredFiles, listJsonlFiles } from '../platform/jsonl-files.ts';
import { createJsonlLog, type JsonlLog, type Recovered } from '../platform/jsonl-log.ts';
import { toPlainRecord } from '../platform/plain-data.ts';
import type { Redact } from '../platform/redact.ts';
import { CHAIN_START, type ChainTip, checkLine, type SealedLine, sealLine } from './audit-chain.ts';
import { AUDIT_NAME, readAudit, tipBefore, verifyAuditFolder } from './audit-read.ts';
import { badEndRepair, expiryNote, gapRepair, tornRepair } from './audit-repairs.ts';

/** Lines somebody acts on: they are on disk before the call returns. The others follow within a second. */
const SYNCED: ReadonlySet<AuditKind> = new Set([
  'start',
  'stop',
  'intent',
  'outcome',
  'verification',
  'approval',
  'mode',
  'freeze',
  'repair',
]);
const TRY_AGAIN = seconds(5);
const LONGEST_TEXT = 4_000;
const MOST_DATA = 64_000;

export interface AuditLogDeps {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly redact: Redact;
  readonly retentionDays: number;
}

export interface OpenAuditLog extends AuditLog {
  /** Syncs and closes. */
  close(): Promise<void>;
}

export async function createAuditLog(deps: AuditLogDeps): Promise<OpenAuditLog> {
  const audit = new HealingLog(deps);
  await audit.open();
  return audit;
}

class HealingLog implements OpenAuditLog {
  readonly #deps: AuditLogDeps;
  readonly #lines: JsonlLog<ChainTip>;
  /** Repairs found while opening, written before anything else. */
  readonly #repairs: AuditEntry[] = [];
  #mending: Promise<void> | undefined;
  #failure: { readonly since: EpochMs; missed: number } | undefined;
  #retry: Cancel | undefined;
  #closed = false;

  constructor(deps: AuditLogDeps) {
    this.#deps = deps;
    this.#lines = createJsonlLog<ChainTip>({
      folder: deps.folder,
      name: AUDIT_NAME,
      clock: deps.clock,
      recover: (newestFirst) => this.#recover(newestFirst),
      onTorn: (tail) => this.#repairs.push(tornRepair(tail)),
      onRotated: () => void this.#expire(),
    });
  }

  async open(): Promise<void> {
    try {
      await this.#lines.open();
      await this.#mend();
    } catch (cause) {
      this.#failed(cause, 0);
    }
  }

  async append(entry: AuditEntry): Promise<AuditLine> {
    const clean = this.#clean(entry);
    try {
      if (this.#failure !== undefined) await this.#mend();
      const line = await this.#write(clean);
      if (this.#repairs.length > 0) void this.#mend().catch((cause: unknown) => this.#failed(cause, 0));
      return line;
    } catch (cause) {
      this.#failed(cause, 1);
      throw unwritable(cause);
    }
  }

  query(query: AuditQuery): Promise<readonly AuditLine[]> {
    return readAudit(this.#deps.folder, query);
  }

  verify(): Promise<AuditVerdict> {
    return verifyAuditFolder(this.#deps.folder);
  }

  isWritable(): boolean {
    return this.#failure === undefined && !this.#closed;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#retry?.();
    await this.#lines.close();
  }

  async #write(entry: AuditEntry): Promise<AuditLine> {
    let sealed: SealedLine | undefined;
    const time = toIso(this.#deps.clock.now());
    await this.#lines.append((tip) => {
      sealed = sealLine(entry, time, tip);
      return sealed;
    }, SYNCED.has(entry.kind));
    if (sealed === undefined) throw new OpsError('INTERNAL', 'a line was written without being made');
    return sealed.line;
  }

  /** Goes on after the newest sound line; what stands behind it stays, and `verify` names it. */
  async #recover(newestFirst: AsyncIterable<Buffer>): Promise<Recovered<ChainTip>> {
    let bad = 0;
    for await (const bytes of newestFirst) {
      const checked = checkLine(bytes);
      if (checked.kind === 'sound') {
        if (bad > 0) this.#repairs.push(badEndRepair(bad, checked.tip.seq));
        return { tip: checked.tip, writtenAt: fromIso(checked.line.time) };
      }
      bad += 1;
    }
    if (bad > 0) this.#repairs.push(badEndRepair(bad, 0));
    return { tip: CHAIN_START, writtenAt: undefined };
  }

  #mend(): Promise<void> {
    this.#mending ??= this.#writeRepairs().finally(() => {
      this.#mending = undefined;
    });
    return this.#mending;
  }

  /** After a failure the line that tells of it also proves that lines can be written again. */
  async #writeRepairs(): Promise<void> {
    const failure = this.#failure;
    const waiting = this.#repairs.splice(0);
    const gap = failure === undefined ? [] : [gapRepair(failure.since, failure.missed)];
    try {
      await Promise.all([...waiting, ...gap].map((entry) => this.#write(entry)));
    } catch (cause) {
      this.#repairs.unshift(...waiting);
      throw cause;
    }
    if (failure !== undefined) this.#recovered();
  }

  #failed(cause: unknown, missed: number): void {
    if (this.#failure === undefined) {
      this.#deps.log.error('the audit log cannot be written, healing is held', { error: cause });
      this.#failure = { since: this.#deps.clock.now(), missed: 0 };
    }
    this.#failure.missed += missed;
    if (this.#closed) return;
    this.#retry?.();
    this.#retry = this.#deps.clock.in(TRY_AGAIN, () => {
      void this.#mend().catch((again: unknown) => this.#failed(again, 0));
    });
  }

  #recovered(): void {
    this.#deps.log.info('the audit log can be written again', { missed: this.#failure?.missed ?? 0 });
    this.#failure = undefined;
    this.#retry?.();
    this.#retry = undefined;
  }

  /** Removes what is too old. The line that says so is on disk first: it is what the chain then begins with. */
  async #expire(): Promise<void> {
    const { folder, clock, log, retentionDays } = this.#deps;
    try {
      const files = await listJsonlFiles(folder, AUDIT_NAME);
      const expired = expiredFiles(files, clock.now(), retentionDays);
      const next = files[expired.length];
      if (expired.length === 0 || next === undefined) return;
      await this.#write(expiryNote(expired, await tipBefore(next), retentionDays));
      for (const file of expired) await unlink(file.path);
      await syncFolder(folder);
    } catch (cause) {
      log.warn('old audit files could not be removed', { reason: codeOf(cause) });
    }
  }

  #clean(entry: AuditEntry): AuditEntry {
    const { data, ...rest } = entry;
    const plain = toPlainRecord({ ...rest, text: clip(rest.text, LONGEST_TEXT) }, this.#deps.redact);
    const clean = plain as unknown as AuditEntry;
    if (data === undefined) return clean;
    const kept = toPlainRecord(data, this.#deps.redact);
    const size = JSON.stringify(kept).length;
    return { ...clean, data: size <= MOST_DATA ? kept : { leftOut: `${size} characters of data` } };
  }
}

function unwritable(cause: unknown): OpsError {
  return new OpsError('AUDIT_UNWRITABLE', 'the audit log cannot be written, so nothing may act', { cause });
}
