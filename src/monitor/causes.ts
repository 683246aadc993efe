/**
 * What may have caused it, most likely first: what was changed just before, what it depends on, who uses what is
 * short, what else moved with it or before it.
 *
 * Pure, and only a hint: it says what came first and what fits, not what is to blame. Each line gives its reason.
 * Texts end without a full stop; whoever shows them adds it.
 */
import type { AnomalyKind, LikelyCause, TopProcess } from '../domain/anomaly.ts';
import { type EpochMs, elapsed, type Ms, minutes, ms } from '../domain/units.ts';
import { type Candidate, isJustBefore, leadText } from './candidate.ts';
import { type MetricCauseInput, metricCauses, NEEDED } from './metric-causes.ts';
import { processCauses } from './process-causes.ts';

const NOTES_WITHIN: Ms = minutes(30);
const MAX_CAUSES = 6;
/** How much a change just before explains, the moment it happens; it fades over half an hour. */
const NOTE_WEIGHT: Readonly<Record<NoteKind, number>> = {
  deploy: 1.2,
  config: 1.1,
  exit: 0.8,
  action: 0.7,
  maintenance: 0.7,
  start: 0.3,
  other: 0.6,
};
/** It concerns the very target, or one that it needs. */
const SAME_TARGET = 0.25;
/** What a queue says holds it up is the cause. */
const HELD_UP = 2;
/** What a probe was answered: before all that only moved, after what was changed and what is needed and down. */
const STATED = 0.95;
/** That a worker started takes from the host, and says nothing of anybody but itself and who needs it. */
const SHORT_OF: ReadonlySet<AnomalyKind> = new Set(['high_cpu', 'high_memory', 'high_load', 'high_pressure']);

export type NoteKind = 'deploy' | 'config' | 'exit' | 'action' | 'maintenance' | 'start' | 'other';

/** Something that happened and may matter later: a deploy, a restart, a change of configuration. */
export interface Note {
  readonly text: string;
  readonly at: EpochMs;
  readonly kind?: NoteKind;
  readonly target?: string | null;
}

export interface CauseInput extends MetricCauseInput {
  /** What whoever keeps it says is the matter; empty where it does not say. */
  readonly ownWord?: string;
  readonly notes: readonly Note[];
  readonly processes: readonly TopProcess[];
}

export function likelyCauses(input: CauseInput): readonly LikelyCause[] {
  const notes = noteCauses(input);
  const found = [...ownCauses(input, notes), ...notes, ...metricCauses(input), ...processCauses(input)];
  return found
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MAX_CAUSES)
    .map(({ text, at }) => ({ text, at }));
}

/** Not where a note says the same with its time: that a worker ended, and how. */
function ownCauses({ ownWord = '', kind }: CauseInput, notes: readonly Candidate[]): readonly Candidate[] {
  if (ownWord === '' || notes.some(({ text }) => text.includes(ownWord))) return [];
  return [{ text: ownWord, at: null, weight: kind === 'queue_stuck' ? HELD_UP : STATED }];
}

function noteCauses(input: CauseInput): readonly Candidate[] {
  const { notes, since } = input;
  const recent = notes.filter((note) => isJustBefore(note.at, since, NOTES_WITHIN) && concerns(note, input));
  const texts = [...new Set(recent.map(({ text }) => text))];
  return texts.flatMap((text) => {
    const same = recent.filter((note) => note.text === text);
    const last = same.reduce((newest, note) => (note.at >= newest.at ? note : newest));
    return [noteCause(last, same.length, input)];
  });
}

function concerns({ kind, target: of = null }: Note, { kind: trouble, target, needs }: CauseInput): boolean {
  if (kind !== 'start' || of === null) return true;
  return of === target || needs.includes(of) || SHORT_OF.has(trouble);
}

function noteCause(note: Note, times: number, { since, target, needs }: CauseInput): Candidate {
  const lead = Math.max(0, elapsed(note.at, since));
  const isOwn = note.target !== undefined && note.target !== null && note.target === target;
  const isNeeded = note.target !== undefined && note.target !== null && needs.includes(note.target);
  const often = times > 1 ? `, ${times} times, the last` : ',';
  const relation = isNeeded ? `, and ${target} needs ${note.target}` : '';
  return {
    text: `${note.text}${often} ${leadText(ms(lead))}${relation}`,
    at: note.at,
    weight:
      NOTE_WEIGHT[note.kind ?? 'other'] -
      (0.6 * lead) / NOTES_WITHIN +
      (isOwn ? SAME_TARGET : 0) +
      (isNeeded ? NEEDED : 0),
  };
}
