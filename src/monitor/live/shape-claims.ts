/** From a shape that was found to the claim that tells it, in words with figures. Pure. */
import type { AnomalyKind, Severity } from '../../domain/anomaly.ts';
import { assertNever } from '../../domain/errors.ts';
import { type MetricName, unitOf } from '../../domain/metric.ts';
import { hours, type Ms, minutes, ms } from '../../domain/units.ts';
import type { Claim } from '../claim.ts';
import type { ConfirmRule } from '../flapping.ts';
import type { TargetOf } from '../kinds.ts';
import { figure, spanText, titleOf } from '../sentences.ts';
import type { Shape } from '../shapes.ts';
import type { ShapeKind } from './shape-kinds.ts';

const SCORE = 0.6;
/** A level that moved is news for a person when it stays; a deploy or a burst passes. */
const STEP_HOLD: Ms = minutes(5);
/** Exits within less than this are a loop that spins now; over a day it is a slow one. */
const CRASH_LOOP_NOW: Ms = hours(1);

const KINDS: Readonly<Record<ShapeKind, AnomalyKind>> = {
  memory_leak: 'memory_leak',
  disk_filling: 'disk_filling',
  queue_stuck: 'queue_stuck',
  crash_loop: 'crash_loop',
  flat_line: 'flat_line',
  latency_step: 'high_latency',
  success_drop: 'low_success_rate',
};

/** Looks are a minute apart, or a quarter of one where it must be fast. */
const CONFIRM: Readonly<Record<ShapeKind, ConfirmRule>> = {
  memory_leak: rule(3, 5, 5),
  disk_filling: rule(2, 3, 5),
  queue_stuck: rule(2, 3, 2),
  crash_loop: rule(1, 1, 1),
  flat_line: rule(2, 3, 1),
  latency_step: rule(2, 3, 4),
  success_drop: rule(2, 3, 4),
};

export function shapeKey(kind: ShapeKind, metric: MetricName): string {
  return `shape:${kind}:${metric}`;
}

export interface Seen {
  readonly kind: ShapeKind;
  readonly metric: MetricName;
  /** `null` = looked and not there; `undefined` = too little to say. */
  readonly shape: Exclude<Shape, { readonly kind: 'clock_jump' }> | null | undefined;
  readonly value: number | null;
}

export interface ClaimRules {
  readonly targetOf: TargetOf;
  /** A limit that is nearer than this is worth a warning. */
  readonly warnWithin: Ms;
}

export function shapeClaim({ kind, metric, shape, value }: Seen, rules: ClaimRules): Claim {
  return {
    key: shapeKey(kind, metric),
    metric,
    kind: KINDS[kind],
    target: rules.targetOf(metric)?.name ?? null,
    witness: 'shape',
    severity: shape === null || shape === undefined ? 'info' : severityOf(shape, rules),
    hold: kind === 'latency_step' || kind === 'success_drop' ? STEP_HOLD : ms(0),
    verdict: shape === undefined ? 'unknown' : shape === null ? 'good' : 'bad',
    value,
    score: SCORE,
    confirm: CONFIRM[kind],
    text: shape === null || shape === undefined ? null : sentence(shape, metric),
  };
}

function severityOf(shape: NonNullable<Seen['shape']>, rules: ClaimRules): Severity {
  switch (shape.kind) {
    case 'memory_leak':
    case 'disk_filling':
      return shape.reach.likely <= rules.warnWithin ? 'warning' : 'info';
    case 'crash_loop':
      return shape.span <= CRASH_LOOP_NOW ? 'critical' : 'warning';
    case 'queue_stuck':
    case 'latency_step':
    case 'success_drop':
      return 'warning';
    case 'flat_line':
      return 'info';
    default:
      return assertNever(shape);
  }
}

function sentence(shape: NonNullable<Seen['shape']>, metric: MetricName): string {
  const title = titleOf(metric);
  const unit = unitOf(metric);
  switch (shape.kind) {
    case 'memory_leak':
    case 'disk_filling': {
      const { soonest, likely, latest } = shape.reach;
      const range =
        latest === null
          ? `${spanText(soonest)} at the soonest`
          : `${spanText(soonest)} to ${spanText(latest)}`;
      return `${title} rises by ${figure(shape.perHour, unit)} an hour; it is ${figure(shape.level, unit)} and reaches ${figure(shape.limit, unit)} in about ${spanText(likely)} (${range}).`;
    }
    case 'queue_stuck':
      return `${title} is ${figure(shape.depth, unit)}, ${figure(shape.grownBy, unit)} more than before, and nothing is being done.`;
    case 'crash_loop':
      return `${metric.slice(metric.indexOf(':') + 1)} ended ${shape.exits} times in ${spanText(shape.span)}.`;
    case 'flat_line':
      return `${title} has stood at exactly ${figure(shape.value, unit)} and used to move every ${spanText(shape.usual)}: its source may be stuck.`;
    case 'latency_step':
    case 'success_drop':
      return `${title} went from ${figure(shape.before, unit)} to ${figure(shape.now, unit)} and stays there.`;
    default:
      return assertNever(shape);
  }
}

function rule(badOf: number, outOf: number, clearAfterGood: number): ConfirmRule {
  return { badOf, outOf, clearAfterGood, sayFirst: false };
}
