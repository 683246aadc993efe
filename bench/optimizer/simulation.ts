/**
 * Two hours by a virtual clock: a host of two cores with critical tasks now and then and a pile of batch tasks. The
 * ladder is the product's own, beat by beat; the host and its queue are modelled in steps of 50 ms.
 */
import type { BudgetUse } from '../../src/domain/budget.ts';
import { OptimizerConfig } from '../../src/optimizer/config.ts';
import { batchShare } from '../../src/optimizer/ladder.ts';
import { createLadderBook } from '../../src/optimizer/ladder-book.ts';
import { seeded } from './loads.ts';

const CORES = 2;
const SLOTS = 4;
const CRITICAL_SLOTS = 2;
const STEP = 0.05;
const BEAT = 5;
const SPAN = 7_200;
const BUDGET = 0.8;
const CRITICAL_EVERY = 4;
const CRITICAL_WORK = 0.4;
const BATCH_WORK = 2;
/** More than fits into the time, so that there is always a reason to throttle. */
const PILE = 9_000;
/** What a nice process gets beside one that is not. */
const NICE_WEIGHT = 0.1;

interface Task {
  readonly critical: boolean;
  readonly since: number;
  left: number;
}

interface Way {
  readonly batch: boolean;
  readonly classes: boolean;
  readonly throttle: boolean;
}

interface Outcome {
  readonly waits: number[];
  readonly responses: number[];
  /** Use of the processor in each beat. */
  readonly use: number[];
  batchDone: number;
}

export function simulate(): void {
  const ways: Readonly<Record<string, Way>> = {
    'idle host': { batch: false, classes: true, throttle: false },
    'one line, no throttle': { batch: true, classes: false, throttle: false },
    'classes, no throttle': { batch: true, classes: true, throttle: false },
    'classes and throttle': { batch: true, classes: true, throttle: true },
  };
  console.log(`\ntwo hours by a virtual clock: ${CORES} cores, CPU budget ${BUDGET * 100} %`);
  console.log(
    '  way                    wait p95   response p95   against idle   batch done   CPU, last minute   CPU, last hour',
  );
  let idle = 0;
  for (const [name, way] of Object.entries(ways)) {
    const one = play(way);
    const response = p95(one.responses);
    if (name === 'idle host') idle = response;
    const cells = [
      `${p95(one.waits).toFixed(2)} s`.padStart(10),
      `${response.toFixed(2)} s`.padStart(14),
      `${(response / idle).toFixed(2)}×`.padStart(14),
      String(one.batchDone).padStart(12),
      `${(mean(one.use.slice(-60 / BEAT)) * 100).toFixed(1)} %`.padStart(18),
      `${(mean(one.use.slice(-3_600 / BEAT)) * 100).toFixed(1)} %`.padStart(16),
    ];
    console.log(`  ${name.padEnd(22)}${cells.join(' ')}`);
    if (way.throttle) console.log(minutesLine(one.use.slice(60 / BEAT)));
  }
}

/** One last minute is chance: all of them. */
function minutesLine(use: readonly number[]): string {
  const beats = 60 / BEAT;
  const means = use.slice(beats).map((_, at) => mean(use.slice(at, at + beats)));
  const within = means.filter((value) => Math.abs(value - BUDGET) <= 0.05).length / means.length;
  const [low, high] = [Math.min(...means), Math.max(...means)].map((value) => (value * 100).toFixed(1));
  return `  of all its minutes: ${low} to ${high} %, within 5 points of the budget ${(within * 100).toFixed(0)} % of the time`;
}

function play(way: Way): Outcome {
  const random = seeded(5);
  const outcome: Outcome = { waits: [], responses: [], use: [], batchDone: 0 };
  const throttle = createThrottle(way.throttle);
  const waiting: number[] = [];
  const running: Task[] = [];
  const pile = { left: way.batch ? PILE : 0 };
  let [arrival, used] = [1, 0];
  for (let step = 0; step * STEP < SPAN; step += 1) {
    const now = step * STEP;
    for (; arrival <= now; arrival += -Math.log(1 - random()) * CRITICAL_EVERY) waiting.push(arrival);
    startTasks({
      way,
      waiting,
      running,
      pile,
      outcome,
      now,
      places: throttle.places(),
      mayBatch: throttle.mayBatch(now),
    });
    used += work(running, outcome, now, way.classes);
    if ((step + 1) % (BEAT / STEP) !== 0) continue;
    outcome.use.push(used / (BEAT * CORES));
    throttle.beat(used / (BEAT * CORES), now + STEP);
    used = 0;
  }
  return outcome;
}

interface Start {
  readonly way: Way;
  readonly waiting: number[];
  readonly running: Task[];
  readonly pile: { left: number };
  readonly outcome: Outcome;
  readonly now: number;
  readonly places: number;
  readonly mayBatch: boolean;
}

/** With classes critical tasks have places of their own and go first; in one line they stand behind what came before. */
function startTasks(start: Start): void {
  const { way, waiting, running, pile, outcome, places, mayBatch } = start;
  const count = (critical: boolean): number => running.filter((task) => task.critical === critical).length;
  if (way.classes) {
    while (waiting.length > 0 && count(true) < CRITICAL_SLOTS) startCritical(start);
    while (pile.left > 0 && mayBatch && count(false) < places) startBatch(start);
    return;
  }
  while (running.length < SLOTS && pile.left + waiting.length > 0) {
    const next = isNext(waiting, outcome.batchDone + count(false), pile.left) ? startCritical : startBatch;
    next(start);
  }
}

function startCritical({ waiting, running, outcome, now }: Start): void {
  const since = waiting.shift() ?? now;
  outcome.waits.push(now - since);
  running.push({ critical: true, since, left: CRITICAL_WORK });
}

function startBatch({ running, pile, now }: Start): void {
  pile.left -= 1;
  running.push({ critical: false, since: now, left: BATCH_WORK });
}

/** One line: a producer keeps twenty batch tasks ahead of whatever comes. */
function isNext(waiting: number[], served: number, left: number): boolean {
  if (left > 0 && (waiting.length === 0 || served - (servedAt.get(waiting) ?? 0) < AHEAD)) return false;
  servedAt.set(waiting, served);
  return true;
}

const AHEAD = 20;
const servedAt = new WeakMap<number[], number>();

/** Shares the cores by weight; returns the core seconds that were used. */
function work(running: Task[], outcome: Outcome, now: number, classes: boolean): number {
  const weight = (task: Task): number => (classes && !task.critical ? NICE_WEIGHT : 1);
  let [cores, used] = [CORES, 0];
  // The heavier are served first, so that what one core cannot give them goes to the others.
  const order = running.toSorted((a, b) => weight(b) - weight(a));
  let total = order.reduce((sum, task) => sum + weight(task), 0);
  for (const task of order) {
    const share = Math.min(1, (cores * weight(task)) / total);
    const given = Math.min(task.left, share * STEP);
    task.left -= given;
    used += given;
    cores -= share;
    total -= weight(task);
  }
  for (let index = running.length - 1; index >= 0; index -= 1) {
    const task = running[index];
    if (task === undefined || task.left > 1e-9) continue;
    running.splice(index, 1);
    if (task.critical) outcome.responses.push(now + STEP - task.since);
    else outcome.batchDone += 1;
  }
  return used;
}

interface Throttled {
  beat(use: number, now: number): void;
  places(): number;
  mayBatch(now: number): boolean;
}

/** The ladder of the product, held as the brake of the queues holds it. */
function createThrottle(on: boolean): Throttled {
  const book = createLadderBook();
  const rules = OptimizerConfig.parse({}).throttle;
  const seen: number[] = [];
  let [heldUntil, share] = [0, 1];
  return {
    beat(use, now) {
      if (!on) return;
      seen.push(use);
      const used = mean(seen.slice(-3));
      const state = used > BUDGET ? 'over' : 'within';
      const one: BudgetUse = {
        target: null,
        resource: 'cpu',
        limit: BUDGET,
        used,
        latest: use,
        state,
        overSince: null,
        source: 'config',
        by: null,
        until: null,
      };
      book.take([one], rules);
      const ladder = book.all()[0]?.ladder;
      heldUntil = ladder !== undefined && batchShare(ladder) === 0 ? now + 3 * BEAT : 0;
      share = ladder?.queueShare ?? 1;
    },
    places: () => Math.max(1, Math.floor(SLOTS * share)),
    mayBatch: (now) => now >= heldUntil,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function p95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.95)] ?? 0;
}
