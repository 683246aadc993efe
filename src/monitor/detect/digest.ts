/**
 * A quantile sketch of one stream's own past: a merging t-digest, fine at both ends, about 8 kB whatever its age.
 *
 * Quantiles are those of the last compression, at most one buffer behind; least and greatest are exact. When
 * the past is full every weight is halved, so that a host that changed is judged by what it does now.
 */

/** Coarser ones moved the 99.5 % point enough to lose alarms. */
const CENTROIDS = 400;
const BUFFER = 256;
/** Digests of different phase compress at different values, so that a row never pays for those of all metrics. */
const TURNS = 16;

export interface DigestState {
  readonly means: Float64Array;
  readonly weights: Float64Array;
  readonly pending: Float64Array;
  readonly weight: number;
  readonly count: number;
  readonly least: readonly [number, number];
  readonly greatest: readonly [number, number];
  readonly points: readonly [number, number, number];
}

/** What a value is compared with. */
export interface OwnPast {
  /** Values seen, also those that have faded. */
  readonly count: number;
  readonly low: number;
  readonly median: number;
  readonly high: number;
  readonly least: number;
  readonly greatest: number;
}

export interface Digest {
  add(value: number): void;
  past(): OwnPast;
  save(): DigestState;
}

const FRESH: DigestState = {
  means: new Float64Array(0),
  weights: new Float64Array(0),
  pending: new Float64Array(0),
  weight: 0,
  count: 0,
  least: [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  greatest: [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  points: [0, 0, 0],
};

export interface DigestOptions {
  /** Share of values beyond `high`, and below `low`. */
  readonly tail: number;
  /** Weight at which the past fades. */
  readonly capacity: number;
  /** Whole number: whose turn it is to compress. */
  readonly phase: number;
}

export function createDigest({ tail, capacity, phase }: DigestOptions, saved?: DigestState): Digest {
  const from = saved ?? FRESH;
  let { means, weights, weight, count, least, greatest, points } = from;
  let pending = from.pending.length;
  const buffer = new Float64Array(BUFFER + TURNS);
  buffer.set(from.pending);

  function compress(): void {
    const merged = mergeSorted(means, weights, buffer.subarray(0, pending).sort(), weight + pending);
    weight += pending;
    pending = 0;
    means = merged.means;
    weights = merged.weights;
    const quantile = (share: number): number => quantileOf(means, weights, weight, share);
    points = [quantile(tail), quantile(0.5), quantile(1 - tail)];
    if (weight >= capacity) fade();
  }

  function fade(): void {
    weights = weights.map((value) => value / 2);
    weight /= 2;
    least = [least[1], Number.POSITIVE_INFINITY];
    greatest = [greatest[1], Number.NEGATIVE_INFINITY];
  }

  /** A young past is cheap and compressed at once. */
  function isDue(): boolean {
    const enough = Math.min(BUFFER, 1 + (weight >> 5));
    return pending >= enough && (enough < TURNS || (count + phase) % TURNS === 0);
  }

  return {
    add(value) {
      buffer[pending] = value;
      pending += 1;
      count += 1;
      least = [least[0], Math.min(least[1], value)];
      greatest = [greatest[0], Math.max(greatest[1], value)];
      if (isDue()) compress();
    },
    past: () => ({
      count,
      low: points[0],
      median: points[1],
      high: points[2],
      least: Math.min(least[0], least[1]),
      greatest: Math.max(greatest[0], greatest[1]),
    }),
    save: () => ({
      means,
      weights,
      pending: buffer.slice(0, pending),
      weight,
      count,
      least,
      greatest,
      points,
    }),
  };
}

interface Centroids {
  readonly means: Float64Array;
  readonly weights: Float64Array;
}

/** Centroids may span one unit of the arcsine scale: single values at the ends, broad ones in the middle. */
function mergeSorted(
  means: Float64Array,
  weights: Float64Array,
  fresh: Float64Array,
  total: number,
): Centroids {
  const out = {
    means: new Float64Array(means.length + fresh.length),
    weights: new Float64Array(means.length + fresh.length),
  };
  let size = 0;
  let done = 0;
  let bound = 0;
  let young = 0;
  for (let old = 0; old + young < out.means.length; ) {
    const isOld = young >= fresh.length || (old < means.length && at(means, old) <= at(fresh, young));
    const mean = isOld ? at(means, old) : at(fresh, young);
    const weight = isOld ? at(weights, old) : 1;
    if (isOld) old += 1;
    else young += 1;
    if (size === 0 || done + weight > bound) {
      bound = total * nextBound(done / total);
      size += 1;
    }
    const joined = at(out.weights, size - 1) + weight;
    out.means[size - 1] = at(out.means, size - 1) + ((mean - at(out.means, size - 1)) * weight) / joined;
    out.weights[size - 1] = joined;
    done += weight;
  }
  return { means: out.means.slice(0, size), weights: out.weights.slice(0, size) };
}

function nextBound(share: number): number {
  const scale = (CENTROIDS / (2 * Math.PI)) * Math.asin(2 * Math.min(1, share) - 1) + 1;
  return scale >= CENTROIDS / 4 ? 1 : (Math.sin((2 * Math.PI * scale) / CENTROIDS) + 1) / 2;
}

/** Between the middles of neighbouring centroids. */
function quantileOf(means: Float64Array, weights: Float64Array, total: number, share: number): number {
  const target = share * total;
  let before = 0;
  let lastMiddle = 0;
  for (let index = 0; index < means.length; index += 1) {
    const middle = before + at(weights, index) / 2;
    const mean = at(means, index);
    if (middle >= target) {
      const part = index === 0 ? 1 : (target - lastMiddle) / (middle - lastMiddle);
      return mean - (1 - part) * (mean - at(means, index - 1));
    }
    before += at(weights, index);
    lastMiddle = middle;
  }
  return at(means, means.length - 1);
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? 0;
}
