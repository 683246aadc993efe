/**
 * One entry of `thresholds` in the configuration. The unit is in the key (`warnPercent`, `criticalMilliseconds`)
 * and must be the unit of the metric: a wrong one is an error that names the right one.
 */
import { z } from 'zod';
import { type MetricUnit, unitOf } from '../domain/metric.ts';
import { seconds } from '../domain/units.ts';
import { type Direction, directionOf, type Threshold } from './thresholds.ts';

/** The ending of a key for each unit, and what a value is divided by to come into the unit of the code. `up` has no limit to set. */
const SCALES: Readonly<
  Record<Exclude<MetricUnit, 'up'>, { readonly suffix: string; readonly divisor: number }>
> = {
  ratio: { suffix: 'Percent', divisor: 100 },
  ms: { suffix: 'Milliseconds', divisor: 1 },
  s: { suffix: 'Seconds', divisor: 1 },
  'bytes/s': { suffix: 'BytesPerSecond', divisor: 1 },
  bytes: { suffix: 'Megabytes', divisor: 1 / 1_048_576 },
  count: { suffix: 'Value', divisor: 1 },
  'per-core': { suffix: 'PerCore', divisor: 1 },
  'per-min': { suffix: 'PerMinute', divisor: 1 },
};

type LimitKey =
  | `${'warn' | 'critical'}${'Percent' | 'Milliseconds' | 'Seconds' | 'BytesPerSecond' | 'Megabytes'}`
  | `${'warn' | 'critical'}${'Value' | 'PerCore' | 'PerMinute'}`;

/** What an entry looks like in the file. */
export interface ThresholdInput extends Readonly<Partial<Record<LimitKey, number | undefined>>> {
  readonly metric: string;
  readonly direction?: Direction | undefined;
  readonly warnAfterSeconds?: number | undefined;
  readonly criticalAfterSeconds?: number | undefined;
  readonly confirm?: { readonly badOf: number; readonly outOf: number } | undefined;
}

const Limit = z.number().optional();

const Entry = z.strictObject({
  /** A metric (`disk:/var`) or a family (`disk`). */
  metric: z.string().min(1).max(200),
  direction: z.enum(['high', 'low']).optional(),
  warnPercent: Limit,
  criticalPercent: Limit,
  warnMilliseconds: Limit,
  criticalMilliseconds: Limit,
  warnSeconds: Limit,
  criticalSeconds: Limit,
  warnBytesPerSecond: Limit,
  criticalBytesPerSecond: Limit,
  warnMegabytes: Limit,
  criticalMegabytes: Limit,
  warnValue: Limit,
  criticalValue: Limit,
  warnPerCore: Limit,
  criticalPerCore: Limit,
  warnPerMinute: Limit,
  criticalPerMinute: Limit,
  // 0: as soon as it is confirmed.
  warnAfterSeconds: z.number().min(0).max(86_400).default(0),
  criticalAfterSeconds: z.number().min(0).max(86_400).default(0),
  confirm: z
    .strictObject({ badOf: z.int().min(1).max(60), outOf: z.int().min(1).max(60) })
    .refine((rule) => rule.badOf <= rule.outOf, {
      error: 'badOf must not be more than outOf',
      path: ['badOf'],
    })
    .optional(),
});
type Entry = z.infer<typeof Entry>;

export const ThresholdEntry: z.ZodType<Threshold, ThresholdInput> = Entry.superRefine((entry, context) => {
  for (const fault of faultsOf(entry)) {
    context.addIssue({ code: 'custom', message: fault.message, path: [fault.key], input: entry[fault.key] });
  }
}).transform(toThreshold);

interface Fault {
  readonly key: keyof Entry;
  readonly message: string;
}

function faultsOf(entry: Entry): readonly Fault[] {
  const unit = unitOf(entry.metric);
  if (unit === 'up')
    return [{ key: 'metric', message: `${entry.metric} is up or down: it has no limit to set` }];

  const { suffix } = SCALES[unit];
  const right = [`warn${suffix}`, `critical${suffix}`];
  const wrong = limitKeys(entry).filter((key) => !right.includes(key));
  if (wrong.length > 0) {
    return wrong.map((key) => ({ key, message: `${entry.metric} is set by ${right.join(' and ')}` }));
  }
  return orderFaults(entry, right);
}

function orderFaults(entry: Entry, keys: readonly string[]): readonly Fault[] {
  const { warn, critical, direction } = limitsOf(entry, 1);
  const [warnKey, criticalKey] = keys as [LimitKey, LimitKey];
  if (warn === null && critical === null) {
    return [{ key: 'metric', message: `needs ${warnKey}, ${criticalKey} or both` }];
  }
  const faults = unitOf(entry.metric) === 'ratio' ? percentFaults(entry, [warnKey, criticalKey]) : [];
  if (warn === null || critical === null || isWorse(critical, warn, direction)) return faults;
  return [
    ...faults,
    { key: criticalKey, message: `must be ${direction === 'high' ? 'above' : 'below'} ${warnKey}` },
  ];
}

function percentFaults(entry: Entry, keys: readonly LimitKey[]): readonly Fault[] {
  return keys
    .filter((key) => (entry[key] ?? 0) < 0 || (entry[key] ?? 0) > 100)
    .map((key) => ({ key, message: 'must be 0 to 100 percent' }));
}

function isWorse(a: number, b: number, direction: Direction): boolean {
  return direction === 'high' ? a > b : a < b;
}

function limitKeys(entry: Entry): readonly LimitKey[] {
  const keys = Object.keys(entry).filter((key) => /^(warn|critical)(?!AfterSeconds)/.test(key)) as LimitKey[];
  return keys.filter((key) => entry[key] !== undefined);
}

function limitsOf(entry: Entry, divisor: number): Pick<Threshold, 'warn' | 'critical' | 'direction'> {
  const keys = limitKeys(entry);
  const read = (prefix: string): number | null => {
    const key = keys.find((one) => one.startsWith(prefix));
    const value = key === undefined ? undefined : entry[key];
    return value === undefined ? null : value / divisor;
  };
  return {
    warn: read('warn'),
    critical: read('critical'),
    direction: entry.direction ?? directionOf(entry.metric),
  };
}

function toThreshold(entry: Entry): Threshold {
  const unit = unitOf(entry.metric);
  const divisor = unit === 'up' ? 1 : SCALES[unit].divisor;
  return {
    metric: entry.metric,
    ...limitsOf(entry, divisor),
    warnAfter: seconds(entry.warnAfterSeconds),
    criticalAfter: seconds(entry.criticalAfterSeconds),
    confirm: entry.confirm ?? null,
  };
}
