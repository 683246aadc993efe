/** Reading the audit log: what happened, and whether the log is whole. */
import { z } from 'zod';
import type { OpsControls } from '../../domain/controls.ts';
import type { AuditLine } from '../../domain/ports.ts';
import { type EpochMs, fromIso } from '../../domain/units.ts';
import { columns } from '../columns.ts';
import { counted, localTime } from '../figures.ts';
import type { Command, CommandContext } from './command.ts';
import { entry } from './entry.ts';
import { momentOf, phrase, type Since, since, whole, word } from './options.ts';
import { failed, ok } from './replies.ts';

const EXPORT_LIMIT = 10_000;
const SEARCH_LIMIT = 100;

const filters = {
  actor: word('only by this actor, such as slack:ada').optional(),
  incident: word('only of this incident').optional(),
  since: since('only since').optional(),
};

export const AUDIT_COMMANDS: readonly Command[] = [
  entry({
    words: ['audit', 'tail'],
    summary: 'The newest lines of the audit log',
    role: 'viewer',
    options: z.strictObject({ ...filters, lines: whole('how many (20)', 1, 500).optional() }),
    positional: ['lines'],
    changes: false,
    example: 'audit tail --lines 50',
    async run(options, context) {
      const lines = await read(context, options, options.lines ?? 20);
      return ok(text(lines, context), { lines });
    },
  }),
  entry({
    words: ['audit', 'search'],
    summary: 'Lines of the audit log that hold a text',
    role: 'viewer',
    options: z.strictObject({ ...filters, text: phrase('words to look for').optional() }),
    positional: ['text'],
    changes: false,
    example: 'audit search restart --since 7d',
    async run(options, context) {
      const lines = await read(context, options, SEARCH_LIMIT);
      return ok(text(lines, context), { lines });
    },
  }),
  entry({
    words: ['audit', 'verify'],
    summary: 'Checks the hash chain of the audit log, line by line',
    role: 'viewer',
    options: z.strictObject({}),
    positional: [],
    changes: false,
    example: 'audit verify',
    async run(_, { controls }) {
      const verdict = await controls.verifyAudit();
      if (verdict.kind === 'intact') {
        const where = counted(verdict.files, 'file');
        return ok(`The audit log is whole: ${counted(verdict.lines, 'line')} in ${where}.`, verdict);
      }
      const { file, line, reason } = verdict;
      return failed(`The audit log is broken at ${file}, line ${line}: ${reason}.`, verdict);
    },
  }),
  entry({
    words: ['audit', 'export'],
    summary: 'Lines of the audit log as they stand on disk, for keeping elsewhere',
    role: 'viewer',
    options: z.strictObject(filters),
    positional: [],
    changes: false,
    example: 'audit export --since 2026-11-01',
    async run(options, context) {
      const lines = await read(context, options, EXPORT_LIMIT);
      const cut = lines.length === EXPORT_LIMIT ? ' (the newest; there may be more)' : '';
      return ok(`${counted(lines.length, 'line')} exported${cut}.`, { lines });
    },
  }),
];

interface Filter {
  readonly actor?: string | undefined;
  readonly incident?: string | undefined;
  readonly since?: Since | undefined;
  readonly text?: string | undefined;
}

function read(context: CommandContext, filter: Filter, limit: number): ReturnType<OpsControls['audit']> {
  return context.controls.audit({
    ...(filter.actor === undefined ? {} : { actor: filter.actor }),
    ...(filter.incident === undefined ? {} : { incidentId: filter.incident }),
    ...(filter.since === undefined ? {} : { since: momentOf(filter.since, context.now) }),
    ...(filter.text === undefined ? {} : { text: filter.text }),
    limit,
  });
}

function text(lines: readonly AuditLine[], { timezone, now }: CommandContext): string {
  const rows = lines.map((line) => [timeOf(line, timezone, now), line.kind, line.actor, line.text]);
  return rows.length === 0 ? 'No lines.' : columns(rows).join('\n');
}

function timeOf(line: AuditLine, timezone: string, now: EpochMs): string {
  const at = fromIso(line.time);
  return at === undefined ? line.time : localTime(at, timezone, now);
}
