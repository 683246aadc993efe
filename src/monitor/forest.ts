/**
 * Isolation forest behind two functions, `fit` and `score`: the second witness that explains and raises the
 * severity, never the score (mixed into the score it lowered it on every data set tried).
 *
 * Our own engine instead of ml-isolation-forest 0.1.0, whose faults a wrapper can only hide: it keeps old trees on
 * a second fit, has no seed short of swapping Math.random, grows on all rows, cannot be stored, and takes NaN
 * silently. This one is seeded, subsampled, plain data, and unknown values take the larger branch.
 */
import type { ForestParameters } from './detect/parameters.ts';
import { quantile } from './detect/robust.ts';

const EULER = 0.5772156649015329;
const FEWEST_ROWS = 100;

/** Flat trees: node `n` splits `column[n]` at `split[n]`; `column` -1 is a leaf with `size[n]` rows in it. */
export interface ForestModel {
  readonly width: number;
  readonly sample: number;
  readonly roots: Int32Array;
  readonly column: Int32Array;
  readonly split: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly size: Int32Array;
  /** The score that the training rows pass in 0.1 % of cases: ratio 1. */
  readonly unit: number;
}

/** Grows a forest on feature rows, row-major; null with fewer than 100 usable rows or nothing that varies. */
export function fit(rows: Float64Array, width: number, parameters: ForestParameters): ForestModel | null {
  const whole = knownRows(rows, width);
  if (whole.length < FEWEST_ROWS) return null;
  const random = seeded(parameters.seed);
  const sample = Math.min(parameters.sample, whole.length);
  const filled = fillUnknown(rows, width, whole);
  const trees = createTrees(filled, width, Math.ceil(Math.log2(sample)), random);
  for (let tree = 0; tree < parameters.trees; tree += 1) trees.grow(drawn(whole, sample, random));
  const bare = trees.model(sample);
  if (bare === null) return null;
  const every = Math.max(1, Math.floor(whole.length / 2_000));
  const scores: number[] = [];
  for (let index = 0; index < whole.length; index += every) {
    const at = (whole[index] ?? 0) * width;
    scores.push(rawScore(bare, filled.subarray(at, at + width)));
  }
  return { ...bare, unit: quantile(Float64Array.from(scores), parameters.ownPoint) };
}

/** How isolated a row is, as a ratio to the forest's own 99.9 % point: 1 and above is rare. */
export function score(model: ForestModel, features: Float64Array): number {
  return rawScore(model, features) / model.unit;
}

function rawScore(model: ForestModel, features: Float64Array): number {
  let total = 0;
  for (const root of model.roots) {
    let node = root;
    let depth = 0;
    while ((model.column[node] ?? -1) >= 0) {
      node = nextNode(model, node, features[model.column[node] ?? 0] ?? Number.NaN);
      depth += 1;
    }
    total += depth + averagePath(model.size[node] ?? 1);
  }
  return 2 ** (-total / model.roots.length / averagePath(model.sample));
}

function nextNode(model: ForestModel, node: number, value: number): number {
  const left = model.left[node] ?? 0;
  const right = model.right[node] ?? 0;
  if (Number.isNaN(value)) return (model.size[left] ?? 0) >= (model.size[right] ?? 0) ? left : right;
  return value < (model.split[node] ?? 0) ? left : right;
}

interface Trees {
  grow(rows: Int32Array): void;
  model(sample: number): ForestModel | null;
}

function createTrees(rows: Float64Array, width: number, deepest: number, random: () => number): Trees {
  const roots: number[] = [];
  const column: number[] = [];
  const split: number[] = [];
  const left: number[] = [];
  const right: number[] = [];
  const size: number[] = [];
  const value = (row: number, at: number): number => rows[row * width + at] ?? 0;

  function node(members: Int32Array, depth: number): number {
    const id = column.push(-1) - 1;
    split.push(0);
    left.push(0);
    right.push(0);
    size.push(members.length);
    const cut = depth >= deepest || members.length < 2 ? null : chooseCut(members);
    if (cut === null) return id;
    column[id] = cut.column;
    split[id] = cut.split;
    left[id] = node(
      members.filter((row) => value(row, cut.column) < cut.split),
      depth + 1,
    );
    right[id] = node(
      members.filter((row) => value(row, cut.column) >= cut.split),
      depth + 1,
    );
    return id;
  }

  /** A column that varies here, by chance, and a place between its ends; null where none of a few tries varies. */
  function chooseCut(members: Int32Array): { readonly column: number; readonly split: number } | null {
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const chosen = Math.floor(random() * width);
      let least = Number.POSITIVE_INFINITY;
      let greatest = Number.NEGATIVE_INFINITY;
      for (const row of members) {
        least = Math.min(least, value(row, chosen));
        greatest = Math.max(greatest, value(row, chosen));
      }
      const place = least + (greatest - least) * (1 - random());
      if (place > least) return { column: chosen, split: place };
    }
    return null;
  }

  return {
    grow: (members) => void roots.push(node(members, 0)),
    model: (sample) =>
      column.every((at) => at < 0)
        ? null
        : {
            width,
            sample,
            roots: Int32Array.from(roots),
            column: Int32Array.from(column),
            split: Float64Array.from(split),
            left: Int32Array.from(left),
            right: Int32Array.from(right),
            size: Int32Array.from(size),
            unit: 1,
          },
  };
}

/** Mean depth of an unsuccessful search among `count` values: what a leaf of many rows still hides. */
function averagePath(count: number): number {
  if (count <= 1) return 0;
  if (count === 2) return 1;
  return 2 * (Math.log(count - 1) + EULER) - (2 * (count - 1)) / count;
}

/** Rows of which at least half is known. */
function knownRows(rows: Float64Array, width: number): Int32Array {
  const usable: number[] = [];
  for (let row = 0; row * width < rows.length; row += 1) {
    let known = 0;
    for (let at = row * width; at < (row + 1) * width; at += 1) if (Number.isFinite(rows[at])) known += 1;
    if (known > 0 && known * 2 >= width) usable.push(row);
  }
  return Int32Array.from(usable);
}

/** Unknown features stand at their column's median: a gap must not look like a value of its own. */
function fillUnknown(rows: Float64Array, width: number, usable: Int32Array): Float64Array {
  if (rows.every(Number.isFinite)) return rows;
  const out = rows.slice();
  for (let column = 0; column < width; column += 1) {
    const known = usable.map((row) => row * width + column).filter((at) => Number.isFinite(rows[at]));
    const middle = known.length === 0 ? 0 : quantile(Float64Array.from(known, (at) => rows[at] ?? 0), 0.5);
    for (let at = column; at < out.length; at += width) if (!Number.isFinite(out[at])) out[at] = middle;
  }
  return out;
}

/** `count` rows without repeats, by a partial shuffle. */
function drawn(rows: Int32Array, count: number, random: () => number): Int32Array {
  const pool = rows.slice();
  for (let index = 0; index < count; index += 1) {
    const other = index + Math.floor(random() * (pool.length - index));
    const kept = pool[index] ?? 0;
    pool[index] = pool[other] ?? 0;
    pool[other] = kept;
  }
  return pool.subarray(0, count);
}

/** mulberry32: small, fast, the same everywhere. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
