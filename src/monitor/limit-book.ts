/**
 * Limits that people set over the configuration, kept over restarts in `data/state/limits.json`.
 *
 * An override ends by itself where it has an end. The configuration that the monitor reads has them merged in, so
 * that nothing else needs to know of them; it stays the same object until something changes.
 */
import { z } from 'zod';
import { familyOf, type MetricName } from '../domain/metric.ts';
import type { Clock, Document, Live, StateStore } from '../domain/ports.ts';
import type { LimitOverride } from '../domain/tuning.ts';
import { type EpochMs, epochMs, fromIso, ms, toIso } from '../domain/units.ts';
import type { MonitorConfig } from './config.ts';
import { directionOf, type Threshold, thresholdFor } from './thresholds.ts';

/** As it stands on disk: moments in ISO 8601. */
const Data = z.object({
  overrides: z.array(
    z.object({
      metric: z.string(),
      warn: z.number().nullable(),
      critical: z.number().nullable(),
      until: z.iso.datetime().nullable(),
      by: z.string(),
      at: z.iso.datetime(),
    }),
  ),
});
type Data = z.infer<typeof Data>;

export interface LimitBook {
  /** The configuration with the overrides in it. */
  readonly config: Live<MonitorConfig>;
  start(): Promise<void>;
  /** Those that hold now. */
  overrides(): readonly LimitOverride[];
  /** Resolves when it is on disk. */
  change(to: (overrides: readonly LimitOverride[]) => readonly LimitOverride[]): Promise<void>;
}

export interface LimitBookDeps {
  readonly clock: Clock;
  readonly states: StateStore;
  readonly config: Live<MonitorConfig>;
}

export function createLimitBook({ clock, states, config }: LimitBookDeps): LimitBook {
  let document: Document<Data> | null = null;
  let read: { readonly from: Data; readonly overrides: readonly LimitOverride[] } | null = null;
  let merged: {
    readonly from: MonitorConfig;
    readonly overrides: readonly LimitOverride[];
    readonly config: MonitorConfig;
  } | null = null;

  function overrides(): readonly LimitOverride[] {
    const data = document?.value;
    if (data === undefined) return [];
    if (read?.from !== data) read = { from: data, overrides: data.overrides.map(fromDisk) };
    return holding(read.overrides, clock.now());
  }

  return {
    config: {
      current() {
        const from = config.current();
        const now = overrides();
        if (merged === null || merged.from !== from || !isSame(merged.overrides, now)) {
          merged = { from, overrides: now, config: now.length === 0 ? from : withOverrides(from, now) };
        }
        return merged.config;
      },
    },
    async start() {
      ({ document } = await states.open('limits', (data) => Data.parse(data), { overrides: [] }));
    },
    overrides,
    async change(to) {
      const now = clock.now();
      await document?.update((data) => ({
        overrides: to(holding(data.overrides.map(fromDisk), now)).map(toDisk),
      }));
    },
  };
}

/** The limits with those of a person over those of the configuration. Pure. */
export function withOverrides(config: MonitorConfig, overrides: readonly LimitOverride[]): MonitorConfig {
  const names = new Set(overrides.map(({ metric }) => metric));
  const set = overrides.map((override) => entryOf(override, config.thresholds));
  return {
    ...config,
    thresholds: [...set, ...config.thresholds.filter(({ metric }) => !names.has(metric))],
  };
}

/** The override that decides about this metric: its own, or that of its family where no narrower entry is. */
export function overrideFor(
  metric: MetricName,
  overrides: readonly LimitOverride[],
  configured: readonly Threshold[],
): LimitOverride | null {
  const own = overrides.find((one) => one.metric === metric);
  if (own !== undefined) return own;
  const isNarrow = configured.some((entry) => entry.metric === metric);
  return isNarrow ? null : (overrides.find((one) => one.metric === familyOf(metric)) ?? null);
}

function entryOf({ metric, warn, critical }: LimitOverride, configured: readonly Threshold[]): Threshold {
  const base = thresholdFor(metric, configured) ?? {
    direction: directionOf(metric),
    warnAfter: ms(0),
    criticalAfter: ms(0),
    confirm: null,
  };
  return { ...base, metric, warn, critical };
}

function fromDisk({ until, at, ...rest }: Data['overrides'][number]): LimitOverride {
  return { ...rest, until: until === null ? null : momentOf(until), at: momentOf(at) };
}

function toDisk({ until, at, ...rest }: LimitOverride): Data['overrides'][number] {
  return { ...rest, until: until === null ? null : toIso(until), at: toIso(at) };
}

function momentOf(text: string): EpochMs {
  return fromIso(text) ?? epochMs(0);
}

function holding(all: readonly LimitOverride[], now: EpochMs): readonly LimitOverride[] {
  return all.filter(({ until }) => until === null || until > now);
}

function isSame(a: readonly LimitOverride[], b: readonly LimitOverride[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}
