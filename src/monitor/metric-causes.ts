/** Which metrics may be why: those that left their range or moved with the trouble, or before it. Pure. */
import type { AnomalyKind } from '../domain/anomaly.ts';
import { type Band, familyOf, type MetricName, subjectOf, unitOf } from '../domain/metric.ts';
import { before, type EpochMs, elapsed, type Ms, minutes, ms } from '../domain/units.ts';
import { type Candidate, isJustBefore, leadText, SLACK } from './candidate.ts';
import { isVisible, type Moved } from './moved.ts';
import { changeText, figure, titleOf } from './sentences.ts';

const METRICS_WITHIN: Ms = minutes(10);
/** What is up or down is one or nothing; half way is down. */
const HALF_UP = 0.5;
/** It is of a target that this one needs. */
export const NEEDED = 0.45;
const METRIC_WEIGHT = 0.35;
const OWN_METRIC = 0.05;
const SAME_THING_LESS = 0.4;
/** Other readings of the same thing explain nothing by themselves. */
const SAME_THING: readonly ReadonlySet<string>[] = [
  new Set(['cpu', 'load_per_core', 'pressure_cpu', 'loop_lag', 'target_cpu']),
  new Set(['memory', 'swap', 'pressure_memory', 'target_memory']),
  new Set(['disk', 'inodes']),
  new Set(['latency', 'success_rate', 'probe_up']),
  new Set(['queue_depth', 'queue_oldest', 'queue_rate']),
];

/** Less of these explains no trouble. */
const RELIEVES = new Set([
  'cpu',
  'memory',
  'swap',
  'disk',
  'inodes',
  'disk_io',
  'latency',
  'loop_lag',
  'pressure_cpu',
  'pressure_memory',
  'pressure_io',
  'load_per_core',
]);
/** A delay this much of the trouble's own may be part of it. */
const FAIR_PART = 0.2;
/** Whoever waits so long for another may give up, in milliseconds. */
const LONG_WAIT = 1_000;

/** Another metric that is out of its band or limits now. */
export interface Companion {
  readonly metric: MetricName;
  readonly since: EpochMs;
  readonly value: number | null;
  readonly band: Band;
}

/** The trouble, and what was seen around it. */
export interface MetricCauseInput {
  readonly kind: AnomalyKind;
  readonly metric: MetricName;
  readonly target: string | null;
  readonly since: EpochMs;
  /** How bad it is; `null` = not known. */
  readonly value: number | null;
  readonly companions: readonly Companion[];
  readonly moved: readonly Moved[];
  /** What the target needs, by name. */
  readonly needs: readonly string[];
  /** The target that a metric speaks for. */
  readonly targetOf: (metric: MetricName) => string | null;
}

export function metricCauses(input: MetricCauseInput): readonly Candidate[] {
  const { companions, moved, metric, since } = input;
  const out = companions.filter(
    (one) => one.metric !== metric && isJustBefore(one.since, since, METRICS_WITHIN) && !isUsual(one),
  );
  const names = [...new Set([...out.map((one) => one.metric), ...moved.map((one) => one.metric)])];
  const found = names.flatMap((name) => {
    const companion = out.find((one) => one.metric === name);
    const movement = moved.find((one) => one.metric === name);
    if (movement !== undefined && (movement.lead < -SLACK || isRelief(movement))) return [];
    if (!explains(name, companion, movement, input)) return [];
    return metricCause(name, companion, movement, input).map((cause) => ({ name, cause }));
  });
  return onceEach(found);
}

function isRelief({ metric, before: from, now }: Moved): boolean {
  return now < from && RELIEVES.has(familyOf(metric));
}

/**
 * A delay explains a delay of which it is a fair part, and what is down or failing when whoever is needed makes it
 * wait for long; our own loop is late when the host is, and explains nothing else.
 */
function explains(
  name: MetricName,
  companion: Companion | undefined,
  movement: Moved | undefined,
  { kind, value, needs, targetOf }: MetricCauseInput,
): boolean {
  if (unitOf(name) !== 'ms' || kind === 'self_unhealthy') return true;
  const seen = movement?.now ?? companion?.value ?? 0;
  if (kind === 'high_latency') return seen - (movement?.before ?? 0) >= FAIR_PART * (value ?? 0);
  if (familyOf(name) === 'loop_lag') return false;
  return needs.includes(targetOf(name) ?? '') ? seen >= LONG_WAIT : companion !== undefined;
}

/** A limit that this host crosses every day, less than usual, or a suspicion that is over: no cause. */
function isUsual({ metric, value, band: { low, high } }: Companion): boolean {
  if (value === null || low === null || high === null) return false;
  if (value < low && RELIEVES.has(familyOf(metric))) return true;
  const nearest = Math.min(high, Math.max(low, value));
  return value === nearest || !isVisible(metric, nearest, value);
}

/** Of several readings of the same thing the one that fits best: load, processor and pressure are one cause. */
function onceEach(
  found: readonly { readonly name: MetricName; readonly cause: Candidate }[],
): readonly Candidate[] {
  const best = new Map<string, Candidate>();
  for (const { name, cause } of found) {
    const thing = SAME_THING.findIndex((set) => set.has(familyOf(name)));
    const key = thing === -1 ? name : `${thing} ${subjectOf(name) ?? ''}`;
    if (cause.weight > (best.get(key)?.weight ?? Number.NEGATIVE_INFINITY)) best.set(key, cause);
  }
  return [...best.values()];
}

function metricCause(
  name: MetricName,
  companion: Companion | undefined,
  movement: Moved | undefined,
  input: MetricCauseInput,
): readonly Candidate[] {
  const { since, target } = input;
  const seen = companion === undefined ? ms(0) : ms(Math.max(0, elapsed(companion.since, since)));
  const lead = movement?.lead ?? seen;
  const isOut = companion !== undefined;
  const what = movement === undefined ? companionText(companion) : movementText(movement, isOut);
  const { isNeeded, weight } = fitOf(name, input);
  const relation = isNeeded ? `, and ${target} needs ${input.targetOf(name)}` : '';
  return [
    {
      text: `${what} ${leadText(lead)}${relation}`,
      at: companion?.since ?? before(since, lead),
      weight: weight + 0.2 * Math.abs(movement?.together ?? 0.5) + leadBonus(lead) + (isOut ? 0.1 : 0),
    },
  ];
}

/** How a metric stands to the trouble: that of a target that is needed, of the same target, or the same thing. */
function fitOf(
  name: MetricName,
  { metric, target, needs, targetOf }: MetricCauseInput,
): { readonly isNeeded: boolean; readonly weight: number } {
  const of = targetOf(name);
  const isNeeded = of !== null && of !== target && needs.includes(of);
  const isOwn = target !== null && (of === target || subjectOf(name) === target);
  const isSameThing = SAME_THING.some((set) => set.has(familyOf(name)) && set.has(familyOf(metric)));
  const weight = METRIC_WEIGHT + (isNeeded ? NEEDED : 0) + (isOwn ? OWN_METRIC : 0);
  return { isNeeded, weight: isSameThing && of === target ? weight - SAME_THING_LESS : weight };
}

/** What moved earlier fits better as a cause, up to ten minutes before. */
function leadBonus(lead: Ms): number {
  return lead < 10_000 ? 0 : Math.min(0.2, 0.1 + (0.1 * lead) / METRICS_WITHIN);
}

function movementText({ metric, before: from, now }: Moved, isOut: boolean): string {
  const unit = unitOf(metric);
  if (unit === 'up') return changeText(metric, now >= HALF_UP);
  const way = now > from ? 'rose' : 'fell';
  const out = isOut ? ' and left its range' : '';
  return `${titleOf(metric)} ${way} from ${figure(from, unit)} to ${figure(now, unit)}${out}`;
}

function companionText(one: Companion | undefined): string {
  if (one === undefined) return '';
  const unit = unitOf(one.metric);
  if (unit === 'up') return changeText(one.metric, (one.value ?? 0) >= HALF_UP);
  const value = one.value === null ? 'unknown' : figure(one.value, unit);
  const { low, high } = one.band;
  const normal =
    low === null || high === null ? '' : `, normal is ${figure(low, unit)} to ${figure(high, unit)}`;
  return `${titleOf(one.metric)} left its range (${value}${normal})`;
}
