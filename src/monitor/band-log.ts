/**
 * Which band held when, kept as long as the one-minute roll-ups: the past is drawn against the band of its own time.
 *
 * A band moves slowly, so only its changes are kept, in memory and in `data/history/YYYY-MM-DD.bands.jsonl`; each day
 * says every band anew, so that a day stands by itself and a lost line costs a day at most. Like the roll-ups, a crash
 * costs the last minute. While no bot ran, no band held.
 */
import { describeError } from '../domain/errors.ts';
import type { MetricName } from '../domain/metric.ts';
import type { BandReader, BandSpan } from '../domain/rollup.ts';
import { type EpochMs, epochMs, minutes } from '../domain/units.ts';
import { type BandChange, bandText, type NormalBand, parseBand } from './band-lines.ts';
import { createDayLines } from './day-lines.ts';
import { prune, type RetentionDeps, tooMany } from './day-retention.ts';
import { dayName, dayStart } from './history-block.ts';

/** As in the history: names pushed from outside must not grow memory without end. */
const MAX_METRICS = 500;
const MAX_WAITING = 20_000;
/** What moved by less than this share of the width cannot be seen in a chart. */
const VISIBLE_SHARE = 0.02;
/** Time, centre, low and high of a change lie side by side; NaN = no band. */
const STRIDE = 4;
const NONE: NormalBand = { centre: Number.NaN, low: Number.NaN, high: Number.NaN };

export interface BandLog extends BandReader {
  /** Takes the bands that hold at a moment, once a minute; what did not change costs nothing. Not before `load`. */
  record(at: EpochMs, metrics: Iterable<MetricName>, bandOf: (metric: MetricName) => NormalBand | null): void;
  /** Reads the files back. Never throws. @param watchedUntil the last moment of which samples are known. */
  load(watchedUntil: EpochMs | null): Promise<void>;
  flush(): Promise<void>;
}

export function createBandLog(deps: RetentionDeps): BandLog {
  const days = new Map<EpochMs, Map<MetricName, number[]>>();
  const inForce = new Map<MetricName, { readonly day: EpochMs; readonly band: NormalBand }>();
  const lines = createDayLines(deps.files, deps.log);
  let loaded = false;
  let minute = Number.NaN;

  function dayOf(at: EpochMs): Map<MetricName, number[]> {
    const day = dayStart(at);
    const found = days.get(day);
    if (found !== undefined) return found;
    forgetOldest(days, day, deps.keepDays() + 1);
    const metrics = new Map<MetricName, number[]>();
    days.set(day, metrics);
    return metrics;
  }

  /** False where there is no room for one name more. */
  function keepOne(at: EpochMs, metric: MetricName, band: NormalBand | null): boolean {
    const metrics = dayOf(at);
    const changes = metrics.get(metric) ?? [];
    if (changes.length === 0 && metrics.size >= MAX_METRICS) return false;
    metrics.set(metric, changes);
    const { centre, low, high } = band ?? NONE;
    changes.push(at, centre, low, high);
    if (band === null) inForce.delete(metric);
    else inForce.set(metric, { day: dayStart(at), band });
    return true;
  }

  function keep({ at, metric, band }: BandChange): boolean {
    if (metric !== null) return keepOne(at, metric, band);
    for (const name of [...inForce.keys()]) keepOne(at, name, null);
    return true;
  }

  function write(change: BandChange): void {
    if (!keep(change)) return;
    if (lines.waiting() >= MAX_WAITING) lines.drop();
    lines.add(dayName(change.at), bandText(change));
  }

  function noteOne(at: EpochMs, metric: MetricName, band: NormalBand | null): void {
    const known = inForce.get(metric);
    const said = known?.day === dayStart(at) ? known.band : null;
    const isNews = band === null ? known !== undefined : said === null || hasMoved(said, band);
    if (isNews) write({ at, metric, band });
  }

  return {
    record(at, metrics, bandOf) {
      const now = Math.floor(at / minutes(1));
      if (!loaded || now === minute) return;
      minute = now;
      for (const metric of metrics) noteOne(at, metric, bandOf(metric));
    },
    bands: (metric, from, to) => spansOf(changesOf(days, metric), from, to),
    async load(watchedUntil) {
      for (const day of await prune(deps)) await loadDay(deps, day, keep);
      if (inForce.size > 0 && watchedUntil !== null) write({ at: watchedUntil, metric: null, band: null });
      inForce.clear();
      loaded = true;
    },
    async flush() {
      await lines.flush();
      await prune(deps);
    },
  };
}

function hasMoved(known: NormalBand, now: NormalBand): boolean {
  const visible = VISIBLE_SHARE * (known.high - known.low);
  return (['centre', 'low', 'high'] as const).some((edge) => Math.abs(now[edge] - known[edge]) > visible);
}

function forgetOldest(days: Map<EpochMs, unknown>, added: EpochMs, most: number): void {
  const all = [...days.keys(), added].sort((a, b) => a - b);
  for (const day of tooMany(all, most)) days.delete(day);
}

interface Change {
  readonly at: number;
  readonly band: NormalBand | null;
}

/** Oldest first, also where the clock once went back. */
function changesOf(
  days: ReadonlyMap<EpochMs, ReadonlyMap<MetricName, readonly number[]>>,
  metric: MetricName,
): readonly Change[] {
  const changes: Change[] = [];
  for (const metrics of days.values()) {
    const flat = metrics.get(metric) ?? [];
    for (let index = 0; index < flat.length; index += STRIDE) {
      const [at = 0, centre = 0, low = 0, high = 0] = flat.slice(index, index + STRIDE);
      changes.push({ at, band: Number.isNaN(centre) ? null : { centre, low, high } });
    }
  }
  return changes.sort((a, b) => a.at - b.at);
}

/** From change to change; what a new day only said again is one with what was before. */
function spansOf(changes: readonly Change[], from: EpochMs, to: EpochMs): readonly BandSpan[] {
  const spans: BandSpan[] = [];
  for (const [index, { at, band }] of changes.entries()) {
    const begin = epochMs(Math.max(at, from));
    const end = epochMs(Math.min(changes[index + 1]?.at ?? to, to));
    if (band === null || end <= begin) continue;
    const last = spans.at(-1);
    if (last?.to === begin && !hasMoved(last, band)) spans[spans.length - 1] = { ...last, to: end };
    else spans.push({ from: begin, to: end, ...band });
  }
  return spans;
}

async function loadDay(
  { files, log }: RetentionDeps,
  day: string,
  keep: (change: BandChange) => unknown,
): Promise<void> {
  let bad = 0;
  try {
    for await (const text of files.lines(day)) {
      const line = parseBand(text);
      if (line.kind === 'change') keep(line.change);
      if (line.kind === 'bad') bad += 1;
    }
  } catch (cause) {
    log.warn('a day of history cannot be read', { day, error: describeError(cause) });
  }
  if (bad > 0) log.warn('history has lines that cannot be read', { day, lines: bad });
}
