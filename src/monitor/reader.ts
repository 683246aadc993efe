/** Answers about metrics: what is known now from the live samples, what is older from the history. */
import type { Anomaly } from '../domain/anomaly.ts';
import type { MetricNow } from '../domain/controls.ts';
import {
  type Band,
  familyOf,
  type JudgedSample,
  type MetricName,
  type Sample,
  subjectOf,
  unitOf,
} from '../domain/metric.ts';
import type { Clock, Live, MetricReader } from '../domain/ports.ts';
import { before, type EpochMs, epochMs, type Ms, ms } from '../domain/units.ts';
import type { MonitorConfig } from './config.ts';
import type { History } from './history.ts';
import { bandOf } from './judgement.ts';
import { LIVE_SPAN, type LiveSamples } from './live-samples.ts';
import type { Normals } from './normals.ts';
import { freshRates } from './probe-evidence.ts';
import type { ProbeAnswer } from './probe-window.ts';

export interface ReaderDeps {
  readonly clock: Clock;
  readonly config: Live<MonitorConfig>;
  readonly live: LiveSamples;
  readonly history: History;
  readonly normals: Normals;
  readonly active: () => readonly Anomaly[];
  /** The answers of a probe after a moment of the monotonic clock. */
  readonly answersSince: (probe: string, since: Ms) => readonly ProbeAnswer[];
}

export interface Reader extends MetricReader {
  /** Every metric that was seen lately, with its value, band and verdict. */
  metricsNow(): readonly MetricNow[];
}

export function createReader(deps: ReaderDeps): Reader {
  const { clock, live } = deps;
  const band = (metric: MetricName): Band =>
    bandOf(metric, deps.config.current(), deps.normals.at(metric, clock.now()));
  return {
    recent: (metric, span) => recentSamples(metric, span, clock.now(), deps),
    judgedSince: (metric, since) =>
      familyOf(metric) === 'success_rate' ? ratesSince(metric, since, deps) : live.since(metric, since),
    latest: (metric) => live.latest(metric, clock.monotonic()),
    band,
    metrics: () => [...new Set([...live.metrics(), ...deps.history.metrics()])].sort(),
    activeAnomalies: deps.active,
    metricsNow: () => live.metrics().map((metric) => metricNow(metric, band(metric), deps)),
  };
}

function metricNow(metric: MetricName, band: Band, { live, clock }: ReaderDeps): MetricNow {
  const latest = live.latest(metric, clock.monotonic());
  return {
    metric,
    unit: unitOf(metric),
    value: latest?.value ?? null,
    at: latest?.at ?? null,
    band,
    verdict: latest?.verdict ?? 'unknown',
  };
}

/**
 * A rate over the last minute still carries what was before `since`. So fresh evidence of it is counted from the
 * answers after that; a rate that nobody asks for here (pushed, or read elsewhere) is taken as it came.
 */
function ratesSince(metric: MetricName, since: EpochMs, deps: ReaderDeps): readonly JudgedSample[] {
  const { clock, live, config } = deps;
  const [now, monotonic] = [clock.now(), clock.monotonic()];
  const answers = deps.answersSince(subjectOf(metric) ?? '', ms(monotonic - Math.max(0, now - since)));
  if (answers.length === 0) return live.since(metric, since);
  const limit = bandOf(metric, config.current(), null).warn ?? 0;
  const at = (answer: ProbeAnswer): EpochMs => epochMs(now - (monotonic - answer.at));
  return freshRates(metric, answers, at, (rate) => rate > limit);
}

/** The last quarter of an hour beat by beat as far as it was seen, before that as it was stored. */
function recentSamples(metric: MetricName, span: Ms, now: EpochMs, deps: ReaderDeps): readonly Sample[] {
  const from = before(now, span);
  const liveFrom = Math.max(before(now, LIVE_SPAN), deps.live.firstAt(metric) ?? now);
  const boundary = epochMs(Math.max(from, liveFrom - 1));
  const stored = boundary > from ? deps.history.between(metric, from, boundary) : [];
  const seen = deps.live.since(metric, boundary);
  return [...stored, ...seen.map(({ at, value }) => ({ metric, at, value }))];
}
