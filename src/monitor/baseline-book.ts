/**
 * What people did about baselines, kept in `data/state/baselines.json`: what was collected on purpose (from stored
 * history, a CSV or Prometheus), and from which moment on each metric is learnt anew.
 *
 * A collected baseline speaks for a metric until the history of this host has taught at least as much.
 */
import { z } from 'zod';
import type { MetricName } from '../domain/metric.ts';
import type { Document, StateStore } from '../domain/ports.ts';
import { type EpochMs, fromIso, toIso } from '../domain/units.ts';
import type { Learnt } from './baseline.ts';

/** However much was collected: two weeks of this host's own history say more. */
const OWN_IS_ENOUGH = 14 * 1_440;
const EVERY = '*';

const Baseline = z.object({ centre: z.number(), spread: z.number(), rows: z.number() });

export interface Collected extends Learnt {
  readonly source: 'history' | 'csv' | 'prometheus';
  /** ISO 8601. */
  readonly learntAt: string;
}

const Collected: z.ZodType<Collected> = z.object({
  source: z.enum(['history', 'csv', 'prometheus']),
  learntAt: z.iso.datetime(),
  overall: Baseline,
  hours: z.array(Baseline.nullable()).nullable(),
});

/** Lists, not records: names of metrics come from outside. */
interface Data {
  readonly collected: readonly { readonly metric: MetricName; readonly baseline: Collected }[];
  readonly since: readonly { readonly metric: MetricName; readonly at: string }[];
}

const Data: z.ZodType<Data> = z.object({
  collected: z.array(z.object({ metric: z.string(), baseline: Collected })),
  since: z.array(z.object({ metric: z.string(), at: z.iso.datetime() })),
});

const EMPTY: Data = { collected: [], since: [] };

export interface BaselineBook {
  open(states: StateStore): Promise<void>;
  collected(metric: MetricName): Collected | null;
  collectedMetrics(): readonly MetricName[];
  /** Nothing before this moment teaches; `null` = all that is kept. */
  since(metric: MetricName): EpochMs | null;
  /** Both resolve when it is on disk. */
  keep(baselines: readonly { readonly metric: MetricName; readonly baseline: Collected }[]): Promise<void>;
  /** `null` = every metric. */
  forget(metric: MetricName | null, at: EpochMs): Promise<void>;
  /** Grows with every change, so that what was learnt before can be told from what was learnt after. */
  version(): number;
}

export function createBaselineBook(): BaselineBook {
  let document: Document<Data> | null = null;
  let version = 0;
  let index: { readonly of: Data; readonly byMetric: ReadonlyMap<MetricName, Collected> } | null = null;
  const data = (): Data => document?.value ?? EMPTY;

  function byMetric(): ReadonlyMap<MetricName, Collected> {
    const of = data();
    if (index?.of !== of)
      index = { of, byMetric: new Map(of.collected.map(({ metric, baseline }) => [metric, baseline])) };
    return index.byMetric;
  }

  async function update(change: (before: Data) => Data): Promise<void> {
    await document?.update(change);
    version += 1;
  }

  return {
    async open(states) {
      ({ document } = await states.open('baselines', (raw) => Data.parse(raw), EMPTY));
      version += 1;
    },
    collected: (metric) => byMetric().get(metric) ?? null,
    collectedMetrics: () => [...byMetric().keys()],
    since(metric) {
      const own = data().since.filter((one) => one.metric === metric || one.metric === EVERY);
      const newest = own
        .map(({ at }) => at)
        .sort()
        .at(-1);
      return newest === undefined ? null : (fromIso(newest) ?? null);
    },
    keep: (baselines) =>
      update((before) => {
        const names = new Set(baselines.map(({ metric }) => metric));
        const rest = before.collected.filter(({ metric }) => !names.has(metric));
        return { ...before, collected: [...rest, ...baselines] };
      }),
    forget: (metric, at) =>
      update((before) =>
        metric === null
          ? { collected: [], since: [{ metric: EVERY, at: toIso(at) }] }
          : {
              collected: before.collected.filter((one) => one.metric !== metric),
              since: [...before.since.filter((one) => one.metric !== metric), { metric, at: toIso(at) }],
            },
      ),
    version: () => version,
  };
}

/** Which of the two speaks, and whether it is the collected one. Pure. */
export function inForce(
  own: Learnt | null,
  collected: Collected | null,
): { readonly learnt: Learnt; readonly isCollected: boolean } | null {
  if (collected === null) return own === null ? null : { learnt: own, isCollected: false };
  const needed = Math.min(collected.overall.rows, OWN_IS_ENOUGH);
  if (own !== null && own.overall.rows >= needed) return { learnt: own, isCollected: false };
  return { learnt: { overall: collected.overall, hours: collected.hours }, isCollected: true };
}
