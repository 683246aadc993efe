/**
 * Restores, step by step: preview, start (which asks for a yes), next or abort after each section, rollback.
 * Elsewhere (`--to`) and a dry run at any time, because they change nothing of this host.
 */
import { z } from 'zod';
import { type Actor, mayAct } from '../../domain/approval.ts';
import type {
  BackupOptions,
  ChangeView,
  DeskResult,
  RestoreAsked,
  RestorePreview,
  RestoreReport,
  RestoreRequest,
  RestoreState,
  SectionChanges,
} from '../../domain/backup.ts';
import { toIso } from '../../domain/units.ts';
import { localTime } from '../figures.ts';
import {
  chosenSections,
  fromDesk,
  progressData,
  progressWords,
  section,
  sizeWords,
  whichBackup,
} from './backup-words.ts';
import type { Command, CommandContext, Reply } from './command.ts';
import { entry } from './entry.ts';
import { flag, phrase, word } from './options.ts';
import { ok, would } from './replies.ts';

const MARKS: Readonly<Record<ChangeView['change'], string>> = {
  added: '+',
  changed: '~',
  removed: '-',
  mode: 'm',
};
const MOST_LINES = 40;

const restoreOptions = {
  backup: word('latest, an id or a date').optional(),
  section,
  path: word('only this path inside a section').optional(),
  to: word('restore into this folder instead').optional(),
  yes: flag('do not ask in the terminal').optional(),
  reason: phrase('why').optional(),
};

export const RESTORE_COMMANDS: readonly Command[] = [
  entry({
    words: ['restore', 'preview'],
    summary: 'What a restore would change',
    role: 'operator',
    options: z.strictObject(restoreOptions),
    positional: ['backup'],
    changes: false,
    slow: true,
    example: 'restore preview latest --section config',
    async run(options, context) {
      const request = requestOf(options);
      return 'code' in request ? request : preview(context, request);
    },
  }),
  entry({
    words: ['restore', 'start'],
    summary: 'Starts a restore, after a yes',
    role: 'operator',
    options: z.strictObject(restoreOptions),
    positional: ['backup'],
    changes: true,
    slow: true,
    example: 'restore start latest --section config --yes',
    async run(options, context) {
      const request = requestOf(options);
      if ('code' in request) return request;
      if (context.dryRun) return preview(context, request);
      if (options.to !== undefined) return elsewhere(context, request, options.to);
      if (options.yes === true && mayRelease(context.actor)) return atOnce(context, request);
      return askFor(
        await context.controls.backups.requestRestore(request, context.actor, options.reason ?? ''),
        context,
      );
    },
  }),
  entry({
    words: ['restore', 'next'],
    summary: 'Goes on with the next section',
    role: 'operator',
    options: z.strictObject({}),
    positional: [],
    changes: true,
    slow: true,
    example: 'restore next',
    async run(_, context) {
      const { controls, actor, dryRun } = context;
      const state = await controls.backups.restoreState();
      if (dryRun) return would(state.kind === 'waiting' ? `Would restore ${state.next}.` : stateText(state));
      return restored(await controls.backups.next(actor, progressOf(context)));
    },
  }),
  entry({
    words: ['restore', 'abort'],
    summary: 'Stops a restore and puts back what was there',
    role: 'operator',
    options: z.strictObject({ reason: phrase('why').optional() }),
    positional: ['reason'],
    changes: true,
    slow: true,
    example: 'restore abort',
    async run(options, { controls, actor, dryRun }) {
      if (dryRun) return would(stateText(await controls.backups.restoreState()));
      return fromDesk(await controls.backups.abort(actor, options.reason ?? ''), (text) => ok(text));
    },
  }),
  entry({
    words: ['restore', 'rollback'],
    summary: 'Takes a finished restore back, after a yes',
    role: 'operator',
    options: z.strictObject({
      yes: flag('do not ask in the terminal').optional(),
      reason: phrase('why').optional(),
    }),
    positional: [],
    changes: true,
    slow: true,
    example: 'restore rollback',
    async run(options, context) {
      const { controls, actor, dryRun } = context;
      if (dryRun) return would(stateText(await controls.backups.restoreState()));
      if (mayRelease(actor) && (options.yes === true || actor.surface === 'cli')) {
        return fromDesk(await controls.backups.rollback(actor, progressOf(context)), (text) => ok(text));
      }
      return askFor(await controls.backups.requestRollback(actor, options.reason ?? ''), context);
    },
  }),
  entry({
    words: ['restore', 'status'],
    summary: 'Where a restore stands',
    role: 'operator',
    options: z.strictObject({}),
    positional: [],
    changes: false,
    example: 'restore status',
    async run(_, { controls }) {
      const state = await controls.backups.restoreState();
      const { running } = await controls.backups.status();
      const text = running === null ? stateText(state) : `${stateText(state)}\n${progressWords(running)}`;
      return ok(text, { state: stateData(state), running: running === null ? null : progressData(running) });
    },
  }),
];

interface Given {
  readonly backup?: string | undefined;
  readonly section?: string | undefined;
  readonly path?: string | undefined;
}

/** The terminal of the host is the way out that always works: its own yes counts, audited like the rest. */
function mayRelease(actor: Actor): boolean {
  return actor.id === 'local-token' && actor.surface !== 'web' && mayAct(actor, 'approver');
}

function progressOf({ onProgress, signal }: CommandContext): BackupOptions {
  return { ...(onProgress && { onProgress }), ...(signal && { signal }) };
}

function requestOf(options: Given): RestoreRequest | Reply {
  const backup = whichBackup(options.backup);
  if (typeof backup !== 'string') return backup;
  const sections = chosenSections(options.section);
  if (!Array.isArray(sections)) return sections;
  return { backup, sections, path: options.path ?? null };
}

async function preview(context: CommandContext, request: RestoreRequest): Promise<Reply> {
  const { backups } = context.controls;
  return fromDesk(await backups.preview(request, progressOf(context)), (value) =>
    ok(previewText(value), dataOf(value)),
  );
}

async function elsewhere(context: CommandContext, request: RestoreRequest, to: string): Promise<Reply> {
  const { backups } = context.controls;
  return fromDesk(await backups.restoreTo(request, to, progressOf(context)), ({ text, id, took }) =>
    ok(text, { id, to, tookMs: took }),
  );
}

async function atOnce(context: CommandContext, request: RestoreRequest): Promise<Reply> {
  const { controls, actor } = context;
  return restored(await controls.backups.restore(request, actor, progressOf(context)));
}

function restored(result: DeskResult<RestoreReport>): Reply {
  return fromDesk(result, ({ text, safety, sections, took, id, next }) =>
    ok([text, ...sections.map(countsOf)].join('\n'), { id, safety, sections, next, tookMs: took }),
  );
}

/** The card is on every surface; the same yes counts wherever it is given. */
function askFor(result: DeskResult<RestoreAsked>, { timezone, now }: CommandContext): Reply {
  return fromDesk(result, ({ preview: shown, approvalId, incidentId, expiresAt, id }) =>
    ok(
      `${previewText(shown)}\nNothing was changed. It waits for a yes until ${localTime(expiresAt, timezone, now)}: approve ${approvalId.slice(0, 8)}`,
      {
        ...dataOf(shown),
        dryRun: false,
        id,
        approval: approvalId,
        incident: incidentId,
        expiresAt: toIso(expiresAt),
      },
    ),
  );
}

function previewText({ id, sections, notes }: RestorePreview): string {
  const lines = sections.flatMap((one) => [
    countsOf(one),
    ...one.changes.slice(0, MOST_LINES).flatMap(changeLines),
    ...(one.changes.length > MOST_LINES ? [`  and ${one.changes.length - MOST_LINES} more`] : []),
  ]);
  return [`A restore of ${id} would change:`, ...lines, ...notes.map((note) => `Note: ${note}.`)].join('\n');
}

function countsOf(one: SectionChanges): string {
  return `${one.section}: ${one.added} added, ${one.changed} changed, ${one.removed} removed, ${one.modes} permissions, ${one.unchanged} as they are; ${sizeWords(one.bytes)} to write`;
}

function changeLines({ path, change, sizeNow, sizeThen, diff }: ChangeView): readonly string[] {
  const sizes = change === 'changed' ? ` (${sizeWords(sizeNow ?? 0)}, then ${sizeWords(sizeThen ?? 0)})` : '';
  return [`  ${MARKS[change]} ${path}${sizes}`, ...diff.map((line) => `      ${line}`)];
}

function dataOf(value: RestorePreview): object {
  return { ...value, at: toIso(value.at), dryRun: true };
}

export function stateData(state: RestoreState): object {
  if ('since' in state) return { ...state, since: toIso(state.since) };
  return 'at' in state ? { ...state, at: toIso(state.at) } : state;
}

function stateText(state: RestoreState): string {
  switch (state.kind) {
    case 'none':
      return 'No restore was made here.';
    case 'running':
      return `A restore of ${state.id} is under way: ${state.step}.`;
    case 'waiting':
      return `The restore of ${state.id} waits: ${state.done.join(', ')} is exchanged and checked. "restore next" goes on with ${state.next}, "restore abort" puts everything back.`;
    case 'done':
      return `The restore of ${state.id} is done. What was there before is in ${state.safety}.`;
    case 'rolled_back':
      return `The restore of ${state.id} was taken back: ${state.reason}.`;
  }
}
