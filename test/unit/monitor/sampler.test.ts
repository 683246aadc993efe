import { describe, expect, it } from 'vitest';
import { ms, seconds } from '../../../src/domain/units.ts';
import type { Collector } from '../../../src/monitor/collector.ts';
import { createSampler, type RawBeat } from '../../../src/monitor/sampler.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryLogger } from '../../support/memory-ports.ts';

function collector(name: string, collect: Collector['collect']): Collector {
  return { name, metrics: () => [name], collect };
}

const well = (name: string): Collector => collector(name, async () => [{ metric: name, value: 1 }]);
const hangs = (name: string): Collector => collector(name, () => new Promise(() => {}));

function setUp(collectors: readonly Collector[]) {
  const clock = createFakeClock();
  const log = createMemoryLogger();
  const beats: RawBeat[] = [];
  const sampler = createSampler({
    clock,
    log,
    interval: () => seconds(5),
    collectors,
    onBeat: (beat) => void beats.push(beat),
  });
  return { clock, log, beats, sampler };
}

const valuesOf = (beat: RawBeat | undefined) =>
  Object.fromEntries((beat?.readings ?? []).map((reading) => [reading.metric, reading.value]));

describe('createSampler', () => {
  it('takes the first beat at once, the second after a second, then one each interval', async () => {
    const { clock, beats, sampler } = setUp([well('cpu')]);
    const start = clock.monotonic();

    await sampler.start();
    await clock.advance(seconds(16));

    expect(beats.map((beat) => beat.monotonic - start)).toEqual([0, 1_000, 6_000, 11_000, 16_000]);
  });

  it('lets a collector that hangs cost only its own metrics, and never starts it twice', async () => {
    let started = 0;
    const stuck = collector('disk:/mnt', () => {
      started += 1;
      return new Promise(() => {});
    });
    const { clock, beats, sampler } = setUp([well('cpu'), stuck]);

    void sampler.start();
    await clock.advance(seconds(30));

    expect(beats.length).toBeGreaterThanOrEqual(5);
    for (const beat of beats) expect(valuesOf(beat)).toEqual({ cpu: 1, 'disk:/mnt': null });
    expect(started).toBe(1);
  });

  it('does not let what hangs at the start hold the first sample for a second', async () => {
    const { clock, beats, sampler } = setUp([well('cpu'), hangs('disk:/mnt')]);

    void sampler.start();
    await clock.advance(seconds(0.8));

    expect(valuesOf(beats[0])).toEqual({ cpu: 1, 'disk:/mnt': null });
  });

  it('says once that a collector fails, and once that it is back', async () => {
    let fails = true;
    const moody = collector('cpu', async () => {
      if (fails) throw new Error('EIO');
      return [{ metric: 'cpu', value: 0.5 }];
    });
    const { clock, log, beats, sampler } = setUp([moody]);

    await sampler.start();
    await clock.advance(seconds(12));
    fails = false;
    await clock.advance(seconds(10));

    expect(valuesOf(beats[0])).toEqual({ cpu: null });
    expect(valuesOf(beats.at(-1))).toEqual({ cpu: 0.5 });
    expect(log.lines.map((line) => line.message)).toEqual(['a collector failed', 'a collector is back']);
  });

  it('takes a beat that comes minutes late for unknown, and the next one for what it is', async () => {
    const clock = createFakeClock();
    const beats: RawBeat[] = [];
    let stopped = 0;
    const sampler = createSampler({
      clock: { ...clock, monotonic: () => ms(clock.monotonic() + stopped) },
      log: createMemoryLogger(),
      interval: () => seconds(5),
      collectors: [well('cpu')],
      onBeat: (beat) => void beats.push(beat),
    });

    await sampler.start();
    await clock.advance(seconds(6));
    stopped = 600_000;
    await clock.advance(seconds(10));

    expect(beats.map((beat) => [beat.late, valuesOf(beat)['cpu']])).toEqual([
      [false, 1],
      [false, 1],
      [false, 1],
      [true, null],
      [false, 1],
    ]);
  });

  it('stops at once, also while a collector hangs, and tells nothing any more', async () => {
    const { clock, beats, sampler } = setUp([hangs('cpu')]);

    void sampler.start();
    await clock.settle();
    await sampler.stop();
    await clock.advance(seconds(30));

    expect(beats).toEqual([]);
  });
});
