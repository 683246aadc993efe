/**
 * `prometheus` in the configuration: metrics that are read from a Prometheus server by a query, instead of or beside
 * our own sampling. A metric keeps the unit of its family: `latency:…` in milliseconds, a share from 0 to 1.
 */
import { z } from 'zod';
import { familyOf, type MetricName, subjectOf } from '../domain/metric.ts';
import { type Ms, ms, seconds } from '../domain/units.ts';

export interface PrometheusQuery {
  readonly metric: MetricName;
  /** PromQL that gives one series. */
  readonly expr: string;
}

export interface PrometheusConfig {
  readonly url: string;
  readonly interval: Ms;
  readonly timeLimit: Ms;
  readonly queries: readonly PrometheusQuery[];
}

export const METRIC_NAME: RegExp = /^[A-Za-z][A-Za-z0-9_]{0,62}(:[A-Za-z0-9_./-]{1,100})?$/;

/** Without a subject these are read from this host itself. */
const OWN: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'swap',
  'load_per_core',
  'pressure_cpu',
  'pressure_memory',
  'pressure_io',
  'net_rx',
  'net_tx',
  'disk_io',
  'loop_lag',
]);
/** Whose subject is a mount, a probe or a target of this host. */
const OWN_FAMILIES: ReadonlySet<string> = new Set([
  'disk',
  'inodes',
  'probe_up',
  'target_up',
  'target_cpu',
  'target_memory',
]);

/** True for a name that this host measures itself: it must not come from two sides. */
export function isOwnMetric(metric: MetricName): boolean {
  return OWN.has(metric) || (OWN_FAMILIES.has(familyOf(metric)) && subjectOf(metric) !== undefined);
}

const Query = z.strictObject({
  metric: z
    .string()
    .regex(METRIC_NAME, { error: 'must be a metric name, like orders_per_minute or latency:checkout' })
    .refine((name) => !isOwnMetric(name), { error: 'must not be a metric that this host measures itself' }),
  query: z.string().min(1).max(2_000),
});

export const Prometheus: z.ZodType<PrometheusConfig> = z
  .strictObject({
    url: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }),
    // Prometheus itself scrapes every 15 s by custom; asking more often gives the same figure again.
    intervalSeconds: z.number().min(5).max(3_600).default(15),
    timeoutMilliseconds: z.int().min(50).max(60_000).default(3_000),
    queries: z.array(Query).min(1).max(100),
  })
  .transform(
    (value): PrometheusConfig => ({
      url: value.url,
      interval: seconds(value.intervalSeconds),
      timeLimit: ms(value.timeoutMilliseconds),
      queries: value.queries.map(({ metric, query }) => ({ metric, expr: query })),
    }),
  );
