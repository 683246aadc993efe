/**
 * Restores and deletes that need a yes: what the card shows, the hash that binds the yes to it, and the run once it
 * is given. The hash is over the manifest of the backup and over the configuration of backups, so a yes is void when
 * either is another one by then.
 */
import { createHash } from 'node:crypto';
import type { Actor } from '../domain/approval.ts';
import {
  type BackupDesk,
  type BackupOptions,
  type DeskResult,
  type PruneAsked,
  type RestoreAsked,
  type RestorePreview,
  type RestoreReport,
  type RestoreRequest,
  type RestoreState,
  SECTIONS,
  type Section,
} from '../domain/backup.ts';
import type { ErrandEnd, ErrandRequest, ErrandRunner } from '../domain/ports.ts';
import type { Errand } from '../domain/strategy.ts';
import { type Ms, seconds } from '../domain/units.ts';
import { genuine } from './lookup.ts';
import { sizeWords } from './report.ts';
import { choose } from './restore-choice.ts';
import { readJournal } from './restore-journal.ts';
import type { Room } from './room.ts';
import type { StoredBackup } from './store.ts';
import { telling } from './telling.ts';
import { prunable, prune } from './tidy.ts';

/** The run is ended by its own limit; this one is only shown. */
const SHOWN_LIMIT: Ms = seconds(3_600);

export type RestoreErrands = Pick<BackupDesk, 'requestRestore' | 'requestRollback' | 'requestPrune'> & {
  readonly errands: ErrandRunner;
  /** At the start, before a yes is looked at. */
  rememberShown(): Promise<void>;
};

interface Desk {
  preview(request: RestoreRequest): Promise<DeskResult<RestorePreview>>;
  restore(request: RestoreRequest, by: Actor, options: BackupOptions): Promise<DeskResult<RestoreReport>>;
  state(): Promise<RestoreState>;
  /** The end of a restore that waits for people in between. */
  follow(onStep: (text: string) => void): Promise<ErrandEnd>;
}

type RestoreErrand = Extract<Errand, { readonly kind: 'restore' }>;

export function createErrands(room: Room, desk: Desk): RestoreErrands {
  const errands = new Errands(room, desk);
  return {
    requestRestore: (wanted, by, reason) => errands.request(wanted, by, reason),
    requestRollback: (by, reason) => errands.requestRollback(by, reason),
    requestPrune: (by, reason) => errands.requestPrune(by, reason),
    errands,
    rememberShown: () => errands.remember(),
  };
}

class Errands implements ErrandRunner {
  readonly #room: Room;
  readonly #desk: Desk;
  /** The manifest of each backup that was shown, or was here at the start: the answer comes from memory. */
  readonly #shown = new Map<string, string>();

  constructor(room: Room, desk: Desk) {
    this.#room = room;
    this.#desk = desk;
  }

  async request(wanted: RestoreRequest, by: Actor, reason: string): Promise<DeskResult<RestoreAsked>> {
    const { gate } = this.#room.deps;
    if (gate === null) return NO_GATE;
    const chosen = await choose(this.#room, wanted, {});
    if (chosen.kind !== 'done') return chosen;
    const { backup, sections } = chosen.value;
    const preview = await this.#desk.preview({ ...wanted, backup: backup.id });
    if (preview.kind !== 'done') return preview;
    const errand = errandOf(backup, sections, wanted.path);
    this.#shown.set(backup.id, backup.sha256);
    const asked = await gate.ask(
      requestOf(errand, preview.value, by, reason, this.#hash(errand, backup.sha256)),
    );
    if (asked.kind === 'refused') return asked;
    const { approvalId, incidentId, expiresAt } = asked;
    const value = { id: backup.id, approvalId, incidentId, expiresAt, preview: preview.value };
    return { kind: 'done', value };
  }

  async requestRollback(by: Actor, reason: string): Promise<DeskResult<RestoreAsked>> {
    const journal = await readJournal(this.#room.folders.own);
    if (journal?.phase !== 'done' || journal.safety === null)
      return { kind: 'not_found', reason: 'There is no finished restore to take back.' };
    return this.request({ backup: journal.safety, sections: journal.sections, path: null }, by, reason);
  }

  async requestPrune(by: Actor, reason: string): Promise<DeskResult<PruneAsked>> {
    const { gate } = this.#room.deps;
    if (gate === null) return NO_GATE;
    const ids = await prunable(this.#room);
    if (ids.length === 0) return { kind: 'done', value: { ids, approvalId: null, expiresAt: null } };
    const errand = { ...PRUNE, backups: ids };
    const asked = await gate.ask({
      errand,
      title: `Remove ${ids.length} backups that retention no longer keeps`,
      effect: `Remove the backups ${ids.join(', ')}; their signed manifests stay`,
      why: reason === '' ? 'Retention no longer keeps them.' : reason,
      undo: null,
      hash: this.#hash(errand, ''),
      requestedBy: by,
    });
    if (asked.kind === 'refused') return asked;
    return { kind: 'done', value: { ids, approvalId: asked.approvalId, expiresAt: asked.expiresAt } };
  }

  #hash(errand: Errand, manifest: string): string {
    const { sections, restore, retention } = this.#room.deps.config.current();
    const text = JSON.stringify([errand, manifest, sections, restore, retention]);
    return createHash('sha256').update(text).digest('hex');
  }

  hashOf(errand: Errand): ReturnType<ErrandRunner['hashOf']> {
    if (errand.kind === 'prune') return { kind: 'hash', hash: this.#hash(errand, '') };
    const manifest = this.#shown.get(errand.backup);
    return manifest === undefined
      ? { kind: 'gone', reason: 'the backup is not here any more' }
      : { kind: 'hash', hash: this.#hash(errand, manifest) };
  }

  async run(errand: Errand, by: Actor, tell: (line: string) => void): Promise<ErrandEnd> {
    if (errand.kind === 'prune') return this.#prune(errand.backups, by);
    const wanted = requestIn(errand);
    const chosen = await choose(this.#room, wanted, {});
    if (chosen.kind !== 'done') return { kind: 'failed', reason: chosen.reason };
    if (chosen.value.backup.sha256 !== this.#shown.get(errand.backup))
      return { kind: 'failed', reason: `the backup ${errand.backup} is not the one that was shown` };
    const options = { onProgress: telling(tell, this.#room.deps.clock) };
    const result = await this.#desk.restore(wanted, by, options);
    if (result.kind !== 'done') return { kind: 'failed', reason: result.reason };
    if (result.value.next === null) return { kind: 'done', text: result.value.text };
    tell(result.value.text);
    return this.#desk.follow(tell);
  }

  /** After a restart: a yes still counts where what lies here is what was shown; its hash decides. */
  async remember(): Promise<void> {
    const { all } = await this.#room.found();
    for (const { id, sha256 } of genuine(all)) this.#shown.set(id, sha256);
  }

  async #prune(shown: readonly string[], by: Actor): Promise<ErrandEnd> {
    const now = await prunable(this.#room);
    if (now.join() !== shown.join())
      return { kind: 'failed', reason: 'retention would remove others by now than were shown' };
    const result = await prune(this.#room, by, false);
    if (result.kind !== 'done') return { kind: 'failed', reason: result.reason };
    return { kind: 'done', text: `Removed ${result.value.join(', ')}.` };
  }

  async settled(errand: Errand): Promise<ErrandEnd> {
    if (errand.kind === 'prune') {
      return { kind: 'failed', reason: 'Nightshift was interrupted; what was not removed yet is there' };
    }
    return settledRestore(errand, await this.#desk.state());
  }
}

const PRUNE = { kind: 'prune', target: null, timeLimit: SHOWN_LIMIT, needsApproval: true } as const;
const NO_GATE = { kind: 'refused', reason: 'nobody can be asked without a running bot' } as const;

function errandOf(backup: StoredBackup, sections: readonly Section[], path: string | null): RestoreErrand {
  return {
    kind: 'restore',
    backup: backup.id,
    sections,
    path,
    target: null,
    timeLimit: SHOWN_LIMIT,
    needsApproval: true,
  };
}

function requestIn({ backup, sections, path }: RestoreErrand): RestoreRequest {
  return { backup, path, sections: SECTIONS.filter((section) => sections.includes(section)) };
}

function requestOf(
  errand: RestoreErrand,
  preview: RestorePreview,
  requestedBy: Actor,
  reason: string,
  hash: string,
): ErrandRequest {
  const what = `${errand.sections.join(', ')}${errand.path === null ? '' : ` (${errand.path})`}`;
  return {
    errand,
    title: `Restore ${what} from ${errand.backup}`,
    effect: `Back up what is there, then restore ${what} from ${errand.backup}, section by section`,
    why: [sentence(reason), ...preview.sections.map(changeWords)].filter((text) => text !== '').join(' '),
    undo: 'restore abort while it runs or waits, restore rollback afterwards',
    hash,
    requestedBy,
  };
}

/** What a person typed, as a sentence before others. */
function sentence(text: string): string {
  return text === '' || /[.?!…]$/.test(text) ? text : `${text}.`;
}

function changeWords({
  section,
  added,
  changed,
  removed,
  modes,
  bytes,
}: RestorePreview['sections'][number]): string {
  const counts = { added, changed, removed, 'with other permissions': modes };
  const said = Object.entries(counts).flatMap(([what, count]) => (count === 0 ? [] : [`${count} ${what}`]));
  return said.length === 0
    ? `${section}: nothing differs.`
    : `${section}: ${said.join(', ')}; ${sizeWords(bytes)} to write.`;
}

function settledRestore(errand: RestoreErrand, state: RestoreState): ErrandEnd {
  if (!('id' in state) || state.id !== errand.backup)
    return { kind: 'failed', reason: 'Nightshift was interrupted before anything was changed' };
  if (state.kind === 'done')
    return { kind: 'done', text: `It was complete; what was there before is in ${state.safety}.` };
  return { kind: 'failed', reason: 'Nightshift was interrupted; everything was put back as it was' };
}
