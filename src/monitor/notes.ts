/** What happened lately and may turn out to be a cause: deploys, restarts, changes of configuration. */
import { before, type EpochMs, hours, type Ms } from '../domain/units.ts';
import type { Note } from './causes.ts';

const KEPT: Ms = hours(2);
const MOST = 200;
const LONGEST = 200;

export interface Notes {
  add(text: string, at: EpochMs): void;
  all(): readonly Note[];
}

export function createNotes(): Notes {
  let notes: readonly Note[] = [];
  return {
    add(text, at) {
      const recent = notes.filter((note) => note.at > before(at, KEPT));
      notes = [...recent, { text: text.slice(0, LONGEST), at }].slice(-MOST);
    },
    all: () => notes,
  };
}
