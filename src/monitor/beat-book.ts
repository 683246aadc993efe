/**
 * What happens with one beat, in order: watch the clocks, judge each sample, keep it, find trouble, tell.
 *
 * The samples are in memory before anything is told, so whoever hears of an anomaly can ask for its evidence.
 */
import type { OpsEvent } from '../domain/events.ts';
import type { Beat, MetricName, Sample } from '../domain/metric.ts';
import type { EventBus, Live, Logger } from '../domain/ports.ts';
import { type EpochMs, type Ms, ms } from '../domain/units.ts';
import { clockJump } from './clock-watch.ts';
import type { Reading } from './collector.ts';
import type { MonitorConfig } from './config.ts';
import type { Combiner } from './detector.ts';
import type { Moment } from './flapping.ts';
import { judgeSample } from './judgement.ts';
import type { LiveSamples } from './live-samples.ts';
import type { Normals } from './normals.ts';
import { type RawBeat, STALE_INTERVALS } from './sampler.ts';
import { mayTeach } from './teaching.ts';

export interface BeatBookDeps {
  readonly config: Live<MonitorConfig>;
  readonly bus: EventBus;
  readonly log: Logger;
  readonly live: LiveSamples;
  /** Keeps the values of one moment. */
  readonly store: (at: EpochMs, values: ReadonlyMap<MetricName, number | null>, taught: boolean) => void;
  readonly storeStep: Ms;
  readonly normals: Normals;
  readonly combiner: Combiner;
  /** False in a maintenance or a drill: such hours are not normal. */
  readonly teaching: () => boolean;
}

/** Takes beats in order. */
export interface BeatBook {
  take(raw: RawBeat): void;
  /** When the first beat was taken, or `null` before it. */
  firstAt(): EpochMs | null;
}

export function createBeatBook(deps: BeatBookDeps): BeatBook {
  let before: Moment | null = null;
  let config: MonitorConfig | null = null;
  let lastSlot = Number.NaN;
  let firstAt: EpochMs | null = null;

  function store(now: Moment): void {
    const slot = Math.floor(now.at / deps.storeStep);
    if (slot === lastSlot) return;
    lastSlot = slot;
    deps.store(
      now.at,
      deps.live.known(now.monotonic),
      mayTeach(deps.teaching, deps.combiner.active(), now.at),
    );
    deps.live.forget(now.at);
  }

  return {
    take(raw) {
      const now: Moment = { at: raw.at, monotonic: raw.monotonic };
      const events = watchTime(raw, before, now, deps);
      if (config !== null && config !== deps.config.current()) deps.combiner.configChanged(now);
      before = now;
      firstAt ??= now.at;
      config = deps.config.current();
      const beat: Beat = { ...now, samples: raw.readings.map((reading) => sampleOf(reading, now)) };
      for (const [index, sample] of beat.samples.entries()) keep(sample, raw.readings[index], now, deps);
      store(now);
      const found = deps.combiner.judge(beat);
      const all: readonly OpsEvent[] = [...events, { type: 'sample.taken', beat }, ...found];
      for (const event of all) deps.bus.publish(event);
    },
    firstAt: () => firstAt,
  };
}

/** Discards the open window when the clocks jumped apart or the beat came far too late. */
function watchTime(
  raw: RawBeat,
  before: Moment | null,
  now: Moment,
  deps: BeatBookDeps,
): readonly OpsEvent[] {
  const by = before === null ? null : clockJump(before, now);
  if (by === null && !raw.late) return [];
  deps.combiner.discardWindow(now);
  if (by === null) {
    deps.log.warn('beats were missed', { gapMs: before === null ? 0 : now.monotonic - before.monotonic });
    return [];
  }
  deps.live.clear();
  deps.log.warn('the wall clock jumped', { byMs: by });
  return [{ type: 'clock.jumped', by, at: now.at }];
}

function keep(sample: Sample, reading: Reading | undefined, now: Moment, deps: BeatBookDeps): void {
  const config = deps.config.current();
  const verdict = judgeSample(
    sample,
    config,
    deps.normals.at(sample.metric, sample.at),
    deps.combiner.isRaised,
  );
  const validFor = reading?.validFor ?? STALE_INTERVALS * config.interval;
  deps.live.add({ judged: { ...sample, verdict }, validUntil: ms(now.monotonic + validFor) });
}

function sampleOf(reading: Reading, now: Moment): Sample {
  return { metric: reading.metric, at: now.at, value: known(reading.value) };
}

/** A figure that is no number is not known. */
function known(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
