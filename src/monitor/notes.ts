/** What happened lately and may turn out to be a cause: deploys, restarts, changes of configuration. */
import { before, type EpochMs, hours, type Ms } from '../domain/units.ts';
import type { Note } from './causes.ts';

const KEPT: Ms = hours(2);
const MOST = 200;
const LONGEST = 200;

/** What sort of thing it was, and which target it concerns. */
export type NoteAbout = Pick<Note, 'kind' | 'target'>;

export interface Notes {
  add(text: string, at: EpochMs, about?: NoteAbout): void;
  all(): readonly Note[];
}

export function createNotes(): Notes {
  let notes: readonly Note[] = [];
  return {
    add(text, at, about = {}) {
      const recent = notes.filter((note) => note.at > before(at, KEPT));
      notes = [...recent, { text: text.slice(0, LONGEST), at, ...about }].slice(-MOST);
    },
    all: () => notes,
  };
}
