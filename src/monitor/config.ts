/**
 * `configs/anomaly_detection_config.json`: how the host is sampled and when a sample is trouble.
 *
 * Every default stands here with its reason. Units are in the JSON keys and are turned into branded values
 * once, so the rest of the room never sees percent or seconds.
 */
import { z } from 'zod';
import { ANOMALY_KINDS, type AnomalyKind, type Severity } from '../domain/anomaly.ts';
import { fromPercent, hours, type Ms, minutes, ms, type Ratio, seconds } from '../domain/units.ts';
import type { ConfirmCount, FlapRule } from './flapping.ts';
import { SHAPE_KINDS, type ShapeKind } from './live/shape-kinds.ts';
import { Prometheus, type PrometheusConfig } from './prometheus-config.ts';
import { SHIPPED_THRESHOLDS } from './shipped-thresholds.ts';
import { ThresholdEntry } from './threshold-config.ts';
import type { Threshold } from './thresholds.ts';

/** One HTTP question asked again and again. */
export interface ProbeConfig {
  readonly name: string;
  readonly url: string;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly interval: Ms;
  readonly timeLimit: Ms;
  /** `null` = any status from 200 to 399. */
  readonly expectStatus: number | null;
  /** Text that must be in the answer. */
  readonly expectBody: string | null;
  /** The target it speaks for. */
  readonly target: string | null;
}

export interface BaselineConfig {
  /** Half the width of the normal band, in robust deviations. */
  readonly sigmas: number;
  /** Fewer learnt minutes than this: no band yet. */
  readonly minSampleMinutes: number;
  /** From this many days on, normal is learnt for each hour of the day. */
  readonly hourOfDayAfterDays: number;
  readonly refit: Ms;
}

/** The Isolation Forest that bears witness beside the host score. */
export interface ForestConfig {
  readonly trees: number;
  /** Rows each tree is grown on. */
  readonly sample: number;
  readonly seed: number;
}

export interface ShapesConfig {
  /** Shapes that are not looked for. */
  readonly off: readonly ShapeKind[];
  /** A leak or a filling disk that hurts sooner than this is a warning. */
  readonly warnWithin: Ms;
}

export interface ConfirmationConfig {
  /** A target or probe that is down. */
  readonly hard: ConfirmCount & { readonly clearAfterGood: number };
  /** Everything else. */
  readonly soft: ConfirmCount & { readonly clearAfterGood: number };
  readonly hysteresis: Ratio;
  readonly flapping: FlapRule;
  /** A metric unknown for this long is a trouble of its own. */
  readonly silentAfter: Ms;
}

export interface MonitorConfig {
  readonly interval: Ms;
  readonly processInterval: Ms;
  readonly storeInterval: Ms;
  readonly historyDays: number;
  readonly rollupDays: number;
  /** `null` = every local file system that can be written. */
  readonly mounts: readonly string[] | null;
  readonly probes: readonly ProbeConfig[];
  readonly prometheus: readonly PrometheusConfig[];
  readonly thresholds: readonly Threshold[];
  readonly baseline: BaselineConfig;
  readonly forest: ForestConfig;
  readonly shapes: ShapesConfig;
  readonly confirmation: ConfirmationConfig;
  /** The most severe a kind may become. */
  readonly severities: Readonly<Partial<Record<AnomalyKind, Severity>>>;
}

const Name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, { error: 'must be letters, digits, dot, dash or underscore' });

const Probe = z
  .strictObject({
    name: Name,
    url: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }),
    method: z.enum(['GET', 'HEAD', 'POST']).default('GET'),
    // Each beat, so that a dead service is sure within 15 s.
    intervalSeconds: z.number().min(1).max(3_600).default(5),
    // Shorter than a beat, so that a hung service is known in the beat that asked.
    timeoutMilliseconds: z.int().min(50).max(60_000).default(3_000),
    expectStatus: z.int().min(100).max(599).optional(),
    expectBody: z.string().min(1).max(1_000).optional(),
    target: Name.optional(),
  })
  .transform(
    (probe): ProbeConfig => ({
      name: probe.name,
      url: probe.url,
      method: probe.method,
      interval: seconds(probe.intervalSeconds),
      timeLimit: ms(probe.timeoutMilliseconds),
      expectStatus: probe.expectStatus ?? null,
      expectBody: probe.expectBody ?? null,
      target: probe.target ?? null,
    }),
  );

const Baseline = z
  .strictObject({
    // Three robust deviations; the optimizer moves it between 2 and 3.
    sigmas: z.number().min(2).max(6).default(3),
    // Twelve hours: less has not seen a night and a day.
    minSampleMinutes: z.int().min(30).max(40_320).default(720),
    // Measured: with 7 days the hours raise false alarms, with 14 and more they pay.
    hourOfDayAfterDays: z.int().min(14).max(60).default(14),
    // Normal moves slowly; learning it again costs a millisecond a metric.
    refitMinutes: z.number().min(1).max(1_440).default(10),
  })
  .transform(
    (value): BaselineConfig => ({
      sigmas: value.sigmas,
      minSampleMinutes: value.minSampleMinutes,
      hourOfDayAfterDays: value.hourOfDayAfterDays,
      refit: minutes(value.refitMinutes),
    }),
  );

const Forest = z
  .strictObject({
    // More trees change the third digit of a score.
    trees: z.int().min(10).max(1_000).default(100),
    // The textbook size: it separates groups of odd rows that a larger one swallows.
    sampleRows: z.int().min(64).max(4_096).default(256),
    // Any number: the same rows give the same forest.
    seed: z.int().min(0).max(4_294_967_295).default(7),
  })
  .transform((value): ForestConfig => ({ trees: value.trees, sample: value.sampleRows, seed: value.seed }));

const Shapes = z
  .strictObject({
    off: z.array(z.enum(SHAPE_KINDS)).default([]),
    // A day: time to look at it at work, not at night.
    warnWithinHours: z.number().min(1).max(168).default(24),
  })
  .transform((value): ShapesConfig => ({ off: value.off, warnWithin: hours(value.warnWithinHours) }));

function count(badOf: number, outOf: number, clearAfterGood: number) {
  return z
    .strictObject({
      badOf: z.int().min(1).max(60).default(badOf),
      outOf: z.int().min(1).max(60).default(outOf),
      clearAfterGood: z.int().min(1).max(120).default(clearAfterGood),
    })
    .refine((rule) => rule.badOf <= rule.outOf, { error: 'must not be more than outOf', path: ['badOf'] });
}

const Flapping = z
  .strictObject({
    // Four raises in half an hour is no longer four troubles.
    raises: z.int().min(2).max(100).default(4),
    withinMinutes: z.number().min(1).max(1_440).default(30),
    calmMinutes: z.number().min(1).max(1_440).default(10),
  })
  .transform(
    (value): FlapRule => ({
      raises: value.raises,
      within: minutes(value.withinMinutes),
      calm: minutes(value.calmMinutes),
    }),
  );

const Confirmation = z
  .strictObject({
    // Down is said at once and sure after two of three: at a beat of 5 s within 15 s.
    hard: count(2, 3, 3).prefault({}),
    // Six of eight: at a beat of 5 s within 40 s.
    soft: count(6, 8, 6).prefault({}),
    hysteresisPercent: z.number().min(0).max(50).default(5),
    flapping: Flapping.prefault({}),
    // Three minutes without an answer is no hiccup.
    silentAfterSeconds: z.number().min(30).max(86_400).default(180),
  })
  .transform(
    (value): ConfirmationConfig => ({
      hard: value.hard,
      soft: value.soft,
      hysteresis: fromPercent(value.hysteresisPercent),
      flapping: value.flapping,
      silentAfter: seconds(value.silentAfterSeconds),
    }),
  );

const Severities = z.partialRecord(z.enum(ANOMALY_KINDS), z.enum(['info', 'warning', 'critical']));

/** A busy host is worth a quiet thread at most; nobody is called for it. */
const SHIPPED_SEVERITIES: z.input<typeof Severities> = {
  high_cpu: 'warning',
  high_load: 'warning',
  probe_silent: 'warning',
  self_unhealthy: 'warning',
};

export const MonitorConfig: z.ZodType<MonitorConfig> = z
  .strictObject({
    $schema: z.string().optional(),
    // Every five seconds: a dead target is sure within 15 s for 0.1 % of a core.
    intervalSeconds: z.number().min(1).max(3_600).default(5),
    // Reading every process costs more; they are evidence, not a trigger.
    processIntervalSeconds: z.number().min(5).max(3_600).default(15),
    storeIntervalSeconds: z.int().min(1).max(300).default(10),
    historyDays: z.int().min(1).max(60).default(7),
    // One-minute means: five weeks show every weekday five times.
    rollupDays: z.int().min(14).max(90).default(35),
    mounts: z
      .array(z.string().startsWith('/', { error: 'must be an absolute path' }))
      .min(1)
      .optional(),
    probes: z.array(Probe).max(200).default([]),
    // Read from a Prometheus server; each metric of one server only.
    prometheus: z.array(Prometheus).max(10).default([]),
    thresholds: z
      .array(ThresholdEntry)
      .max(500)
      .prefault([...SHIPPED_THRESHOLDS]),
    baseline: Baseline.prefault({}),
    forest: Forest.prefault({}),
    shapes: Shapes.prefault({}),
    confirmation: Confirmation.prefault({}),
    severities: Severities.default(SHIPPED_SEVERITIES),
  })
  .superRefine((file, context) => {
    for (const [key, names] of [
      ['probes', file.probes.map((probe) => probe.name)],
      ['prometheus', file.prometheus.map(({ url }) => url)],
      ['thresholds', file.thresholds.map((entry) => entry.metric)],
    ] as const) {
      for (const [index, name] of names.entries()) {
        if (names.indexOf(name) === index) continue;
        context.addIssue({
          code: 'custom',
          message: `${name} is there twice`,
          path: [key, index],
          input: name,
        });
      }
    }
  })
  .transform(
    (file): MonitorConfig => ({
      interval: seconds(file.intervalSeconds),
      processInterval: seconds(file.processIntervalSeconds),
      storeInterval: seconds(file.storeIntervalSeconds),
      historyDays: file.historyDays,
      rollupDays: file.rollupDays,
      mounts: file.mounts ?? null,
      probes: file.probes,
      prometheus: file.prometheus,
      thresholds: file.thresholds,
      baseline: file.baseline,
      forest: file.forest,
      shapes: file.shapes,
      confirmation: file.confirmation,
      severities: file.severities,
    }),
  );
