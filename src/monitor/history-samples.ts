/**
 * Samples of one metric out of the blocks of days, as objects or as plain numbers. Gaps are left out of both; unknown
 * samples are in the first and not in the second.
 */
import type { MetricName, Sample } from '../domain/metric.ts';
import type { EpochMs } from '../domain/units.ts';
import { dayStart, type HistoryBlock, isRecorded, nextDay, slotOf, slotTime } from './history-block.ts';
import type { Series } from './shapes.ts';

export interface SampleSpan {
  /** Not itself in it. */
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Least distance between two samples. */
  readonly apart: number;
}

type Blocks = ReadonlyMap<EpochMs, HistoryBlock>;

export function samplesBetween(blocks: Blocks, metric: MetricName, span: SampleSpan): readonly Sample[] {
  const samples: Sample[] = [];
  visit(blocks, metric, span, (at, value) => {
    samples.push({ metric, at, value: Number.isNaN(value) ? null : value });
  });
  return samples;
}

export function seriesBetween(blocks: Blocks, metric: MetricName, from: EpochMs, to: EpochMs): Series {
  let times: Float64Array = new Float64Array(512);
  let values: Float64Array = new Float64Array(512);
  let count = 0;
  visit(blocks, metric, { from, to, apart: 0 }, (at, value) => {
    if (Number.isNaN(value)) return;
    if (count === times.length) [times, values] = [doubled(times), doubled(values)];
    times[count] = at;
    values[count] = value;
    count += 1;
  });
  return { metric, times: times.subarray(0, count), values: values.subarray(0, count) };
}

/** NaN = unknown. */
function visit(
  blocks: Blocks,
  metric: MetricName,
  { from, to, apart }: SampleSpan,
  take: (at: EpochMs, value: number) => void,
): void {
  let next = Number.NEGATIVE_INFINITY;
  for (let start = dayStart(from); start <= to; start = nextDay(start)) {
    const block = blocks.get(start);
    const column = block?.columns.get(metric);
    if (block === undefined || column === undefined) continue;
    const first = Math.max(0, slotOf(block, from) + 1);
    const last = Math.min(block.slots.length - 1, slotOf(block, to));
    for (let slot = first; slot <= last; slot += 1) {
      const at = slotTime(block, slot);
      if (at < next || !isRecorded(block, slot)) continue;
      next = at + apart;
      take(at, column[slot] as number);
    }
  }
}

function doubled(values: Float64Array): Float64Array {
  const out = new Float64Array(values.length * 2);
  out.set(values);
  return out;
}
