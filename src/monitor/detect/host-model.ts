/**
 * The host score: all metrics of a host together. A fit is pure and heavy and runs in a worker thread; scoring
 * a row takes microseconds. Level and change are two distances; the level is the score, both give the alarm.
 */
import type { MetricName } from '../../domain/metric.ts';
import type { Ms } from '../../domain/units.ts';
import { type ForestModel, fit as fitForest } from '../forest.ts';
import { type Distance, fitDistance } from './distance.ts';
import {
  changeFeatures,
  type FeatureRows,
  featureRows,
  levelFeatures,
  meanStep,
  type RoughScale,
  type ScaledRows,
} from './features.ts';
import type { Stretch } from './history.ts';
import type { DetectorParameters, HostParameters } from './parameters.ts';
import { spreadOf } from './robust.ts';
import { fitScaling, type Scaling, scaleRows } from './scaling.ts';

/** What a fit needs; plain data that can be posted to another thread. */
export interface FitTask {
  readonly stretch: Stretch;
  readonly names: readonly MetricName[];
  readonly step: Ms;
  readonly parameters: DetectorParameters;
}

export interface HostModel {
  readonly names: readonly MetricName[];
  readonly step: Ms;
  readonly scaling: Scaling;
  readonly rough: RoughScale;
  readonly level: Distance;
  readonly change: Distance;
  readonly forest: ForestModel | null;
  /** Rows and own time it was learnt from. */
  readonly rows: number;
  readonly span: Ms;
}

/** Fits the models of a host; null where the history is too thin or too few metrics speak. Uses up the task's rows. */
export function fitHost(task: FitTask): HostModel | null {
  const { host } = task.parameters;
  blankUntaught(task.stretch);
  if (task.stretch.rows < host.fewestRows) return null;
  const scaling = fitScaling(task.stretch, task.step, host);
  if (scaling.columns.length < host.fewestMetrics) return null;

  const rows: ScaledRows = {
    values: scaleRows(task.stretch, scaling, host.rowCut),
    columns: scaling.columns.length,
  };
  const sizes = featureRows(host, task.step);
  const every = Math.max(1, Math.round(host.fitStep / task.step));
  const rough = fitRough(rows, sizes, every, host);
  const level = featureMatrix(rows, every, (row) => levelFeatures(rows, row, sizes, rough, host.featureCut));
  const change = featureMatrix(rows, every, (row) =>
    changeFeatures(rows, row, sizes, rough, host.featureCut),
  );
  return {
    names: scaling.columns.map((column) => task.names[column] ?? ''),
    step: task.step,
    scaling,
    rough,
    level: fitDistance(level, 3 * rows.columns, host),
    change: fitDistance(change, 2 * rows.columns, host),
    forest: fitForest(level, 3 * rows.columns, task.parameters.forest),
    rows: task.stretch.rows,
    span: task.stretch.span,
  };
}

/** Rows that must not teach are as good as unknown. */
function blankUntaught({ values, taught, columns }: Stretch): void {
  for (const [row, teaches] of taught.entries()) {
    if (teaches === 0) values.fill(Number.NaN, row * columns, (row + 1) * columns);
  }
}

function featureMatrix(
  rows: ScaledRows,
  every: number,
  featuresOf: (row: number) => Float64Array,
): Float64Array {
  const count = Math.floor(rows.values.length / rows.columns / every);
  let out = new Float64Array(0);
  for (let index = 0; index < count; index += 1) {
    const features = featuresOf(index * every + every - 1);
    if (index === 0) out = new Float64Array(count * features.length);
    out.set(features, index * features.length);
  }
  return out;
}

function fitRough(rows: ScaledRows, sizes: FeatureRows, every: number, host: HostParameters): RoughScale {
  const centre = new Float64Array(rows.columns);
  const scale = new Float64Array(rows.columns).fill(1);
  const count = rows.values.length / rows.columns;
  for (let column = 0; column < rows.columns; column += 1) {
    const steps: number[] = [];
    for (let row = every - 1; row < count; row += every) {
      const step = meanStep(rows, column, row, sizes.rough);
      if (!Number.isNaN(step)) steps.push(step);
    }
    if (steps.length === 0) continue;
    const spread = spreadOf(Float64Array.from(steps));
    centre[column] = spread.centre;
    scale[column] = Math.max(spread.mad, 0.3 * spread.deviation, host.roughFloor);
  }
  return { centre, scale };
}
