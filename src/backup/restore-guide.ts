/**
 * The steps of a restore in place: what is there is backed up first, then section after section is exchanged and
 * checked. At once, or guided: then it waits after each section for "next" or "abort".
 */
import type { DeskResult, RestoreReport, Section, SectionChanges } from '../domain/backup.ts';
import { elapsed, fromIso, type Ms, minutes, ms, toIso } from '../domain/units.ts';
import { BEFORE_RESTORE } from './lookup.ts';
import { makeBackup } from './maker.ts';
import { commitRestore, exchange, isOver, resumeRestore, takeBackRestore } from './restore.ts';
import { type Chosen, compareChosen } from './restore-choice.ts';
import { type RestoreJournal, readJournal, writeJournal } from './restore-journal.ts';
import { changesOf } from './restore-plan.ts';
import type { Room } from './room.ts';
import type { Run } from './run.ts';
import { alteredArchives } from './verify.ts';

/** Half a restore must not stand for long: nobody who goes on means no. */
export const LONGEST_WAIT: Ms = minutes(60);

export type Pace = 'at_once' | 'guided';

/** Inside a run. */
export async function beginRestore(
  room: Room,
  chosen: Chosen,
  pace: Pace,
  run: Run,
): Promise<DeskResult<RestoreReport>> {
  const { deps } = room;
  const { backup, sections, only } = chosen;
  const begun = deps.clock.monotonic();
  await resumeRestore(deps, run);
  const faults = await alteredArchives(backup, run);
  if (faults.length > 0) {
    return { kind: 'failed', reason: `${backup.id} is damaged: ${faults.join('; ')}. Nothing was changed.` };
  }
  const safety = await makeBackup(room, [], `${BEFORE_RESTORE} ${backup.id}`, run);
  if (safety.kind !== 'done') {
    const reason = `What is there now could not be backed up first: ${safety.reason}. Nothing was changed.`;
    return { kind: 'failed', reason };
  }
  const journal: RestoreJournal = {
    phase: 'staging',
    id: backup.id,
    sections,
    exchanged: [],
    under: [],
    handedOver: false,
    only,
    safety: safety.value.id,
    roots: [],
    at: toIso(deps.clock.now()),
    reason: '',
  };
  const result = await exchangeNext(room, chosen, journal, pace, run);
  if (result.kind !== 'done') return result;
  return { kind: 'done', value: { ...result.value, took: ms(deps.clock.monotonic() - begun) } };
}

/** Exchanges the next section, or all that are left; commits after the last. Inside a run. */
export async function exchangeNext(
  room: Room,
  chosen: Chosen,
  journal: RestoreJournal,
  pace: Pace,
  run: Run,
): Promise<DeskResult<RestoreReport>> {
  const { deps } = room;
  const begun = deps.clock.monotonic();
  const { backup, only } = chosen;
  const left = chosen.sections.filter((section) => !journal.exchanged.includes(section));
  const now = takenNow(left, pace, deps.restart !== null);
  if (now.length === 0 && left.length > 0) return handOver(room, journal, [], ms(0));
  const compared = await compareChosen(room, { backup, sections: now, only }, run);
  // One of several sections may have nothing of a path; all of them together must not.
  if (compared.kind !== 'done' && (pace === 'at_once' || left.length === 1)) {
    await takeBackRestore(compared.reason, deps, run);
    return compared;
  }
  const found = compared.kind === 'done' ? compared.value : { sections: [] };
  const done = await exchange({ backup, sections: now, found, journal }, deps, run);
  if (done.kind === 'taken_back') {
    room.setWaiting(false);
    return { kind: 'failed', reason: `${done.reason}. Everything was put back as it was.` };
  }
  const changes = found.sections.map((one) => changesOf(one.section, one, new Map()));
  const next = left[now.length] ?? null;
  const took = ms(deps.clock.monotonic() - begun);
  if (next === 'state' && pace === 'at_once') return handOver(room, done.journal, changes, took);
  if (next === null) await commitRestore(done.journal, deps, run);
  room.setWaiting(next !== null);
  return {
    kind: 'done',
    value: {
      id: backup.id,
      safety: journal.safety,
      sections: changes,
      took,
      text: textOf(backup.id, now, changes, journal.safety, next),
      next,
    },
  };
}

function takenNow(left: readonly Section[], pace: Pace, isBotRunning: boolean): readonly Section[] {
  const here = isBotRunning ? left.filter((section) => section !== 'state') : left;
  return pace === 'guided' ? here.slice(0, 1) : here;
}

/** The state of a running bot is exchanged between this run and the next: the journal says so, and a restart begins. */
async function handOver(
  { deps, folders, setWaiting }: Room,
  journal: RestoreJournal,
  sections: readonly SectionChanges[],
  took: Ms,
): Promise<DeskResult<RestoreReport>> {
  const { id, safety, exchanged } = journal;
  const at = toIso(deps.clock.now());
  await writeJournal(folders.own, { ...journal, phase: 'waiting', handedOver: true, at });
  setWaiting(true);
  deps.restart?.();
  const before = exchanged.length === 0 ? '' : `Restored ${exchanged.join(', ')} from ${id}. `;
  const text = `${before}Nightshift restarts now and puts its state in place on the way; "restore status" says how it ended.`;
  return { kind: 'done', value: { id, safety, sections, took, text, next: 'state' } };
}

function textOf(
  id: string,
  now: readonly Section[],
  changes: readonly SectionChanges[],
  safety: string | null,
  next: Section | null,
): string {
  const count = changes.reduce(
    (sum, { added, changed, removed, modes }) => sum + added + changed + removed + modes,
    0,
  );
  const done = `Restored ${now.join(', ')} from ${id}: ${count} changes.`;
  return next === null
    ? `${done} What was there before is in ${safety}.`
    : `${done} It was checked. "restore next" goes on with ${next}, "restore abort" puts everything back.`;
}

/** The journal of a restore that waits for a person, or `null`. */
export async function waitingJournal({ folders }: Room): Promise<RestoreJournal | null> {
  const journal = await readJournal(folders.own);
  return journal?.phase === 'waiting' ? journal : null;
}

/** What stands in the way of other work: half of the files are of another time. */
export async function whyWaiting(room: Room): Promise<string | null> {
  const journal = await waitingJournal(room);
  if (journal === null || isOver(journal)) return null;
  return `the restore of ${journal.id} waits: "restore next" goes on, "restore abort" puts everything back`;
}

export function hasWaitedTooLong(journal: RestoreJournal, { deps }: Room): boolean {
  const since = fromIso(journal.at);
  return since === undefined || elapsed(since, deps.clock.now()) > LONGEST_WAIT;
}
