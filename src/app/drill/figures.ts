/** The figures of a drill and what they miss, from its trials. Pure. */
import type { DrillFigures, DrillTimes, DrillTrial } from '../../domain/drill.ts';
import { type Ms, ms, type Ratio, ratio, seconds } from '../../domain/units.ts';
import { faultEntry } from './catalogue.ts';

/** What is asked of us; see the numbers of docs/drill.md. */
export const BARS: {
  readonly detectHard: Ms;
  readonly detectSoft: Ms;
  readonly recover: Ms;
  readonly healedShare: Ratio;
} = {
  detectHard: seconds(15),
  detectSoft: seconds(60),
  recover: seconds(90),
  healedShare: ratio(0.95),
};

export function figuresOf(trials: readonly DrillTrial[]): DrillFigures {
  const faults = trials.filter(({ fault }) => fault !== 'control');
  const controls = trials.filter(({ fault }) => fault === 'control');
  const healable = faults.filter((trial) => mustEnd(trial) === 'healed');
  const handOvers = faults.filter((trial) => mustEnd(trial) === 'handed_over');
  const healed = healable.filter(({ ending }) => ending === 'healed');
  const detected = (kind: 'hard' | 'soft'): readonly Ms[] =>
    faults.filter((trial) => kindOf(trial) === kind).flatMap((trial) => known(trial.detected));
  const recovered = healed.flatMap((trial) => known(trial.recovered));
  return {
    mttd: mean(faults.flatMap((trial) => known(trial.detected))),
    mttr: mean(recovered),
    detectHard: timesOf(detected('hard')),
    detectSoft: timesOf(detected('soft')),
    recover: timesOf(recovered),
    healable: healable.length,
    healed: healed.length,
    healedShare: healable.length === 0 ? null : ratio(healed.length / healable.length),
    handOvers: handOvers.length,
    handedOver: handOvers.filter(({ ending }) => ending === 'handed_over').length,
    actions: sum(faults.map(({ actions }) => actions)),
    wrongActions: sum(trials.map(({ wrongActions }) => wrongActions)),
    pages: trials.filter(({ paged }) => paged).length,
    controlActions: controls.length === 0 ? null : sum(controls.map(({ actions }) => actions)),
  };
}

/** What did not come up to its bar, in words. */
export function missesOf(trials: readonly DrillTrial[], figures: DrillFigures): readonly string[] {
  const { detectHard, detectSoft, recover, healedShare, wrongActions, controlActions } = figures;
  const late = (what: string, times: DrillTimes, bar: Ms): readonly string[] =>
    times.p95 !== null && times.p95 > bar
      ? [`${what}: p95 ${secondsOf(times.p95)} s, expected at most ${secondsOf(bar)} s`]
      : [];
  return [
    ...endingMisses(trials),
    ...(healedShare !== null && healedShare < BARS.healedShare
      ? [`healed without people: ${Math.round(healedShare * 100)} %, expected at least 95 %`]
      : []),
    ...(wrongActions > 0 ? [`actions on what was healthy: ${wrongActions}, expected none`] : []),
    ...(controlActions !== null && controlActions > 0
      ? [`actions without a fault: ${controlActions}, expected none`]
      : []),
    ...late('hard faults found', detectHard, BARS.detectHard),
    ...late('soft faults found', detectSoft, BARS.detectSoft),
    ...late('recovered, verified', recover, BARS.recover),
  ];
}

/** Everything ended as it must and nothing healthy was touched; how long it took is another question. */
export function hasPassed(trials: readonly DrillTrial[], figures: DrillFigures): boolean {
  const { healedShare, wrongActions, controlActions, handOvers, handedOver } = figures;
  const isCalm = trials.every(({ fault, ending }) => fault !== 'control' || ending === 'calm');
  return (
    isCalm &&
    wrongActions === 0 &&
    (controlActions ?? 0) === 0 &&
    handedOver === handOvers &&
    (healedShare === null || healedShare >= BARS.healedShare)
  );
}

/** Nearest rank: with few trials the 95th is the slowest, which is the honest one to show. */
export function timesOf(times: readonly Ms[]): DrillTimes {
  const sorted = [...times].sort((a, b) => a - b);
  const rank = (share: number): Ms | null =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  return { count: sorted.length, p50: rank(0.5), p95: rank(0.95) };
}

/** One decimal. */
export function secondsOf(span: Ms): string {
  return (span / 1_000).toFixed(1);
}

function endingMisses(trials: readonly DrillTrial[]): readonly string[] {
  return trials
    .filter(({ ending }) => ending === 'missed')
    .map(({ fault, repetition, note }) => `${fault} ${repetition}: ${note}`);
}

function mustEnd({ fault }: DrillTrial): 'healed' | 'handed_over' | null {
  return fault === 'control' ? null : faultEntry(fault).mustEnd;
}

function kindOf({ fault }: DrillTrial): 'hard' | 'soft' | null {
  return fault === 'control' ? null : faultEntry(fault).kind;
}

function known(value: Ms | null): readonly Ms[] {
  return value === null ? [] : [value];
}

function mean(values: readonly Ms[]): Ms | null {
  return values.length === 0 ? null : ms(Math.round(sum(values) / values.length));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
