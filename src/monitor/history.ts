/**
 * The samples of the last days: in memory as one block a UTC day, on disk as one file a day.
 *
 * Memory is what is asked; the files only bring it back after a restart. Time that no one sampled stays a gap,
 * a sample that could not be taken is *unknown*: neither is ever filled in.
 */
import { describeError } from '../domain/errors.ts';
import type { MetricName, Sample } from '../domain/metric.ts';
import type { MinuteRows } from '../domain/rollup.ts';
import { type EpochMs, epochMs, type Ms } from '../domain/units.ts';
import { parseLine } from './day-file.ts';
import { prune, type RetentionDeps, tooMany } from './day-retention.ts';
import {
  createBlock,
  dayStart,
  type HistoryBlock,
  isRecorded,
  nextDay,
  readSlot,
  slotOf,
  slotTime,
  writeSlot,
} from './history-block.ts';
import { rowsBetween, type StoredRow, slotsBetween } from './history-rows.ts';
import { createHistoryWriter } from './history-writer.ts';
import { minuteRows } from './minute-rows.ts';

/** A name beyond this is not kept: pushed metrics must not grow memory without end. */
const MAX_METRICS = 500;

export interface HistoryDeps extends RetentionDeps {
  /** One sample of each metric is kept for every step. */
  readonly step: Ms;
}

export interface History {
  /** Keeps the values of one moment; a second record in the same slot replaces the first. */
  record(at: EpochMs, values: ReadonlyMap<MetricName, number | null>, taught: boolean): void;
  /** Samples after `from` up to `to`, oldest first; gaps are left out. @param most about so many, evenly spread. */
  between(metric: MetricName, from: EpochMs, to: EpochMs, most?: number): readonly Sample[];
  /** The mean of each whole minute from `from` up to `to`; see `RollupReader`. */
  minutes(metric: MetricName, from: EpochMs, to: EpochMs, which: 'all' | 'teaching'): MinuteRows;
  /** The first slot that is kept, or `null` where there is none. */
  oldest(): EpochMs | null;
  /** The last slot, or the last before a moment. */
  newest(until?: EpochMs): EpochMs | null;
  /** True where the slot of this moment was recorded. */
  isKept(at: EpochMs): boolean;
  metrics(): readonly MetricName[];
  /** The recorded slots from `from` up to and with `to`, oldest first. */
  rows(from: EpochMs, to: EpochMs): Iterable<StoredRow>;
  /** How many of them there are. */
  countBetween(from: EpochMs, to: EpochMs): number;
  /** The first recorded slot after a moment; `null` = the very first. */
  firstAfter(at: EpochMs | null): EpochMs | null;
  /** Reads the files back. Never throws: what cannot be read stays a gap. */
  load(): Promise<void>;
  /** Writes what waits and unlinks days that are too old. Never throws. */
  flush(): Promise<void>;
  /** Why samples are not on disk, or `null` when all is well. */
  complaint(): string | null;
}

export function createHistory(deps: HistoryDeps): History {
  const blocks = new Map<EpochMs, HistoryBlock>();
  const writer = createHistoryWriter(deps.files, deps.log);

  function blockFor(at: EpochMs): HistoryBlock {
    const found = blocks.get(dayStart(at));
    if (found !== undefined) return found;
    const block = createBlock(at, deps.step);
    blocks.set(block.start, block);
    for (const start of tooMany(
      [...blocks.keys()].sort((a, b) => a - b),
      deps.keepDays() + 1,
    ))
      blocks.delete(start);
    return block;
  }

  return {
    record(at, values, taught) {
      const block = blockFor(at);
      const slot = slotOf(block, at);
      const kept = withinLimit(block, values);
      writeSlot(block, slot, kept, taught);
      writer.add(slotTime(block, slot), kept, taught);
    },
    between: (metric, from, to, most) =>
      samplesBetween(blocks, metric, { from, to, apart: most === undefined ? 0 : (to - from) / most }),
    minutes: (metric, from, to, which) =>
      minuteRows(overlapping(blocks, from, to), metric, { from, to }, which),
    oldest: () => edge(blocks, 'first'),
    newest: (until) => edge(blocks, 'last', until),
    isKept(at) {
      const block = blocks.get(dayStart(at));
      return block !== undefined && isRecorded(block, slotOf(block, at));
    },
    metrics() {
      const names = new Set([...blocks.values()].flatMap((block) => [...block.columns.keys()]));
      return [...names].sort();
    },
    rows: (from, to) => rowsBetween(blocks, from, to),
    countBetween: (from, to) => [...slotsBetween(blocks, from, to)].length,
    firstAfter(at) {
      if (at === null) return edge(blocks, 'first');
      for (const { block, slot } of slotsBetween(blocks, at, epochMs(Number.MAX_SAFE_INTEGER)))
        if (slotTime(block, slot) > at) return slotTime(block, slot);
      return null;
    },
    async load() {
      const days = await prune(deps);
      for (const day of days.toReversed()) await loadDay(deps, day, blockFor);
    },
    async flush() {
      await writer.flush();
      await prune(deps);
    },
    complaint: () => writer.complaint(),
  };
}

function withinLimit(
  block: HistoryBlock,
  values: ReadonlyMap<MetricName, number | null>,
): readonly (readonly [MetricName, number | null])[] {
  let room = MAX_METRICS - block.columns.size;
  return [...values].filter(([name]) => {
    if (block.columns.has(name)) return true;
    room -= 1;
    return room >= 0;
  });
}

function samplesBetween(
  blocks: ReadonlyMap<EpochMs, HistoryBlock>,
  metric: MetricName,
  { from, to, apart }: { readonly from: EpochMs; readonly to: EpochMs; readonly apart: number },
): readonly Sample[] {
  const samples: Sample[] = [];
  let next = Number.NEGATIVE_INFINITY;
  for (let start = dayStart(from); start <= to; start = nextDay(start)) {
    const block = blocks.get(start);
    if (block === undefined || !block.columns.has(metric)) continue;
    const first = Math.max(0, slotOf(block, from) + 1);
    const last = Math.min(block.slots.length - 1, slotOf(block, to));
    for (let slot = first; slot <= last; slot += 1) {
      const at = slotTime(block, slot);
      if (at < next || !isRecorded(block, slot)) continue;
      next = at + apart;
      samples.push({ metric, at, value: readSlot(block, slot, metric) });
    }
  }
  return samples;
}

function overlapping(
  blocks: ReadonlyMap<EpochMs, HistoryBlock>,
  from: EpochMs,
  to: EpochMs,
): readonly HistoryBlock[] {
  return [...blocks.values()].filter(({ start }) => start < to && nextDay(start) > from);
}

function edge(
  blocks: ReadonlyMap<EpochMs, HistoryBlock>,
  which: 'first' | 'last',
  until: number = Number.POSITIVE_INFINITY,
): EpochMs | null {
  const ordered = [...blocks.values()].sort((a, b) => a.start - b.start);
  for (const block of which === 'first' ? ordered : ordered.toReversed()) {
    const isKept = (_: number, slot: number): boolean =>
      isRecorded(block, slot) && slotTime(block, slot) < until;
    const slot = which === 'first' ? block.slots.findIndex(isKept) : block.slots.findLastIndex(isKept);
    if (slot !== -1) return slotTime(block, slot);
  }
  return null;
}

async function loadDay(
  deps: HistoryDeps,
  day: string,
  blockFor: (at: EpochMs) => HistoryBlock,
): Promise<void> {
  let bad = 0;
  let metrics: readonly MetricName[] = [];
  try {
    for await (const text of deps.files.lines(day)) {
      const line = parseLine(text, metrics.length);
      if (line.kind === 'header') metrics = line.metrics;
      if (line.kind === 'bad') bad += 1;
      if (line.kind !== 'row') continue;
      const { at, taught, values } = line.row;
      const block = blockFor(at);
      const slot = slotOf(block, at);
      if (isRecorded(block, slot)) continue;
      writeSlot(
        block,
        slot,
        metrics.map((name, index) => [name, values[index] ?? null] as const),
        taught,
      );
    }
  } catch (cause) {
    deps.log.warn('a day of history cannot be read', { day, error: describeError(cause) });
  }
  if (bad > 0) deps.log.warn('history has lines that cannot be read', { day, lines: bad });
}
