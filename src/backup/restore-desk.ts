/** Restores as people ask for them: preview, elsewhere, in place step by step, and the way back. */
import type { Actor } from '../domain/approval.ts';
import type {
  BackupDesk,
  BackupOptions,
  DeskResult,
  RestorePreview,
  RestoreReport,
  RestoreRequest,
  RestoreState,
} from '../domain/backup.ts';
import type { ErrandEnd } from '../domain/ports.ts';
import { epochMs, fromIso } from '../domain/units.ts';
import { previewOf } from './preview.ts';
import { takeBackRestore } from './restore.ts';
import { choose, compareChosen, notesOn } from './restore-choice.ts';
import { restoreElsewhere } from './restore-elsewhere.ts';
import { createErrands, type RestoreErrands } from './restore-errand.ts';
import {
  beginRestore,
  exchangeNext,
  hasWaitedTooLong,
  type Pace,
  waitingJournal,
  whyWaiting,
} from './restore-guide.ts';
import { readJournal, writeJournal } from './restore-journal.ts';
import { tellRestore } from './restore-news.ts';
import type { Room } from './room.ts';

const NOT_WAITING = 'No restore waits for its next step.';

interface Follower {
  readonly onStep: (text: string) => void;
  readonly onOver: (end: ErrandEnd) => void;
}

/** How a restore ended that a bot handed over to its next run. */
export interface HandedOver {
  readonly id: string;
  readonly good: boolean;
  readonly text: string;
}

export type RestoreDesk = Pick<
  BackupDesk,
  'preview' | 'restoreTo' | 'restore' | 'next' | 'abort' | 'rollback' | 'restoreState'
> & {
  /** Takes a restore back that waited for a person for too long. */
  expireWaiting(): Promise<void>;
  /** Before a bot reads its state: exchanges it where a restore left that to this start. `null` = nothing did. */
  finishHandedOver(): Promise<HandedOver | null>;
} & RestoreErrands;

export function createRestoreDesk(room: Room): RestoreDesk {
  const desk = new Restores(room);
  return {
    preview: (request, options) => desk.preview(request, options ?? {}),
    restoreTo: (request, folder, options) => restoreElsewhere(room, request, folder, options ?? {}),
    restore: (request, by, options, how) => desk.restore(request, by, options ?? {}, how ?? 'at_once'),
    next: (by, options) => desk.next(by, options ?? {}, 'guided'),
    abort: (by, reason) => desk.abort(by, reason),
    rollback: (by, options) => desk.rollback(by, options ?? {}),
    restoreState: () => desk.state(),
    expireWaiting: () => desk.expireWaiting(),
    finishHandedOver: () => desk.finishHandedOver(),
    ...createErrands(room, {
      preview: (request) => desk.preview(request, {}),
      restore: (request, by, options) => desk.restore(request, by, options, 'guided'),
      state: () => desk.state(),
      follow: (onStep) => desk.follow(onStep),
    }),
  };
}

class Restores {
  readonly #room: Room;
  /** Whoever waits for the end of a restore in steps. */
  #follower: Follower | null = null;

  constructor(room: Room) {
    this.#room = room;
  }

  async preview(request: RestoreRequest, options: BackupOptions): Promise<DeskResult<RestorePreview>> {
    const room = this.#room;
    const chosen = await choose(room, request, options);
    if (chosen.kind !== 'done') return chosen;
    return room.runs.once<RestorePreview>('a preview', options, async (run) => {
      const compared = await compareChosen(room, chosen.value, run);
      if (compared.kind !== 'done') return compared;
      const { backup } = chosen.value;
      const notes = await notesOn(room, backup);
      return { kind: 'done', value: await previewOf(backup, compared.value, room.deps, run, notes) };
    });
  }

  async restore(
    request: RestoreRequest,
    by: Actor,
    options: BackupOptions,
    pace: Pace,
  ): Promise<DeskResult<RestoreReport>> {
    const room = this.#room;
    const chosen = await choose(room, request, options);
    if (chosen.kind !== 'done') return chosen;
    const refusal = await whyWaiting(room);
    if (refusal !== null) return { kind: 'refused', reason: refusal };
    const { backup, sections } = chosen.value;
    const words = `Restore of ${sections.join(', ')} from ${backup.id}`;
    return this.#carryOut(words, backup.id, by, options, (run) =>
      beginRestore(room, chosen.value, pace, run),
    );
  }

  async next(by: Actor | null, options: BackupOptions, pace: Pace): Promise<DeskResult<RestoreReport>> {
    const room = this.#room;
    const journal = await waitingJournal(room);
    if (journal === null) return { kind: 'not_found', reason: NOT_WAITING };
    const found = await room.usable(journal.id);
    if (found.kind !== 'done') return found;
    const chosen = { backup: found.value, sections: journal.sections, only: journal.only };
    return this.#carryOut(`Next step of the restore of ${journal.id}`, journal.id, by, options, (run) =>
      exchangeNext(room, chosen, journal, pace, run),
    );
  }

  /** Between two runs of the bot. Killed from here on, the next start takes everything back. */
  async finishHandedOver(): Promise<HandedOver | null> {
    const room = this.#room;
    const journal = await waitingJournal(room);
    if (journal === null || !journal.handedOver) return null;
    await writeJournal(room.folders.own, { ...journal, handedOver: false });
    const result = await this.next(null, {}, 'at_once');
    if (result.kind === 'done') return { id: journal.id, good: true, text: result.value.text };
    await this.#takeWaitingBack(null, result.reason);
    return { id: journal.id, good: false, text: `No restore: ${result.reason}` };
  }

  /** The end of a restore that waits for people in between; each step of it is told. */
  follow(onStep: (text: string) => void): Promise<ErrandEnd> {
    return new Promise((resolve) => {
      this.#follower = { onStep, onOver: resolve };
    });
  }

  #over(end: ErrandEnd): void {
    this.#follower?.onOver(end);
    this.#follower = null;
  }

  /** Intent first, then the work, then its outcome; everybody who listens hears of both. */
  async #carryOut(
    words: string,
    id: string,
    by: Actor | null,
    options: BackupOptions,
    work: Parameters<Room['runs']['once']>[2],
  ): Promise<DeskResult<RestoreReport>> {
    const room = this.#room;
    await room.note('intent', by, words);
    tellRestore(room, { type: 'restore.started', id, text: words });
    const result = (await room.runs.once('a restore', options, work)) as DeskResult<RestoreReport>;
    const text = result.kind === 'done' ? result.value.text : `No restore: ${result.reason}`;
    await room.note('outcome', by, text);
    const isWaiting = result.kind === 'done' && result.value.next !== null;
    if (isWaiting) this.#follower?.onStep(text);
    else
      this.#over(result.kind === 'done' ? { kind: 'done', text } : { kind: 'failed', reason: result.reason });
    if (isWaiting) tellRestore(room, { type: 'restore.waiting', id, text });
    else tellRestore(room, { type: 'restore.finished', id, good: result.kind === 'done', text });
    if (result.kind === 'done')
      await room.deps.onRestored(result.value.sections.map(({ section }) => section));
    return result;
  }

  async abort(by: Actor, reason: string): Promise<DeskResult<string>> {
    const room = this.#room;
    const said = reason === '' ? '' : `: ${reason}`;
    if (room.runs.underWay === 'a restore') {
      await room.note('intent', by, `Abort of the restore that is under way${said}`);
      room.runs.giveUp(`aborted by ${by.display}${said}`);
      await room.runs.idle();
      const journal = await readJournal(room.folders.own);
      if (journal?.phase === 'done')
        return { kind: 'failed', reason: 'it was over already; "restore rollback" takes it back' };
      return { kind: 'done', value: 'The restore was stopped. Everything is as it was before.' };
    }
    return this.#takeWaitingBack(by, `aborted by ${by.display}${said}`);
  }

  async #takeWaitingBack(by: Actor | null, reason: string): Promise<DeskResult<string>> {
    const room = this.#room;
    const journal = await waitingJournal(room);
    if (journal === null) return { kind: 'not_found', reason: 'No restore is under way.' };
    await room.note('intent', by, `The restore of ${journal.id} is taken back: ${reason}`);
    const result = await room.runs.once<string>('a restore', {}, async (run) => {
      await takeBackRestore(reason, room.deps, run);
      room.setWaiting(false);
      return {
        kind: 'done',
        value: `The restore of ${journal.id} was taken back. Everything is as it was before.`,
      };
    });
    const text = result.kind === 'done' ? result.value : result.reason;
    await room.note('outcome', by, text);
    tellRestore(room, { type: 'restore.rolled_back', id: journal.id, text });
    if (result.kind === 'done') this.#over({ kind: 'failed', reason: `${reason}. ${text}` });
    if (result.kind === 'done') await room.deps.onRestored(journal.exchanged);
    return result;
  }

  async expireWaiting(): Promise<void> {
    const journal = await waitingJournal(this.#room);
    if (journal === null || !hasWaitedTooLong(journal, this.#room)) return;
    await this.#takeWaitingBack(null, 'nobody went on within an hour');
  }

  /** Back to the safety backup, with all that a restore does, a safety backup of its own included. */
  async rollback(by: Actor, options: BackupOptions): Promise<DeskResult<string>> {
    const journal = await readJournal(this.#room.folders.own);
    if (journal === null || journal.phase !== 'done' || journal.safety === null) {
      return { kind: 'not_found', reason: 'There is no finished restore to take back.' };
    }
    const request = { backup: journal.safety, sections: journal.sections, path: null };
    const result = await this.restore(request, by, options, 'at_once');
    return result.kind === 'done' ? { kind: 'done', value: result.value.text } : result;
  }

  async state(): Promise<RestoreState> {
    const journal = await readJournal(this.#room.folders.own);
    if (journal === null) return { kind: 'none' };
    const { id, phase, safety, reason, exchanged, sections } = journal;
    const at = fromIso(journal.at) ?? epochMs(0);
    if (phase === 'done') return { kind: 'done', id, safety: safety ?? '', at };
    if (phase === 'rolled_back') return { kind: 'rolled_back', id, reason, at };
    const next = sections.find((section) => !exchanged.includes(section));
    if (phase === 'waiting' && next !== undefined && this.#room.runs.current === null)
      return { kind: 'waiting', id, done: exchanged, next, since: at };
    const step = this.#room.runs.current?.what ?? 'interrupted: the next start takes it back';
    return { kind: 'running', id, section: null, step };
  }
}
