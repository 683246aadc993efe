/**
 * The beat: every collector once, each with its own deadline, never two beats at a time.
 *
 * A collector that hangs costs only its own metrics: they are unknown until it comes back. A beat that comes
 * late (the process was stopped, or the machine slept) is all unknown: its figures speak of the pause.
 */
import { describeError } from '../domain/errors.ts';
import type { Cancel, Clock, Logger } from '../domain/ports.ts';
import { type EpochMs, type Ms, ms, seconds } from '../domain/units.ts';
import { withDeadline } from '../platform/deadline.ts';
import type { Collector, Reading } from './collector.ts';
import type { Moment } from './flapping.ts';

/** A beat older than this many intervals is stale. */
export const STALE_INTERVALS = 3;
/** A collector has this share of the interval and never more than this; the rest belongs to the judgement. */
const DEADLINE_SHARE = 0.7;
const LONGEST_DEADLINE: Ms = seconds(10);
/** The first sample must not wait for whatever hangs. */
const FIRST_DEADLINE: Ms = ms(700);
/** The second beat comes soon, so that rates are known at once. */
const SECOND_BEAT: Ms = seconds(1);

export interface RawBeat extends Moment {
  readonly readings: readonly Reading[];
  /** True when the beat before is so old that the open window must be discarded. */
  readonly late: boolean;
}

export interface SamplerDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly interval: () => Ms;
  readonly collectors: readonly Collector[];
  readonly onBeat: (beat: RawBeat) => void;
}

export interface Sampler {
  /** Takes the first beat at once; resolves when it is done. */
  start(): Promise<void>;
  /** Resolves when the beat under way has ended. */
  stop(): Promise<void>;
}

export function createSampler(deps: SamplerDeps): Sampler {
  const seats = deps.collectors.map((collector) => createSeat(collector, deps));
  const stopping = new AbortController();
  const { signal } = stopping;
  let cancel: Cancel = () => {};
  let running: Promise<void> | null = null;
  let last: Ms | null = null;

  async function beat(): Promise<void> {
    const at: EpochMs = deps.clock.now();
    const monotonic = deps.clock.monotonic();
    const late = last !== null && monotonic - last > STALE_INTERVALS * deps.interval();
    const longest = last === null ? FIRST_DEADLINE : LONGEST_DEADLINE;
    const span = ms(Math.min(deps.interval() * DEADLINE_SHARE, longest));
    last = monotonic;
    const found = await Promise.all(seats.map((seat) => seat.read({ at, monotonic }, span, signal)));
    if (signal.aborted) return;
    const readings = found.flat();
    deps.onBeat({ at, monotonic, late, readings: late ? readings.map(unknown) : readings });
  }

  function turn(next: Ms): Promise<void> {
    if (!signal.aborted) cancel = deps.clock.in(next, () => void turn(deps.interval()));
    running ??= beat()
      .catch((cause: unknown) => deps.log.error('a beat failed', { error: describeError(cause) }))
      .finally(() => {
        running = null;
      });
    return running;
  }

  return {
    start: () => turn(SECOND_BEAT),
    async stop() {
      stopping.abort();
      cancel();
      await running;
    },
  };
}

interface Seat {
  read(now: Moment, span: Ms, stopping: AbortSignal): Promise<readonly Reading[]>;
}

/** Keeps one collector from overlapping itself and says once when it fails and when it is back. */
function createSeat(collector: Collector, deps: SamplerDeps): Seat {
  let busy = false;
  let failing = false;

  function allUnknown(): readonly Reading[] {
    return collector.metrics().map((metric) => ({ metric, value: null }));
  }

  function noted(fails: boolean, reason: string): void {
    if (fails && !failing) deps.log.warn('a collector failed', { collector: collector.name, reason });
    if (!fails && failing) deps.log.info('a collector is back', { collector: collector.name });
    failing = fails;
  }

  async function collect(now: Moment, signal: AbortSignal): Promise<readonly Reading[]> {
    busy = true;
    try {
      return await collector.collect(now, signal);
    } finally {
      busy = false;
    }
  }

  return {
    async read(now, span, stopping) {
      if (busy) return allUnknown();
      const options = { what: `the collector ${collector.name}`, span, signal: stopping };
      try {
        const readings = await withDeadline(deps.clock, options, (signal) => collect(now, signal));
        noted(false, '');
        return readings;
      } catch (cause) {
        if (!stopping.aborted) noted(true, describeError(cause));
        return allUnknown();
      }
    },
  };
}

function unknown(reading: Reading): Reading {
  return { ...reading, value: null };
}
