/**
 * HTTP probes: `latency:<probe>`, `success_rate:<probe>` and `probe_up:<probe>`.
 *
 * A probe that is due is asked in the beat, and the beat waits for it, so that a dead service is known at once.
 * Each has its own deadline and never overlaps itself; one that is still waiting when the beat ends is read in
 * the next. In a beat in which a probe was not due it delivers nothing: an old answer is no fresh evidence.
 */
import { describeError } from '../../domain/errors.ts';
import { type MetricName, subjectOf } from '../../domain/metric.ts';
import type { Clock, HttpClient, Live } from '../../domain/ports.ts';
import { type Ms, ms, seconds } from '../../domain/units.ts';
import { withDeadline } from '../../platform/deadline.ts';
import type { NameLookup } from '../../platform/name-lookup.ts';
import type { Collector, Reading } from '../collector.ts';
import type { MonitorConfig, ProbeConfig } from '../config.ts';
import { type Failing, failing } from '../probe-evidence.ts';
import {
  judgeAnswer,
  keptAnswers,
  type ProbeAnswer,
  recentAnswers,
  successRate,
  unknownAnswer,
} from '../probe-window.ts';

/** The client keeps its own deadline; this one holds when it does not. */
const GRACE: Ms = seconds(3);
/** A beat waits this share of its interval for answers: a little longer than a probe may take as shipped. */
const WAIT_SHARE = 0.66;
const LONGEST_WAIT: Ms = seconds(8);
/** The very first beat hardly waits: what hangs at the start must not hold the first sample. */
const FIRST_WAIT: Ms = ms(400);
/** Beats are not to the millisecond: a probe of the same interval must not miss every other one. */
const EARLY: Ms = ms(500);

export interface HttpCollectorDeps {
  readonly clock: Clock;
  readonly http: HttpClient;
  readonly config: Live<MonitorConfig>;
  /** The same that the client uses: a name server that is dead must not look like a service that is. */
  readonly names: Pick<NameLookup, 'find'>;
}

export interface HttpCollector extends Collector {
  /** Why the last answer was not right; empty where it was, or nothing is known. */
  reason(metric: MetricName): string;
  /** What the answers of a probe say by themselves; `null` for a probe that does not exist. */
  failing(probe: string): Failing | null;
  /** Answers that came after `since`, oldest first; of the last minutes only. */
  answersSince(probe: string, since: Ms): readonly ProbeAnswer[];
  stop(): void;
}

export function createHttpCollector(deps: HttpCollectorDeps): HttpCollector {
  const stop = new AbortController();
  let runners = new Map<string, ProbeRunner>();
  let longestWait = FIRST_WAIT;

  /** A probe whose configuration did not change keeps what it knows over a reload. */
  function current(): readonly ProbeRunner[] {
    const keyed = deps.config.current().probes.map((probe) => [JSON.stringify(probe), probe] as const);
    runners = new Map(
      keyed.map(([key, probe]) => [key, runners.get(key) ?? createRunner(probe, deps, stop.signal)]),
    );
    return [...runners.values()];
  }

  function runnerOf(probe: string | undefined): ProbeRunner | undefined {
    return [...runners.values()].find((runner) => runner.name === probe);
  }

  return {
    name: 'probes',
    metrics: () =>
      deps.config
        .current()
        .probes.flatMap(({ name }) => [`latency:${name}`, `success_rate:${name}`, `probe_up:${name}`]),
    async collect(now) {
      const all = current();
      const answers = Promise.all(all.map((runner) => runner.askIfDue(now.monotonic)));
      const span = Math.min(deps.config.current().interval * WAIT_SHARE, longestWait);
      longestWait = LONGEST_WAIT;
      await waitAtMost(deps.clock, ms(span), answers);
      return all.flatMap((runner) => runner.takeReadings(deps.clock.monotonic()));
    },
    reason(metric) {
      return runnerOf(subjectOf(metric))?.reason() ?? '';
    },
    failing(probe) {
      const runner = runnerOf(probe);
      return runner === undefined ? null : failing(runner.answers());
    },
    answersSince: (probe, since) =>
      runnerOf(probe)
        ?.answers()
        .filter((answer) => answer.at > since) ?? [],
    stop: () => stop.abort(),
  };
}

interface ProbeRunner {
  readonly name: string;
  /** Resolves when the answer is there; at once when it is not due or still waiting. */
  askIfDue(now: Ms): Promise<void>;
  /** What came since the last call; nothing where nothing came. */
  takeReadings(now: Ms): readonly Reading[];
  reason(): string;
  /** Of the last minutes, oldest first. */
  answers(): readonly ProbeAnswer[];
}

function createRunner(probe: ProbeConfig, deps: HttpCollectorDeps, stopped: AbortSignal): ProbeRunner {
  let answers: readonly ProbeAnswer[] = [];
  let fresh: ProbeAnswer | null = null;
  let askedAt: Ms | null = null;
  let asking: Promise<void> | null = null;

  async function ask(): Promise<void> {
    fresh = await answerOf(probe, deps, stopped);
    answers = keptAnswers([...answers, fresh], deps.clock.monotonic());
  }

  return {
    name: probe.name,
    async askIfDue(now) {
      const due = askedAt === null || now - askedAt >= probe.interval - EARLY;
      if (asking === null && due) {
        askedAt = now;
        asking = ask().finally(() => {
          asking = null;
        });
      }
      await asking;
    },
    takeReadings(now) {
      if (fresh === null) return [];
      const answer = fresh;
      fresh = null;
      return readingsOf(
        probe,
        answer,
        successRate(recentAnswers(answers, now)),
        deps.config.current().interval,
      );
    },
    reason: () => answers.at(-1)?.reason ?? '',
    answers: () => answers,
  };
}

async function answerOf(
  probe: ProbeConfig,
  deps: HttpCollectorDeps,
  stopped: AbortSignal,
): Promise<ProbeAnswer> {
  const { url, method, timeLimit } = probe;
  const within = <T>(what: string, span: Ms, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    withDeadline(deps.clock, { what, span, signal: stopped }, work);
  try {
    await within('the name server', timeLimit, () => deps.names.find(hostOf(url)));
    const result = await within(probe.name, ms(timeLimit + GRACE), (signal) =>
      deps.http.request({ url, method, timeLimit, signal }),
    );
    return judgeAnswer(result, probe, deps.clock.monotonic());
  } catch (cause) {
    return unknownAnswer(deps.clock.monotonic(), describeError(cause));
  }
}

/** Without the brackets of an IPv6 address. */
function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

function readingsOf(
  probe: ProbeConfig,
  answer: ProbeAnswer,
  rate: number | null,
  interval: Ms,
): readonly Reading[] {
  const validFor = ms(probe.interval + probe.timeLimit + 2 * interval);
  const latency = `latency:${probe.name}`;
  const rateName = `success_rate:${probe.name}`;
  const up = `probe_up:${probe.name}`;
  if (answer.answered === null) {
    return [latency, rateName, up].map((metric) => ({ metric, value: null, validFor }));
  }
  const readings: Reading[] = [{ metric: up, value: Number(answer.answered), validFor }];
  if (answer.latency !== null) readings.push({ metric: latency, value: answer.latency, validFor });
  if (rate !== null) readings.push({ metric: rateName, value: rate, validFor });
  return readings;
}

/** A probe may outlive the beat; the beat does not wait for it. */
function waitAtMost(clock: Clock, span: Ms, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.in(span, resolve);
    const done = (): void => {
      cancel();
      resolve();
    };
    work.then(done, done);
  });
}
