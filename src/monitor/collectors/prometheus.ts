/**
 * Metrics that a Prometheus server knows, each by a configured query.
 *
 * Asked in the background, so that a slow server never holds a beat: an answer is a sample of the beat after it
 * came. A query that fails, gives no value or more than one series is *unknown*; nothing stands in for it.
 */
import type { MetricName } from '../../domain/metric.ts';
import type { Clock, HttpClient, Live, Logger } from '../../domain/ports.ts';
import { type Ms, ms } from '../../domain/units.ts';
import type { Collector, Reading } from '../collector.ts';
import type { MonitorConfig } from '../config.ts';
import { createPrometheusApi } from '../prometheus-api.ts';
import type { PrometheusConfig, PrometheusQuery } from '../prometheus-config.ts';

/** Beats are not to the millisecond. */
const EARLY: Ms = ms(500);

export interface PrometheusCollector extends Collector {
  /** Gives up what is under way. */
  stop(): void;
}

export interface PrometheusCollectorDeps {
  readonly clock: Clock;
  readonly http: HttpClient;
  readonly log: Logger;
  readonly config: Live<MonitorConfig>;
}

export function createPrometheusCollector(deps: PrometheusCollectorDeps): PrometheusCollector {
  const { clock, config, log } = deps;
  const stopping = new AbortController();
  const askedAt = new Map<string, Ms>();
  const busy = new Set<string>();
  const failing = new Set<MetricName>();
  let arrived = new Map<MetricName, Reading>();

  async function ask(server: PrometheusConfig): Promise<void> {
    const api = createPrometheusApi(deps.http, server);
    await Promise.all(server.queries.map((query) => askOne(api, server, query)));
  }

  async function askOne(
    api: ReturnType<typeof createPrometheusApi>,
    server: PrometheusConfig,
    { metric, expr }: PrometheusQuery,
  ): Promise<void> {
    const answer = await api.now(expr, stopping.signal);
    const reason = answer.kind === 'failed' ? answer.reason : answer.value === null ? 'no value' : '';
    if (reason !== '' && !failing.has(metric)) log.warn('a Prometheus query failed', { metric, reason });
    if (reason === '') failing.delete(metric);
    else failing.add(metric);
    const value = answer.kind === 'answered' ? answer.value : null;
    arrived.set(metric, { metric, value, validFor: ms(2 * server.interval + server.timeLimit) });
  }

  return {
    name: 'prometheus',
    metrics: () => config.current().prometheus.flatMap(({ queries }) => queries.map(({ metric }) => metric)),
    async collect({ monotonic }) {
      for (const server of config.current().prometheus) {
        const last = askedAt.get(server.url);
        if (busy.has(server.url) || (last !== undefined && monotonic - last < server.interval - EARLY))
          continue;
        askedAt.set(server.url, clock.monotonic());
        busy.add(server.url);
        void ask(server).finally(() => busy.delete(server.url));
      }
      const readings = [...arrived.values()];
      arrived = new Map();
      return readings;
    },
    stop: () => stopping.abort(),
  };
}
