/** Walks the recorded slots of blocks in order. Pure. */
import type { MetricName } from '../domain/metric.ts';
import type { EpochMs } from '../domain/units.ts';
import { type HistoryBlock, isRecorded, nextDay, readSlot, slotTime } from './history-block.ts';
import { LIVE_SPAN } from './live-samples.ts';

/** The values of one slot; a metric that was never seen on its day is left out. */
export interface StoredRow {
  readonly at: EpochMs;
  readonly values: ReadonlyMap<MetricName, number | null>;
}

export function* slotsBetween(
  blocks: ReadonlyMap<EpochMs, HistoryBlock>,
  from: EpochMs,
  to: EpochMs,
): Generator<{ readonly block: HistoryBlock; readonly slot: number }> {
  const ordered = [...blocks.values()].sort((a, b) => a.start - b.start);
  for (const block of ordered.filter(({ start }) => start <= to && nextDay(start) > from)) {
    for (let slot = 0; slot < block.slots.length; slot += 1) {
      if (!isRecorded(block, slot)) continue;
      const at = slotTime(block, slot);
      if (at >= from && at <= to) yield { block, slot };
    }
  }
}

/**
 * A metric is in a row from its first known value on. Once it has been unknown for a quarter of an hour it is left
 * out until it is back, as the live samples forget it.
 */
export function* rowsBetween(
  blocks: ReadonlyMap<EpochMs, HistoryBlock>,
  from: EpochMs,
  to: EpochMs,
): Generator<StoredRow> {
  const lastKnown = new Map<MetricName, EpochMs>();
  for (const { block, slot } of slotsBetween(blocks, from, to)) {
    const at = slotTime(block, slot);
    const values = new Map<MetricName, number | null>();
    for (const metric of block.columns.keys()) {
      const value = readSlot(block, slot, metric);
      if (value !== null) lastKnown.set(metric, at);
      const known = lastKnown.get(metric);
      if (known !== undefined && at - known <= LIVE_SPAN) values.set(metric, value);
    }
    yield { at, values };
  }
}
