/**
 * What a trial came to, from what was seen of it. Pure: the bot's own incidents and audit lines say what it found and
 * did, the patients' own files say what was done to them, and only where both agree it counts.
 */
import type { DrillTrial } from '../../domain/drill.ts';
import { type EpochMs, elapsed, fromIso, type Ms } from '../../domain/units.ts';
import type { FaultEntry } from './catalogue.ts';
import type { SeenIncident, SeenLine } from './sandbox-api.ts';

/** A crash loop must be stopped after so many exits. */
const MOST_EXITS = 5;

export interface SeenEffect {
  readonly patient: string;
  readonly at: EpochMs;
  readonly effect: string;
}

export interface Observation {
  /** When the fault was there; in a control period when the watching began. */
  readonly injectedAt: EpochMs;
  readonly incidents: readonly SeenIncident[];
  readonly intents: readonly SeenLine[];
  readonly workerLines: readonly SeenLine[];
  readonly effects: readonly SeenEffect[];
  /** Since when all patients run and say of themselves that nothing is wrong; `null` = they do not now. */
  readonly wellSince: EpochMs | null;
}

export type Verdict = Pick<
  DrillTrial,
  'ending' | 'detected' | 'recovered' | 'actions' | 'wrongActions' | 'paged' | 'exits' | 'note'
>;

/** Nothing more will come: it ended as it must. */
export function isOver(entry: FaultEntry, seen: Observation): boolean {
  return entry.mustEnd === 'healed' ? isHealed(entry, seen) : isHandedOver(entry, seen);
}

export function judgeTrial(entry: FaultEntry, seen: Observation): Verdict {
  const actions = seen.intents.filter(({ time }) => momentOf(time) >= seen.injectedAt).length;
  const exits = entry.fault === 'crash_loop' ? exitsOf(entry, seen).length : null;
  const wrong = wrongActions(entry.sick, seen);
  const shared = {
    detected: span(seen.injectedAt, detectedAt(entry, seen)),
    actions,
    wrongActions: wrong.length,
    paged: isPaged(seen),
    exits,
  };
  const faults = [
    ...wrong,
    ...(actions > entry.mostActions ? [`${actions} actions, expected at most ${entry.mostActions}`] : []),
    ...(exits !== null && exits > MOST_EXITS ? [`${exits} exits, expected at most ${MOST_EXITS}`] : []),
  ];
  if (!isOver(entry, seen))
    return {
      ...shared,
      ending: 'missed',
      recovered: null,
      note: [whyNot(entry, seen), ...faults].join('; '),
    };
  const ending = faults.length > 0 ? 'missed' : entry.mustEnd;
  const recovered = entry.mustEnd === 'healed' ? span(seen.injectedAt, recoveredAt(seen)) : null;
  return { ...shared, ending, recovered, note: faults.join('; ') };
}

/** Time without a fault: whatever was done in it was done to the healthy. */
export function judgeControl(seen: Observation): Verdict {
  const wrong = wrongActions([], seen);
  const paged = isPaged(seen);
  const faults = [...wrong, ...(paged ? ['people were called'] : [])];
  return {
    ending: faults.length === 0 ? 'calm' : 'missed',
    detected: null,
    recovered: null,
    actions: seen.intents.length,
    wrongActions: wrong.length,
    paged,
    exits: null,
    note: faults.join('; '),
  };
}

function isHealed(entry: FaultEntry, seen: Observation): boolean {
  if (detectedAt(entry, seen) === null || seen.wellSince === null || isPaged(seen)) return false;
  if (seen.incidents.some(({ state }) => state !== 'resolved')) return false;
  // Its supervisor brings a killed worker back; everything else takes an action that was seen to help.
  if (entry.mostActions === 0) return startsOf(entry.patient, seen) > 0;
  return seen.incidents.some(({ stateDetail }) => stateDetail['how'] === 'healed');
}

function isHandedOver(entry: FaultEntry, seen: Observation): boolean {
  if (entry.fault !== 'crash_loop') return isPaged(seen);
  return isPaged(seen) && seen.workerLines.some(({ text }) => text.includes('is kept stopped'));
}

function isPaged({ incidents }: Observation): boolean {
  return incidents.some(({ pagedAt }) => pagedAt !== null);
}

/** The first sure word: an incident or anomaly of the right target, or the end of the process as its supervisor saw it. */
function detectedAt(entry: FaultEntry, seen: Observation): EpochMs | null {
  const isShown = ({ target }: { readonly target: string | null }): boolean => entry.shows.includes(target);
  const anomalies = seen.incidents
    .flatMap((incident) => incident.anomalies)
    .filter(isShown)
    .map((anomaly) => momentOf(anomaly.detectedAt));
  // Of an anomaly that came back only the last time is kept; its incident knows the first. What is only said so far is
  // opened earlier than it is sure, so the incident counts for those that were sure once and came back.
  const opened = seen.incidents
    .filter((incident) => isShown(incident) && incident.reopened > 0)
    .map(({ openedAt }) => momentOf(openedAt));
  const moments = [...anomalies, ...opened, ...exitsOf(entry, seen)].filter((at) => at >= seen.injectedAt);
  return earliest(moments);
}

function exitsOf(entry: FaultEntry, { workerLines, injectedAt }: Observation): readonly EpochMs[] {
  return workerLines
    .filter((line) => line.target === entry.patient && typeof line.data?.['how'] === 'string')
    .map(({ time }) => momentOf(time))
    .filter((at) => at >= injectedAt);
}

function recoveredAt({ incidents, wellSince }: Observation): EpochMs | null {
  const ends = incidents.flatMap(({ resolvedAt }) => (resolvedAt === null ? [] : [momentOf(resolvedAt)]));
  return ends.length === 0 ? wellSince : ends.reduce((last, at) => (at > last ? at : last));
}

/** In words, one each. */
function wrongActions(sick: readonly string[], seen: Observation): readonly string[] {
  const intents = seen.intents.filter(
    ({ time, target }) => momentOf(time) < seen.injectedAt || target === undefined || !sick.includes(target),
  );
  const restarted = seen.effects.filter(
    ({ effect, patient, at }) => effect === 'start' && at >= seen.injectedAt && !sick.includes(patient),
  );
  const unasked = controlsOf(seen).length - seen.intents.length;
  return [
    ...intents.map(({ text }) => `not sick: ${text}`),
    ...restarted.map(({ patient }) => `${patient} was started again without need`),
    ...(unasked > 0 ? [`${unasked} effects that no intent line announces`] : []),
  ];
}

/** What was switched on or cleared; taking it back belongs to it. */
function controlsOf({ effects }: Observation): readonly SeenEffect[] {
  return effects.filter(({ effect }) => effect.startsWith('POST '));
}

function startsOf(patient: string, { effects, injectedAt }: Observation): number {
  return effects.filter((one) => one.patient === patient && one.effect === 'start' && one.at >= injectedAt)
    .length;
}

function whyNot(entry: FaultEntry, seen: Observation): string {
  if (detectedAt(entry, seen) === null) return 'not detected';
  if (entry.mustEnd === 'handed_over') return 'nobody was called in time';
  if (isPaged(seen)) return 'people were called for what healing should have ended';
  const live = seen.incidents.find(({ state }) => state !== 'resolved');
  if (live !== undefined) {
    const reason = live.stateDetail['reason'] ?? '';
    return `${live.target ?? 'the host'} was still ${live.state}${reason === '' ? '' : ` (${reason})`}`;
  }
  return seen.wellSince === null ? 'the patient was not well again' : 'it ended without help';
}

function span(from: EpochMs, to: EpochMs | null): Ms | null {
  return to === null ? null : elapsed(from, to);
}

function earliest(moments: readonly EpochMs[]): EpochMs | null {
  return moments.reduce<EpochMs | null>((first, at) => (first === null || at < first ? at : first), null);
}

/** Unreadable is never, so that it counts for nothing. */
function momentOf(time: string): EpochMs {
  return fromIso(time) ?? (0 as EpochMs);
}
