/**
 * What may have caused it, most likely first: what was changed just before, what it depends on, who uses what is
 * short, what else moved with it or before it.
 *
 * Pure, and only a hint: it says what came first and what fits, not what is to blame. Each line gives its reason.
 * Texts end without a full stop; whoever shows them adds it.
 */
import type { AnomalyKind, LikelyCause, TopProcess } from '../domain/anomaly.ts';
import { type Band, familyOf, type MetricName, subjectOf, unitOf } from '../domain/metric.ts';
import { before, type EpochMs, elapsed, type Ms, minutes, ms } from '../domain/units.ts';
import type { Candidate } from './candidate.ts';
import type { Moved } from './moved.ts';
import { processCauses } from './process-causes.ts';
import { figure, spanText, titleOf } from './sentences.ts';

const NOTES_WITHIN: Ms = minutes(30);
const METRICS_WITHIN: Ms = minutes(10);
/** A cause may be seen a little after its effect: the beats are not that fine. */
const SLACK: Ms = minutes(1);
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
/** What the thing itself says holds it up comes before all that was only seen around it. */
const OWN_WORD = 2;
const NEEDED = 0.45;
const METRIC_WEIGHT = 0.35;
const OWN_METRIC = 0.05;
const SAME_THING_LESS = 0.4;
/** Other readings of the same thing explain nothing by themselves. */
const SAME_THING: readonly ReadonlySet<string>[] = [
  new Set(['cpu', 'load_per_core', 'pressure_cpu', 'loop_lag', 'target_cpu']),
  new Set(['memory', 'swap', 'pressure_memory', 'target_memory']),
  new Set(['disk', 'inodes']),
  new Set(['latency', 'success_rate', 'probe_up']),
  new Set(['queue_depth', 'queue_oldest', 'queue_rate']),
];

const WAITING = new Set([
  'latency',
  'loop_lag',
  'pressure_cpu',
  'pressure_memory',
  'pressure_io',
  'load_per_core',
]);

export type NoteKind = 'deploy' | 'config' | 'exit' | 'action' | 'maintenance' | 'start' | 'other';

/** Something that happened and may matter later: a deploy, a restart, a change of configuration. */
export interface Note {
  readonly text: string;
  readonly at: EpochMs;
  readonly kind?: NoteKind;
  readonly target?: string | null;
}

/** Another metric that is out of its band or limits now. */
export interface Companion {
  readonly metric: MetricName;
  readonly since: EpochMs;
  readonly value: number | null;
  readonly band: Band;
}

export interface CauseInput {
  readonly kind: AnomalyKind;
  readonly metric: MetricName;
  readonly target: string | null;
  readonly since: EpochMs;
  /** What whoever keeps it says holds it up; empty where it does not say. */
  readonly ownWord?: string;
  readonly notes: readonly Note[];
  readonly companions: readonly Companion[];
  readonly moved: readonly Moved[];
  readonly processes: readonly TopProcess[];
  /** What the target needs, by name. */
  readonly needs: readonly string[];
  /** The target that a metric speaks for. */
  readonly targetOf: (metric: MetricName) => string | null;
}

export function likelyCauses(input: CauseInput): readonly LikelyCause[] {
  const { ownWord = '' } = input;
  const own: readonly Candidate[] = ownWord === '' ? [] : [{ text: ownWord, at: null, weight: OWN_WORD }];
  const found = [...own, ...noteCauses(input), ...metricCauses(input), ...processCauses(input)];
  return found
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MAX_CAUSES)
    .map(({ text, at }) => ({ text, at }));
}

function noteCauses(input: CauseInput): readonly Candidate[] {
  const { notes, since } = input;
  const recent = notes.filter((note) => isJustBefore(note.at, since, NOTES_WITHIN));
  const texts = [...new Set(recent.map(({ text }) => text))];
  return texts.flatMap((text) => {
    const same = recent.filter((note) => note.text === text);
    const last = same.reduce((newest, note) => (note.at >= newest.at ? note : newest));
    return [noteCause(last, same.length, input)];
  });
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

function metricCauses(input: CauseInput): readonly Candidate[] {
  const { companions, moved, metric, since } = input;
  const out = companions.filter(
    (one) => one.metric !== metric && isJustBefore(one.since, since, METRICS_WITHIN) && !isUsual(one),
  );
  const names = [...new Set([...out.map((one) => one.metric), ...moved.map((one) => one.metric)])];
  const found = names.flatMap((name) => {
    const companion = out.find((one) => one.metric === name);
    const movement = moved.find((one) => one.metric === name);
    if (movement !== undefined && (movement.lead < -SLACK || isRelief(movement))) return [];
    return metricCause(name, companion, movement, input).map((cause) => ({ name, cause }));
  });
  return onceEach(found);
}

/** Less waiting than before explains no trouble. */
function isRelief({ metric, before: from, now }: Moved): boolean {
  return now < from && WAITING.has(familyOf(metric));
}

/** A limit that this host crosses every day, or a suspicion that is over: no news, and no cause. */
function isUsual({ value, band: { low, high } }: Companion): boolean {
  return value !== null && low !== null && high !== null && value >= low && value <= high;
}

/** Of several readings of the same thing the one that fits best: load, processor and pressure are one cause. */
function onceEach(
  found: readonly { readonly name: MetricName; readonly cause: Candidate }[],
): readonly Candidate[] {
  const best = new Map<string, Candidate>();
  for (const { name, cause } of found) {
    const thing = SAME_THING.findIndex((set) => set.has(familyOf(name)));
    const key = thing === -1 ? name : `${thing} ${subjectOf(name) ?? ''}`;
    if (cause.weight > (best.get(key)?.weight ?? Number.NEGATIVE_INFINITY)) best.set(key, cause);
  }
  return [...best.values()];
}

function metricCause(
  name: MetricName,
  companion: Companion | undefined,
  movement: Moved | undefined,
  input: CauseInput,
): readonly Candidate[] {
  const { since, target } = input;
  const seen = companion === undefined ? ms(0) : ms(Math.max(0, elapsed(companion.since, since)));
  const lead = movement?.lead ?? seen;
  const isOut = companion !== undefined;
  const what = movement === undefined ? companionText(companion) : movementText(movement, isOut);
  const { isNeeded, weight } = fitOf(name, input);
  const relation = isNeeded ? `, and ${target} needs ${input.targetOf(name)}` : '';
  return [
    {
      text: `${what} ${leadText(lead)}${relation}`,
      at: companion?.since ?? before(since, lead),
      weight: weight + 0.2 * Math.abs(movement?.together ?? 0.5) + leadBonus(lead) + (isOut ? 0.1 : 0),
    },
  ];
}

/** How a metric stands to the trouble: that of a target that is needed, of the same target, or the same thing. */
function fitOf(
  name: MetricName,
  { metric, target, needs, targetOf }: CauseInput,
): { readonly isNeeded: boolean; readonly weight: number } {
  const of = targetOf(name);
  const isNeeded = of !== null && of !== target && needs.includes(of);
  const isOwn = target !== null && (of === target || subjectOf(name) === target);
  const isSameThing = SAME_THING.some((set) => set.has(familyOf(name)) && set.has(familyOf(metric)));
  const weight = METRIC_WEIGHT + (isNeeded ? NEEDED : 0) + (isOwn ? OWN_METRIC : 0);
  return { isNeeded, weight: isSameThing && of === target ? weight - SAME_THING_LESS : weight };
}

/** What moved earlier fits better as a cause, up to ten minutes before. */
function leadBonus(lead: Ms): number {
  return lead < 10_000 ? 0 : Math.min(0.2, 0.1 + (0.1 * lead) / METRICS_WITHIN);
}

function movementText({ metric, before: from, now }: Moved, isOut: boolean): string {
  const unit = unitOf(metric);
  const way = now > from ? 'rose' : 'fell';
  const out = isOut ? ' and left its range' : '';
  return `${titleOf(metric)} ${way} from ${figure(from, unit)} to ${figure(now, unit)}${out}`;
}

function companionText(one: Companion | undefined): string {
  if (one === undefined) return '';
  const unit = unitOf(one.metric);
  const value = one.value === null ? 'unknown' : figure(one.value, unit);
  const { low, high } = one.band;
  const normal =
    low === null || high === null ? '' : `, normal is ${figure(low, unit)} to ${figure(high, unit)}`;
  return `${titleOf(one.metric)} left its range (${value}${normal})`;
}

function leadText(lead: Ms): string {
  return lead >= 5_000 ? `${spanText(lead)} before` : 'at the same time';
}

function isJustBefore(at: EpochMs, since: EpochMs, within: Ms): boolean {
  return at >= before(since, within) && elapsed(since, at) <= SLACK;
}
