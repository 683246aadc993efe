/**
 * What may have caused it, most likely first: what someone did just before, what else left its normal range
 * earlier, and who uses what is short.
 *
 * Pure, and only a hint: it says what came first, not what is to blame.
 */
import type { AnomalyKind, LikelyCause, TopProcess } from '../domain/anomaly.ts';
import { type Band, type MetricName, unitOf } from '../domain/metric.ts';
import { before, type EpochMs, elapsed, type Ms, minutes } from '../domain/units.ts';
import { figure, spanText, titleOf } from './sentences.ts';

const NOTES_WITHIN: Ms = minutes(30);
const METRICS_WITHIN: Ms = minutes(10);
/** A cause may be seen a little after its effect: the beats are not that fine. */
const SLACK: Ms = minutes(1);
const MAX_CAUSES = 6;
/** Less than this of a core, or of a GB, explains nothing. */
const NOTABLE_CPU = 0.5;
const NOTABLE_MEMORY = 1_000_000_000;

/** Something that happened and may matter later: a deploy, a restart, a change of configuration. */
export interface Note {
  readonly text: string;
  readonly at: EpochMs;
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
  readonly since: EpochMs;
  readonly notes: readonly Note[];
  readonly companions: readonly Companion[];
  readonly processes: readonly TopProcess[];
}

export function likelyCauses(input: CauseInput): readonly LikelyCause[] {
  return [...noteCauses(input), ...companionCauses(input), ...processCauses(input)].slice(0, MAX_CAUSES);
}

function noteCauses({ notes, since }: CauseInput): readonly LikelyCause[] {
  return notes
    .filter((note) => isJustBefore(note.at, since, NOTES_WITHIN))
    .sort((a, b) => b.at - a.at)
    .map((note) => ({ text: note.text, at: note.at }));
}

function companionCauses({ companions, metric, since }: CauseInput): readonly LikelyCause[] {
  return companions
    .filter((one) => one.metric !== metric && isJustBefore(one.since, since, METRICS_WITHIN))
    .sort((a, b) => a.since - b.since)
    .map((one) => ({ text: companionText(one, since), at: one.since }));
}

function companionText(one: Companion, since: EpochMs): string {
  const unit = unitOf(one.metric);
  const lead = elapsed(one.since, since);
  const when = lead >= 1_000 ? `${spanText(lead)} before` : 'at the same time';
  const value = one.value === null ? 'unknown' : figure(one.value, unit);
  const normal =
    one.band.low === null || one.band.high === null
      ? ''
      : `, normal is ${figure(one.band.low, unit)} to ${figure(one.band.high, unit)}`;
  return `${titleOf(one.metric)} left its range ${when} (${value}${normal}).`;
}

function processCauses({ kind, processes }: CauseInput): readonly LikelyCause[] {
  const byMemory = kind === 'high_memory';
  if (!byMemory && kind !== 'high_cpu' && kind !== 'high_load') return [];
  const share = (one: TopProcess): number => (byMemory ? one.memoryBytes : one.cpu) ?? 0;
  const [top] = [...processes].sort((a, b) => share(b) - share(a));
  if (top === undefined || share(top) < (byMemory ? NOTABLE_MEMORY : NOTABLE_CPU)) return [];
  const uses = byMemory
    ? `${figure(share(top), 'bytes')} of memory`
    : `${figure(share(top), 'ratio')} of a core`;
  return [{ text: `${top.name} (pid ${top.pid}) uses ${uses}.`, at: null }];
}

function isJustBefore(at: EpochMs, since: EpochMs, within: Ms): boolean {
  return at >= before(since, within) && elapsed(since, at) <= SLACK;
}
