/**
 * Blocks of samples to one mean a minute. Pure.
 *
 * A minute without a known sample is NaN; with `teaching` so is a minute that must not teach.
 */
import type { MetricName } from '../domain/metric.ts';
import type { MinuteRows } from '../domain/rollup.ts';
import { type EpochMs, epochMs } from '../domain/units.ts';
import { type HistoryBlock, slotTime, teaches } from './history-block.ts';

const MINUTE = 60_000;

/** The means of the whole minutes from `from` up to but without `to`. */
export function minuteRows(
  blocks: readonly HistoryBlock[],
  metric: MetricName,
  range: { readonly from: EpochMs; readonly to: EpochMs },
  which: 'all' | 'teaching',
): MinuteRows {
  const first = epochMs(Math.floor(range.from / MINUTE) * MINUTE);
  const length = Math.max(0, Math.floor((range.to - first) / MINUTE));
  const sums = new Float32Array(length);
  const counts = new Uint16Array(length);
  for (const block of blocks) {
    const column = block.columns.get(metric);
    if (column !== undefined) addMinutes(block, column, first, which, sums, counts);
  }
  return { first, values: sums.map((sum, index) => sum / (counts[index] || Number.NaN)) };
}

function addMinutes(
  block: HistoryBlock,
  column: Float32Array,
  first: EpochMs,
  which: 'all' | 'teaching',
  sums: Float32Array,
  counts: Uint16Array,
): void {
  const from = Math.max(0, Math.floor((first - block.start) / block.step));
  for (let slot = from; slot < column.length; slot += 1) {
    const value = column[slot] ?? Number.NaN;
    if (Number.isNaN(value) || (which === 'teaching' && !teaches(block, slot))) continue;
    const minute = Math.floor((slotTime(block, slot) - first) / MINUTE);
    if (minute >= sums.length) return;
    if (minute < 0) continue;
    sums[minute] = (sums[minute] ?? 0) + value;
    counts[minute] = (counts[minute] ?? 0) + 1;
  }
}
