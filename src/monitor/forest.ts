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

/** Constant columns are passed over: a metric that never moved splits nothing and has its own rules. */
const CUT_TRIES = 8;
const EULER = 0.5772156649015329;
const FEWEST_ROWS = 100;
/** More training rows than this change nothing: each tree draws 256 of them. */
const MOST_ROWS = 4_000;

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
  const training = trainingRows(rows, width);
  const count = training.length / Math.max(1, width);
  if (count < FEWEST_ROWS) return null;
  const random = seeded(parameters.seed);
  const sample = Math.min(parameters.sample, count);
  const trees = new Trees(training, width, Math.ceil(Math.log2(sample)), random);
  const all = Int32Array.from({ length: count }, (_, row) => row);
  for (let tree = 0; tree < parameters.trees; tree += 1) trees.grow(drawn(all, sample, random));
  const bare = trees.model(sample);
  if (bare === null) return null;
  const every = Math.max(1, Math.floor(count / 2_000));
  const scores: number[] = [];
  for (let row = 0; row < count; row += every) {
    scores.push(rawScore(bare, training.subarray(row * width, (row + 1) * width)));
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

interface Cut {
  readonly column: number;
  readonly split: number;
}

/** Trees under construction, as growing columns of plain numbers. */
class Trees {
  private readonly rows: Float64Array;
  private readonly width: number;
  private readonly deepest: number;
  private readonly random: () => number;
  private readonly roots: number[] = [];
  private readonly column: number[] = [];
  private readonly split: number[] = [];
  private readonly left: number[] = [];
  private readonly right: number[] = [];
  private readonly size: number[] = [];

  constructor(rows: Float64Array, width: number, deepest: number, random: () => number) {
    this.rows = rows;
    this.width = width;
    this.deepest = deepest;
    this.random = random;
  }

  grow(members: Int32Array): void {
    this.roots.push(this.node(members, 0));
  }

  /** `null` where nothing could be split: rows that are all alike. */
  model(sample: number): ForestModel | null {
    if (this.column.every((column) => column < 0)) return null;
    return {
      width: this.width,
      sample,
      roots: Int32Array.from(this.roots),
      column: Int32Array.from(this.column),
      split: Float64Array.from(this.split),
      left: Int32Array.from(this.left),
      right: Int32Array.from(this.right),
      size: Int32Array.from(this.size),
      unit: 1,
    };
  }

  private node(members: Int32Array, depth: number): number {
    const id = this.column.push(-1) - 1;
    this.split.push(0);
    this.left.push(0);
    this.right.push(0);
    this.size.push(members.length);
    const cut = depth >= this.deepest || members.length < 2 ? null : this.chooseCut(members);
    if (cut === null) return id;
    const below = members.filter((row) => this.value(row, cut.column) < cut.split);
    const above = members.filter((row) => this.value(row, cut.column) >= cut.split);
    this.column[id] = cut.column;
    this.split[id] = cut.split;
    this.left[id] = this.node(below, depth + 1);
    this.right[id] = this.node(above, depth + 1);
    return id;
  }

  /** A column that varies here, by chance, and a place between its ends; `null` where none of a few tries varies. */
  private chooseCut(members: Int32Array): Cut | null {
    for (let attempt = 0; attempt < CUT_TRIES; attempt += 1) {
      const column = Math.floor(this.random() * this.width);
      let least = Number.POSITIVE_INFINITY;
      let greatest = Number.NEGATIVE_INFINITY;
      for (const row of members) {
        least = Math.min(least, this.value(row, column));
        greatest = Math.max(greatest, this.value(row, column));
      }
      const split = least + (greatest - least) * (1 - this.random());
      if (split > least) return { column, split };
    }
    return null;
  }

  private value(row: number, column: number): number {
    return this.rows[row * this.width + column] as number;
  }
}

/** Mean depth of an unsuccessful search among `count` values: what a leaf of many rows still hides. */
function averagePath(count: number): number {
  if (count <= 1) return 0;
  if (count === 2) return 1;
  return 2 * (Math.log(count - 1) + EULER) - (2 * (count - 1)) / count;
}

/**
 * At most 4,000 rows of which at least half is known. Unknown features stand at their column's median: a gap
 * must not look like a value of its own.
 */
function trainingRows(rows: Float64Array, width: number): Float64Array {
  const usable: number[] = [];
  for (let at = 0; at + width <= rows.length; at += width) {
    if (knownIn(rows.subarray(at, at + width)) * 2 >= width) usable.push(at);
  }
  const every = Math.max(1, Math.ceil(usable.length / MOST_ROWS));
  const chosen = usable.filter((_, index) => index % every === 0);
  const out = new Float64Array(chosen.length * width);
  for (const [row, at] of chosen.entries()) out.set(rows.subarray(at, at + width), row * width);
  if (knownIn(out) < out.length)
    for (let column = 0; column < width; column += 1) fillColumn(out, column, width);
  return out;
}

function knownIn(values: Float64Array): number {
  let known = 0;
  for (const value of values) if (Number.isFinite(value)) known += 1;
  return known;
}

function fillColumn(rows: Float64Array, column: number, width: number): void {
  const known: number[] = [];
  for (let at = column; at < rows.length; at += width)
    if (Number.isFinite(rows[at])) known.push(rows[at] ?? 0);
  const middle = known.length === 0 ? 0 : quantile(Float64Array.from(known), 0.5);
  for (let at = column; at < rows.length; at += width) if (!Number.isFinite(rows[at])) rows[at] = middle;
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
