/**
 * Keeps the streaming detector of the live monitor: brings it back after a restart, lets it learn what it missed,
 * has its models fitted in a worker thread and saves what it has learnt.
 *
 * A row is judged by whatever is known at that moment and never waits: not for the disk, not for a fit.
 */
import { describeError } from '../../domain/errors.ts';
import { unitOf } from '../../domain/metric.ts';
import type { Cancel, Clock, Logger } from '../../domain/ports.ts';
import type { RollupReader } from '../../domain/rollup.ts';
import { before, type EpochMs, epochMs, hours, type Ms, ms } from '../../domain/units.ts';
import { createDetector, type Detector, type DetectorState } from '../detect/detector.ts';
import type { FitThread } from '../detect/fit-thread.ts';
import type { FitTask } from '../detect/host-model.ts';
import type { DetectorRow, Judgement } from '../detect/judgement.ts';
import type { DetectorParameters, ForestParameters } from '../detect/parameters.ts';
import type { ModelFile } from './model-file.ts';
import { type RollupRow, rollupRows } from './rollup-rows.ts';

/** A crash costs at most so much of what was learnt, and the roll-ups bring that back. */
const SAVE_EVERY: Ms = hours(6);
/** Learning from weeks of rows hands the loop back this often. */
const LONGEST_TURN: Ms = ms(5);

/** What is known of the host model; for reports. */
export interface ModelView {
  /** 0 = there is no model yet. */
  readonly metrics: number;
  /** How much history it was learnt from. */
  readonly learntFrom: Ms;
  /** Time since it was fitted; `null` before the first fit. */
  readonly age: Ms | null;
}

export interface ModelKeeper {
  judge(row: DetectorRow): Judgement;
  view(): ModelView;
  /** Resolves when what was learnt before is back. Rows may be judged meanwhile. */
  start(): Promise<void>;
  /** Ends a fit under way and saves. */
  stop(): Promise<void>;
}

export interface ModelKeeperDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly parameters: DetectorParameters;
  readonly forest: () => ForestParameters;
  readonly localTime: (at: EpochMs) => number;
  readonly file: ModelFile;
  readonly thread: FitThread;
  readonly rollups: RollupReader;
}

export function createModelKeeper(deps: ModelKeeperDeps): ModelKeeper {
  const { clock, log, file, thread } = deps;
  let detector = newDetector(deps, null);
  let fitting = false;
  let stopped = false;
  let cancel: Cancel = () => {};
  let starting: Promise<void> = Promise.resolve();

  async function bringBack(): Promise<void> {
    const saved = await file.read();
    const known = newDetector(deps, saved);
    await catchUp(known, saved, deps, () => stopped);
    if (!stopped) detector = known;
  }

  function fitIfDue(): void {
    if (fitting || stopped) return;
    const asked = detector;
    const task = asked.dueFit();
    if (task === null) return;
    fitting = true;
    void fitNow(task, asked);
  }

  async function fitNow(task: FitTask, asked: Detector): Promise<void> {
    try {
      const model = await thread.fit({ ...task, parameters: { ...task.parameters, forest: deps.forest() } });
      if (asked !== detector || stopped) return;
      asked.install(model);
      await file.write(asked.save());
    } catch (cause) {
      if (!stopped) log.warn('the host model could not be fitted', { error: describeError(cause) });
    } finally {
      fitting = false;
    }
  }

  return {
    judge(row) {
      const judgement = detector.judge(row);
      fitIfDue();
      return judgement;
    },
    view() {
      const model = detector.model();
      const age = model === null ? null : detector.sinceFit();
      return { metrics: model?.names.length ?? 0, learntFrom: ms(model?.span ?? 0), age };
    },
    start() {
      cancel = clock.every(SAVE_EVERY, () => file.write(detector.save()));
      starting = bringBack();
      return starting;
    },
    async stop() {
      stopped = true;
      cancel();
      await Promise.all([starting, thread.stop()]);
      await file.write(detector.save());
    },
  };
}

/** Metrics that are plainly up or down have rules of their own and no place in a model. */
export function isModelled(metric: string): boolean {
  return unitOf(metric) !== 'up';
}

function newDetector({ parameters, localTime }: ModelKeeperDeps, saved: DetectorState | null): Detector {
  return createDetector({ parameters, localTime, ...(saved === null ? {} : { saved }) });
}

/** The minutes since it was saved; with nothing saved, the weeks that are kept. */
async function catchUp(
  detector: Detector,
  saved: DetectorState | null,
  { clock, rollups, parameters }: ModelKeeperDeps,
  isStopped: () => boolean,
): Promise<void> {
  const now = clock.now();
  const oldest = before(now, parameters.host.history);
  const from = epochMs(Math.max(oldest, (saved?.grid.last ?? 0) + 1));
  let turn = clock.monotonic();
  for (const row of rollupRows(rollups, from, now)) {
    detector.learn(learningRow(row));
    if (clock.monotonic() - turn < LONGEST_TURN) continue;
    await clock.sleep(ms(0));
    turn = clock.monotonic();
    if (isStopped()) return;
  }
}

function learningRow({ at, values, teaches }: RollupRow): DetectorRow {
  return { at, values: new Map([...values].filter(([metric]) => isModelled(metric))), teaches };
}
