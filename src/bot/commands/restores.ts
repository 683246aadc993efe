/**
 * Restores. A preview first; a start only with `--yes` from somebody who may approve; elsewhere (`--to`) and a dry
 * run at any time, because they change nothing of this host.
 */
import { z } from 'zod';
import { type Actor, mayAct } from '../../domain/approval.ts';
import type { ChangeView, RestorePreview, RestoreRequest, RestoreState } from '../../domain/backup.ts';
import type { OpsControls } from '../../domain/controls.ts';
import { toIso } from '../../domain/units.ts';
import { chosenSections, fromDesk, section, sizeWords, whichBackup } from './backup-words.ts';
import type { Command, Reply } from './command.ts';
import { entry, later } from './entry.ts';
import { flag, phrase, word } from './options.ts';
import { ok, refused } from './replies.ts';

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

/** Until a restore is asked for by a card of its own, the yes of the host's own door is the only one that counts. */
const FROM_HOST =
  'A restore is started on the host in this version: nightshift restore --yes. Preview and status work everywhere.';

export const RESTORE_COMMANDS: readonly Command[] = [
  entry({
    words: ['restore', 'preview'],
    summary: 'What a restore would change',
    role: 'operator',
    options: z.strictObject(restoreOptions),
    positional: ['backup'],
    changes: false,
    example: 'restore preview latest --section config',
    async run(options, { controls }) {
      const request = requestOf(options);
      return 'code' in request ? request : preview(controls, request);
    },
  }),
  entry({
    words: ['restore', 'start'],
    summary: 'Starts a restore, after a yes',
    role: 'operator',
    options: z.strictObject(restoreOptions),
    positional: ['backup'],
    changes: true,
    example: 'restore start latest --section config --yes',
    async run(options, { controls, actor, dryRun }) {
      const request = requestOf(options);
      if ('code' in request) return request;
      if (dryRun) return preview(controls, request);
      if (options.to !== undefined) return elsewhere(controls, request, options.to);
      if (!isOnHost(actor)) return refused(FROM_HOST);
      if (options.yes !== true || !mayAct(actor, 'approver')) return ask(controls, request, actor);
      return fromDesk(
        await controls.backups.restore(request, actor),
        ({ text, safety, sections, took, id }) => ok(text, { id, safety, sections, tookMs: took }),
      );
    },
  }),
  later(['restore', 'next'], 'Goes on with the next section', 'operator', {}, { changes: true }),
  later(
    ['restore', 'abort'],
    'Stops a restore and puts back what was there',
    'operator',
    {},
    { changes: true },
  ),
  entry({
    words: ['restore', 'rollback'],
    summary: 'Takes a finished restore back',
    role: 'operator',
    options: z.strictObject({}),
    positional: [],
    changes: true,
    example: 'restore rollback',
    async run(_, { controls, actor, dryRun }) {
      const state = await controls.backups.restoreState();
      if (dryRun) return ok(stateText(state), { state, dryRun });
      if (!isOnHost(actor)) return refused(FROM_HOST);
      if (!mayAct(actor, 'approver')) return refused('Taking a restore back needs the role approver.');
      return fromDesk(await controls.backups.rollback(actor), (text) => ok(text));
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
      return ok(stateText(state), { state: 'at' in state ? { ...state, at: toIso(state.at) } : state });
    },
  }),
];

interface Given {
  readonly backup?: string | undefined;
  readonly section?: string | undefined;
  readonly path?: string | undefined;
}

function isOnHost({ id }: Actor): boolean {
  return id === 'local-token';
}

function requestOf(options: Given): RestoreRequest | Reply {
  const backup = whichBackup(options.backup);
  if (typeof backup !== 'string') return backup;
  const sections = chosenSections(options.section);
  if (!Array.isArray(sections)) return sections;
  return { backup, sections, path: options.path ?? null };
}

async function preview(controls: OpsControls, request: RestoreRequest): Promise<Reply> {
  return fromDesk(await controls.backups.preview(request), (value) => ok(previewText(value), dataOf(value)));
}

async function elsewhere(controls: OpsControls, request: RestoreRequest, to: string): Promise<Reply> {
  return fromDesk(await controls.backups.restoreTo(request, to), ({ text, id, took }) =>
    ok(text, { id, to, tookMs: took }),
  );
}

/** Shows what would happen and how to say yes to it. */
async function ask(controls: OpsControls, request: RestoreRequest, actor: Actor): Promise<Reply> {
  return fromDesk(await controls.backups.preview(request), (value) => {
    const sections = value.sections.map((one) => one.section).join(',');
    const path = request.path === null ? '' : ` --path ${request.path}`;
    const command = `restore start ${value.id} --section ${sections}${path} --yes`;
    const who = mayAct(actor, 'approver') ? 'To do this run' : 'This needs the yes of an approver, who runs';
    return refused(`${previewText(value)}\nNothing was changed. ${who}: ${command}`, {
      ...dataOf(value),
      command,
    });
  });
}

function previewText({ id, sections, notes }: RestorePreview): string {
  const lines = sections.flatMap((one) => [
    `${one.section}: ${one.added} added, ${one.changed} changed, ${one.removed} removed, ${one.modes} permissions, ${one.unchanged} as they are; ${sizeWords(one.bytes)} to write`,
    ...one.changes.slice(0, MOST_LINES).flatMap(changeLines),
    ...(one.changes.length > MOST_LINES ? [`  and ${one.changes.length - MOST_LINES} more`] : []),
  ]);
  return [`A restore of ${id} would change:`, ...lines, ...notes.map((note) => `Note: ${note}.`)].join('\n');
}

function changeLines({ path, change, sizeNow, sizeThen, diff }: ChangeView): readonly string[] {
  const sizes = change === 'changed' ? ` (${sizeWords(sizeNow ?? 0)}, then ${sizeWords(sizeThen ?? 0)})` : '';
  return [`  ${MARKS[change]} ${path}${sizes}`, ...diff.map((line) => `      ${line}`)];
}

function dataOf(value: RestorePreview): object {
  return { ...value, at: toIso(value.at), dryRun: true };
}

function stateText(state: RestoreState): string {
  switch (state.kind) {
    case 'none':
      return 'No restore was made here.';
    case 'running':
      return `A restore of ${state.id} is under way: ${state.step}.`;
    case 'waiting':
      return `The restore of ${state.id} waits before ${state.next}.`;
    case 'done':
      return `The restore of ${state.id} is done. What was there before is in ${state.safety}.`;
    case 'rolled_back':
      return `The restore of ${state.id} was taken back: ${state.reason}.`;
  }
}
