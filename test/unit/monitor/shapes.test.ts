import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../src/domain/metric.ts';
import { type EpochMs, epochMs, hours, minutes, ms, seconds } from '../../../src/domain/units.ts';
import {
  findClockJump,
  findCrashLoop,
  findDiskFilling,
  findFlatLine,
  findLatencyStep,
  findLeak,
  findStuckQueue,
  findSuccessDrop,
} from '../../../src/monitor/shapes.ts';
import { createSeededRandom } from '../../support/memory-ports.ts';

const START = Date.parse('2026-11-22T02:00:00.000Z');
const HOUR = 3_600_000;

/** One sample a minute. */
function samples(
  metric: string,
  count: number,
  valueAt: (minute: number, noise: number) => number | null,
): Sample[] {
  const random = createSeededRandom(12);
  return Array.from({ length: count }, (_, minute) => ({
    metric,
    at: epochMs(START + minute * 60_000),
    value: valueAt(minute, random.next() + random.next() - 1),
  }));
}

function endOf(list: readonly Sample[]): EpochMs {
  return list.at(-1)?.at ?? epochMs(START);
}

describe('findLeak', () => {
  it('says when memory that climbs 2 % an hour will be full, and how sure that is', () => {
    const shape = findLeak(
      samples('memory', 120, (minute, noise) => 0.6 + (0.02 * minute) / 60 + 0.002 * noise),
      1,
    );

    if (shape?.kind !== 'memory_leak') throw new Error('no leak was found');
    expect(shape.perHour).toBeCloseTo(0.02, 2);
    expect(shape.reach.likely / HOUR).toBeGreaterThan(15);
    expect(shape.reach.likely / HOUR).toBeLessThan(21);
    expect(shape.reach.soonest).toBeLessThanOrEqual(shape.reach.likely);
    expect(shape.reach.latest ?? 0).toBeGreaterThanOrEqual(shape.reach.likely);
  });

  it('holds the true moment within its range in most of many leaks', () => {
    const random = createSeededRandom(3);
    let held = 0;
    for (let run = 0; run < 60; run += 1) {
      const rate = 0.02 + 0.08 * random.next();
      const noise = () => 0.004 * (random.next() + random.next() - 1);
      const shape = findLeak(
        samples('memory', 120, (minute) => 0.4 + (rate * minute) / 60 + noise()),
        1,
      );
      if (shape?.kind !== 'memory_leak') throw new Error('a leak was missed');
      const truth = (0.6 / rate - 119 / 60) * HOUR;
      if (truth >= shape.reach.soonest && truth <= (shape.reach.latest ?? Number.POSITIVE_INFINITY))
        held += 1;
    }
    expect(held).toBeGreaterThanOrEqual(50);
  });

  it('is no leak when memory goes up and down with the load, or jumps once', () => {
    const wave = samples('memory', 240, (minute, noise) => 0.5 + 0.1 * Math.sin(minute / 20) + 0.01 * noise);
    const jump = samples('memory', 240, (minute, noise) => (minute < 120 ? 0.4 : 0.6) + 0.01 * noise);

    expect(findLeak(wave, 1)).toBeNull();
    expect(findLeak(jump, 1)).toBeNull();
  });

  it('is not made by gaps, and says nothing of too little', () => {
    expect(
      findLeak(
        samples('memory', 10, (minute) => 0.5 + minute / 100),
        1,
      ),
    ).toBeNull();
    expect(
      findLeak(
        samples('memory', 120, () => null),
        1,
      ),
    ).toBeNull();
    expect(findLeak([], 1)).toBeNull();
    const gappy = samples('memory', 120, (minute) => (minute % 3 === 0 ? null : 0.5 + minute / 1_000));
    expect(findLeak(gappy, 1)).toMatchObject({ kind: 'memory_leak' });
  });
});

describe('findDiskFilling', () => {
  it('says when the disk will be full', () => {
    const filling = samples('disk:/', 60, (minute, noise) => 0.8 + (0.05 * minute) / 60 + 0.0005 * noise);
    const shape = findDiskFilling(filling, 1);

    if (shape?.kind !== 'disk_filling') throw new Error('no filling disk was found');
    expect(shape.reach.likely / HOUR).toBeCloseTo(3, 0);
  });

  it('says nothing of a disk that breathes, or that has months left', () => {
    const breathing = samples('disk:/', 240, (minute) => 0.5 + 0.05 * ((minute % 60) / 60));
    const slow = samples('disk:/', 240, (minute) => 0.5 + minute * 1e-7);

    expect(findDiskFilling(breathing, 1)).toBeNull();
    expect(findDiskFilling(slow, 1)).toBeNull();
  });
});

describe('findStuckQueue', () => {
  const span = minutes(10);

  it('sees work that waits while none is done', () => {
    const depth = samples('queue_depth:mail', 11, (minute) => 5 + minute);
    const rate = samples('queue_rate:mail', 11, () => 0);

    const shape = findStuckQueue(depth, rate, endOf(depth), span);
    expect(shape).toMatchObject({ kind: 'queue_stuck', depth: 15, grownBy: 10 });
  });

  it('is not stuck while anything is done, when it is empty, or when nothing is known of it', () => {
    const depth = samples('queue_depth:mail', 11, (minute) => 5 + minute);
    const working = samples('queue_rate:mail', 11, (minute) => (minute === 5 ? 1 : 0));
    const idle = samples('queue_rate:mail', 11, () => 0);
    const empty = samples('queue_depth:mail', 11, () => 0);
    const silent = samples('queue_rate:mail', 11, () => null);

    expect(findStuckQueue(depth, working, endOf(depth), span)).toBeNull();
    expect(findStuckQueue(empty, idle, endOf(depth), span)).toBeNull();
    expect(findStuckQueue(depth, silent, endOf(depth), span)).toBeNull();
  });
});

describe('findCrashLoop', () => {
  const exitsEvery = (span: number, count: number): EpochMs[] =>
    Array.from({ length: count }, (_, index) => epochMs(START + index * span));

  it('counts five exits within ten minutes, and twenty within a day', () => {
    expect(findCrashLoop(exitsEvery(60_000, 5), epochMs(START + 300_000))).toMatchObject({ exits: 5 });
    expect(findCrashLoop(exitsEvery(HOUR, 20), epochMs(START + 19 * HOUR))).toMatchObject({ exits: 20 });
  });

  it('leaves fewer alone, and those that are long over', () => {
    expect(findCrashLoop(exitsEvery(60_000, 4), epochMs(START + 300_000))).toBeNull();
    expect(findCrashLoop(exitsEvery(60_000, 5), epochMs(START + HOUR))).toBeNull();
    expect(findCrashLoop([], epochMs(START))).toBeNull();
  });
});

describe('findFlatLine', () => {
  it('sees a metric that used to move and stopped', () => {
    const stuck = samples('latency:api', 120, (minute, noise) => (minute < 80 ? 100 + noise : 100.5));

    expect(findFlatLine(stuck)).toMatchObject({
      kind: 'flat_line',
      value: 100.5,
      since: START + 80 * 60_000,
    });
  });

  it('leaves alone what never moved, what moves seldom, and what is only unknown', () => {
    expect(findFlatLine(samples('swap', 200, () => 0))).toBeNull();
    expect(findFlatLine(samples('users', 240, (minute) => Math.floor(minute / 20)))).toBeNull();
    expect(findFlatLine(samples('cpu', 120, (minute, noise) => (minute < 80 ? noise : null)))).toBeNull();
  });
});

describe('findLatencyStep', () => {
  it('sees a latency that went up by half and stayed', () => {
    const slow = samples('latency:api', 60, (minute, noise) => (minute < 56 ? 100 : 200) + 5 * noise);

    expect(findLatencyStep(slow, endOf(slow))).toMatchObject({
      kind: 'latency_step',
      since: START + 56 * 60_000,
    });
  });

  it('leaves one slow answer and ordinary noise alone', () => {
    const spike = samples('latency:api', 60, (minute, noise) => (minute === 58 ? 2_000 : 100) + 5 * noise);
    const noisy = samples('latency:api', 60, (_minute, noise) => 100 + 60 * noise);

    expect(findLatencyStep(spike, endOf(spike))).toBeNull();
    expect(findLatencyStep(noisy, endOf(noisy))).toBeNull();
  });
});

describe('findSuccessDrop', () => {
  it('sees a success rate that fell by more than asked', () => {
    const failing = samples('success_rate:api', 60, (minute) => (minute < 56 ? 1 : 0.7));

    expect(findSuccessDrop(failing, endOf(failing), 0.1)).toMatchObject({
      kind: 'success_drop',
      before: 1,
      now: 0.7,
    });
    expect(findSuccessDrop(failing, endOf(failing), 0.5)).toBeNull();
  });
});

describe('findClockJump', () => {
  it('is a difference of more than 30 s between the clocks, either way', () => {
    expect(findClockJump(hours(1), seconds(5), epochMs(START))).toMatchObject({ by: HOUR - 5_000 });
    expect(findClockJump(ms(-HOUR), seconds(5), epochMs(START))).toMatchObject({ kind: 'clock_jump' });
    expect(findClockJump(seconds(34), seconds(5), epochMs(START))).toBeNull();
  });
});

describe('all shapes', () => {
  it('never throw and never promise a moment in the past, whatever the samples', () => {
    const value = fc.oneof(fc.double(), fc.constant(null));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 150 }), (values) => {
        const list = samples('m', values.length, (minute) => values[minute] ?? null);
        const now = endOf(list);
        for (const shape of [findLeak(list, 1), findDiskFilling(list, 1)]) {
          if (shape !== null && 'reach' in shape) expect(shape.reach.soonest).toBeGreaterThanOrEqual(0);
        }
        findFlatLine(list);
        findLatencyStep(list, now);
        findSuccessDrop(list, now, 0.1);
        findStuckQueue(list, list, now, minutes(10));
      }),
    );
  });
});
