/**
 * An answer on a terminal or in a pipe. A terminal gets tables and coloured words; a pipe gets the same words as
 * plain lines; `--json` is exactly one JSON document whatever happened.
 */
import Table from 'cli-table3';
import type { Reply } from '../commands/command.ts';
import { createPaint, harmless, type Paint } from './paint.ts';
import { type TableText, tableOf } from './tables.ts';

const NARROWEST = 40;
const NARROWEST_LAST = 20;
const GAP = 2;

export interface RenderOptions {
  readonly isTty: boolean;
  /** False with `NO_COLOR`. */
  readonly colours: boolean;
  /** Characters in a line of the terminal. */
  readonly width: number;
  /** An ISO time in the reader's words. */
  readonly time: (iso: string) => string;
}

export function renderReply(command: string | null, reply: Reply, options: RenderOptions): string {
  const paint = createPaint(options.isTty && options.colours);
  if (command === 'audit export' && reply.ok) return jsonLines(reply.data);
  const table = options.isTty && command !== null ? tableOf(command, reply.data, options.time) : null;
  return table === null ? paint.lines(harmless(reply.text)) : drawTable(table, paint, options.width);
}

/** One document, and nothing in it that a terminal would obey. */
export function renderJson(reply: Reply): string {
  const text = JSON.stringify(
    { ok: reply.ok, code: reply.code, text: reply.text, data: reply.data ?? null },
    null,
    2,
  );
  return shownJson(text);
}

function shownJson(text: string): string {
  return text.replaceAll(/[\u007f-\u009f]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);
}

/** The lines of the audit log as they are kept: one JSON object each. */
function jsonLines(data: unknown): string {
  const lines = typeof data === 'object' && data !== null && 'lines' in data ? data.lines : [];
  return Array.isArray(lines) ? lines.map((line) => shownJson(JSON.stringify(line))).join('\n') : '';
}

function drawTable({ head, rows }: TableText, paint: Paint, width: number): string {
  const plain = [head, ...rows].map((row) => row.map((cell) => harmless(cell).replaceAll(/\s+/g, ' ')));
  const table = new Table({
    head: head.map((text) => paint(text, 'soft')),
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
    colWidths: columnWidths(plain, Math.max(width, NARROWEST)),
    wordWrap: true,
  });
  for (const row of plain.slice(1)) table.push(row.map((cell) => paint.word(cell)));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** The last column takes what is left of the line and wraps there. */
function columnWidths(rows: readonly (readonly string[])[], width: number): number[] {
  const natural = (rows[0] ?? []).map(
    (_, index) => GAP + Math.max(...rows.map((row) => row[index]?.length ?? 0)),
  );
  const last = natural.length - 1;
  const others = natural.slice(0, last).reduce((sum, one) => sum + one, 0);
  return [...natural.slice(0, last), Math.min(natural[last] ?? 0, Math.max(NARROWEST_LAST, width - others))];
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
} as const;
