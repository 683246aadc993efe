/**
 * The hash chain of the audit log. Pure.
 *
 * A line is one JSON object whose last member is `hash`: the sha256 of the line's own bytes without that member,
 * which hold `seq` and the hash of the line before. So every byte of every line is covered, spaces included.
 */
import { createHash } from 'node:crypto';
import { AUDIT_KINDS, type AuditEntry, type AuditLine } from '../domain/ports.ts';

/** The last line so far: what the next one must follow. */
export interface ChainTip {
  readonly seq: number;
  readonly hash: string;
}

export type CheckedLine =
  | { readonly kind: 'sound'; readonly line: AuditLine; readonly tip: ChainTip }
  | { readonly kind: 'bad'; readonly reason: string };

export const CHAIN_START: ChainTip = { seq: 0, hash: '0'.repeat(64) };

/** `,"hash":"<64 hex digits>"}` */
const SEAL = /^,"hash":"([0-9a-f]{64})"\}$/;
const SEAL_LENGTH = 75;
const KINDS: ReadonlySet<string> = new Set(AUDIT_KINDS);

export interface SealedLine {
  readonly line: AuditLine;
  readonly text: string;
  readonly tip: ChainTip;
}

/** Makes the line that follows `tip`. The order of the members is fixed, so the text is too. */
export function sealLine(entry: AuditEntry, time: string, tip: ChainTip): SealedLine {
  const seq = tip.seq + 1;
  const { kind, actor, text, incidentId, actionId, target, strategy, data } = entry;
  const body = { seq, time, kind, actor, text, incidentId, actionId, target, strategy, data, prev: tip.hash };
  const json = JSON.stringify(body);
  const hash = sha256(Buffer.from(json));
  return {
    line: { ...entry, seq, time, prev: tip.hash, hash },
    text: `${json.slice(0, -1)},"hash":"${hash}"}`,
    tip: { seq, hash },
  };
}

/** Is this line whole and unchanged? Says nothing about its place; see `checkPlace`. */
export function checkLine(bytes: Buffer): CheckedLine {
  const cut = bytes.length - SEAL_LENGTH;
  const hash = SEAL.exec(bytes.subarray(Math.max(0, cut)).toString('latin1'))?.[1];
  if (hash === undefined) return { kind: 'bad', reason: 'the line was edited or cut: it has no seal' };
  if (sha256(bytes.subarray(0, cut), '}') !== hash) return { kind: 'bad', reason: 'the line was edited' };
  const line = parseLine(bytes);
  if (line === undefined) return { kind: 'bad', reason: 'the line is sealed but is no audit line' };
  return { kind: 'sound', line, tip: { seq: line.seq, hash } };
}

/** Does a sound line follow `tip`? The reason why not, or an empty text. */
export function checkPlace(line: AuditLine, tip: ChainTip): string {
  const expected = tip.seq + 1;
  if (line.seq > expected) return `${linesWord(expected, line.seq - 1)} missing before it`;
  if (line.seq < expected) return `the line stands in the wrong place: it is line ${line.seq} of the log`;
  if (line.prev !== tip.hash)
    return 'the line does not follow from the one before: it was put in or replaced';
  return '';
}

function linesWord(from: number, to: number): string {
  return from === to ? `line ${from} of the log is` : `lines ${from} to ${to} of the log are`;
}

function parseLine(bytes: Buffer): AuditLine | undefined {
  try {
    const line = JSON.parse(bytes.toString()) as Partial<AuditLine>;
    const sound = Number.isSafeInteger(line.seq) && KINDS.has(line.kind ?? '');
    const texts = [line.time, line.actor, line.text, line.prev, line.hash];
    return sound && texts.every((text) => typeof text === 'string') ? (line as AuditLine) : undefined;
  } catch {
    return undefined; // not JSON: the caller says so
  }
}

function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
