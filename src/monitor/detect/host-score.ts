/**
 * Scores grid rows against a fitted host model, as they come.
 *
 * Unknown features are taken out of the model exactly (the marginal of what is known), so that a metric that
 * fell silent never looks like a broken correlation; with too little known there is no score at all.
 */
import type { MetricName } from '../../domain/metric.ts';
import { type Ms, ms } from '../../domain/units.ts';
import { score as forestScore } from '../forest.ts';
import { type Distance, marginalOf, measure } from './distance.ts';
import { changeFeatures, featureRows, levelFeatures } from './features.ts';
import type { History } from './history.ts';
import type { HostModel } from './host-model.ts';
import type { HostParameters } from './parameters.ts';
import { scaleRows } from './scaling.ts';

/** Under this share of known features a row is unknown as a whole. */
const FEWEST_KNOWN = 0.5;

export interface Contribution {
  readonly metric: MetricName;
  /** Share of the squared distance, 0..1. */
  readonly share: number;
}

export interface HostReading {
  /** How far from usual, in units of what the host passes in 1 % of its time. */
  readonly level: number;
  /** The same of the change within the last hour; the level stands in while it is unknown. */
  readonly change: number;
  /** How unusual the row is: the level, and a little of the change. */
  readonly unusual: number;
  /** What raises an alarm: half level, half change. Two views that must agree make few false alarms. */
  readonly alarm: number;
  /** How much history the model was learnt from. */
  readonly knows: Ms;
  contributions(): readonly Contribution[];
  /** Ratio to the forest's own 99.9 % point; `null` where there is no forest. */
  forest(): number | null;
}

export interface HostScore {
  /** Reads the newest row of the history; `null` = unknown. */
  read(history: History): HostReading | null;
}

export function createHostScore(model: HostModel, parameters: HostParameters): HostScore {
  const sizes = featureRows(parameters, model.step);
  const width = model.scaling.columns.length;
  const level = createMeasure(model.level);
  const change = createMeasure(model.change);

  return {
    read(history) {
      const stretch = history.tail(sizes.reach);
      if (stretch.rows === 0) return null;
      const rows = { values: scaleRows(stretch, model.scaling, parameters.rowCut), columns: width };
      const last = stretch.rows - 1;
      if (!isMostlyKnown(rows.values.subarray(last * width))) return null;
      const features = levelFeatures(rows, last, sizes, model.rough, parameters.featureCut);
      const levelNow = level(features);
      if (levelNow === null) return null;
      const changeNow =
        change(changeFeatures(rows, last, sizes, model.rough, parameters.featureCut)) ?? levelNow;
      return {
        level: levelNow.ratio,
        change: changeNow.ratio,
        unusual: levelNow.ratio + parameters.changeShare * (changeNow.ratio - levelNow.ratio),
        knows: ms(model.span + model.step),
        alarm: (levelNow.ratio + changeNow.ratio) / 2,
        contributions: () => joined(model, width, [levelNow, changeNow]),
        forest: () => (model.forest === null ? null : forestScore(model.forest, features)),
      };
    },
  };
}

interface Measured {
  readonly ratio: number;
  /** What each feature gave, over all features of the model; computed only when asked. */
  shares(): Float64Array;
}

function createMeasure(whole: Distance): (features: Float64Array) => Measured | null {
  let cachedKey = '';
  let cached: Distance = whole;
  return (features) => {
    if (!features.some(Number.isNaN)) return measured(whole, features, null);
    const known = [...features.keys()].filter((index) => !Number.isNaN(features[index]));
    if (known.length < FEWEST_KNOWN * whole.size) return null;
    const key = known.join();
    if (key !== cachedKey) cached = marginalOf(whole, known);
    cachedKey = key;
    return measured(
      cached,
      Float64Array.from(known, (index) => features[index] ?? 0),
      { known, size: whole.size },
    );
  };
}

/** @param place where the known features stand among all, or `null` where all are known. */
function measured(
  part: Distance,
  values: Float64Array,
  place: { readonly known: readonly number[]; readonly size: number } | null,
): Measured {
  return {
    ratio: measure(part, values, null),
    shares: () => {
      const own = new Float64Array(part.size);
      measure(part, values, own);
      if (place === null) return own;
      const out = new Float64Array(place.size);
      for (const [index, feature] of place.known.entries()) out[feature] = own[index] ?? 0;
      return out;
    },
  };
}

function isMostlyKnown(row: Float32Array): boolean {
  let known = 0;
  for (const value of row) if (!Number.isNaN(value)) known += 1;
  return known > 0 && known >= FEWEST_KNOWN * row.length;
}

/** Shares by metric over both views, greatest first; a feature that pulled towards normal counts as nothing. */
function joined(model: HostModel, width: number, views: readonly Measured[]): readonly Contribution[] {
  const sums = new Float64Array(width);
  for (const view of views) {
    for (const [index, share] of view.shares().entries()) {
      sums[index % width] = (sums[index % width] ?? 0) + Math.max(0, share);
    }
  }
  let total = 0;
  for (const sum of sums) total += sum;
  return model.names
    .map((metric, index) => ({ metric, share: total === 0 ? 0 : (sums[index] ?? 0) / total }))
    .sort((a, b) => b.share - a.share);
}
