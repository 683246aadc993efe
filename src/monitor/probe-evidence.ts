/**
 * What the single answers of a probe say, where the rate over a minute would say it late.
 *
 * Pure. Failing is a sequential test: each failure speaks for a service that fails half of its answers against one
 * that fails one in twenty, each right answer against it; enough evidence is enough, however few answers it took.
 * At 5 s a service that fails all answers is sure after 20 s, one that fails 70 % after 25 s (95 % of cases: 50 s);
 * one that fails 1 % never is, one that fails 5 % about once a day.
 */
import type { JudgedSample, MetricName } from '../domain/metric.ts';
import { type EpochMs, epochMs, type Ms, seconds } from '../domain/units.ts';
import type { ProbeAnswer } from './probe-window.ts';

const SOUND = 0.05;
const SICK = 0.5;
/** Logarithms of how much more likely an answer is of a sick service than of a sound one. */
const FAILURE = Math.log(SICK / SOUND);
const RIGHT = Math.log((1 - SICK) / (1 - SOUND));
/** 3,000 to 1. */
const SURE = 8;
/** More proof than this is not kept, so that a service that is well again is believed within a minute and a half. */
const MOST = 10;
/** A service that has just come up may still refuse; its first answers are not held against it. */
const WARM_UP: Ms = seconds(30);
const SHOWN = 8;
/** Fewer fresh answers than this prove nothing. */
const FEWEST_FRESH = 3;

export interface Failing {
  /** `null` = in between, or nothing known: neither failing nor well. */
  readonly isFailing: boolean | null;
  /** Of the newest known answers, at most eight. */
  readonly failed: number;
  readonly of: number;
  readonly reason: string;
}

/** @param answers of the last minutes, oldest first. */
export function failing(answers: readonly ProbeAnswer[]): Failing {
  const known = sinceUp(answers).filter((answer) => answer.kind !== 'unknown');
  let evidence = 0;
  for (const { kind } of known) {
    evidence = Math.min(MOST, Math.max(0, evidence + (kind === 'failed' ? FAILURE : RIGHT)));
  }
  const newest = known.slice(-SHOWN);
  const failures = newest.filter((answer) => answer.kind === 'failed');
  const isFailing = evidence >= SURE ? true : evidence === 0 && known.length > 0 ? false : null;
  return { isFailing, failed: failures.length, of: newest.length, reason: failures.at(-1)?.reason ?? '' };
}

/**
 * Fresh evidence of a success rate: each answer of `fresh` with the rate of the answers since, so that what failed
 * before an action does not stand against it. Unknown until three have come.
 *
 * @param at the moment of an answer on the wall clock. @param isGood whether a rate is within its limits.
 */
export function freshRates(
  metric: MetricName,
  fresh: readonly ProbeAnswer[],
  at: (answer: ProbeAnswer) => EpochMs,
  isGood: (rate: number) => boolean,
): readonly JudgedSample[] {
  const known = fresh.filter((answer) => answer.kind !== 'unknown');
  return known.map((answer, index) => {
    const so = known.slice(0, index + 1);
    const value = so.filter((one) => one.kind === 'ok').length / so.length;
    const verdict = so.length < FEWEST_FRESH ? 'unknown' : isGood(value) ? 'good' : 'bad';
    return { metric, at: epochMs(at(answer)), value, verdict };
  });
}

/** Answers from half a minute after it last came up; all of them where it was up all along. */
function sinceUp(answers: readonly ProbeAnswer[]): readonly ProbeAnswer[] {
  const down = answers.findLastIndex((answer) => answer.answered === false);
  const up = answers.find((answer, index) => index > down && answer.answered === true);
  if (up === undefined) return [];
  const from = down === -1 ? up.at : up.at + WARM_UP;
  return answers.filter((answer, index) => index > down && answer.at >= from);
}
