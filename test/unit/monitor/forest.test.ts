import { describe, expect, it } from 'vitest';
import { PARAMETERS } from '../../../src/monitor/detect/parameters.ts';
import { fit as fitForest, score } from '../../../src/monitor/forest.ts';
import { createSeededRandom } from '../../support/memory-ports.ts';

const WIDTH = 6;

/** Rows of correlated noise around 0; column 5 never moves. */
function trainingRows(
  count: number,
  change: (row: Float64Array, index: number) => void = () => {},
): Float64Array {
  const random = createSeededRandom(6);
  const out = new Float64Array(count * WIDTH);
  for (let index = 0; index < count; index += 1) {
    const shared = random.next() + random.next() - 1;
    const row = Float64Array.from({ length: WIDTH }, (_, column) =>
      column === 5 ? 5 : shared + random.next() - 0.5,
    );
    change(row, index);
    out.set(row, index * WIDTH);
  }
  return out;
}

function grown(rows: Float64Array) {
  const model = fitForest(rows, WIDTH, PARAMETERS.forest);
  if (model === null) throw new Error('no forest');
  return model;
}

describe('fit', () => {
  it('is the same forest for the same rows and seed, and another for another seed', () => {
    const rows = trainingRows(1_000);

    expect(fitForest(rows, WIDTH, PARAMETERS.forest)).toEqual(fitForest(rows, WIDTH, PARAMETERS.forest));
    expect(fitForest(rows, WIDTH, { ...PARAMETERS.forest, seed: 8 })).not.toEqual(
      fitForest(rows, WIDTH, PARAMETERS.forest),
    );
  });

  it('forgets the old rows on a second fit', () => {
    const moved = grown(trainingRows(1_000, (row) => row.set(row.map((value) => value + 100))));

    expect(score(moved, Float64Array.of(100, 100, 100, 100, 100, 105))).toBeLessThan(0.95);
    expect(score(moved, Float64Array.of(0, 0, 0, 0, 0, 5))).toBeGreaterThan(1);
  });

  it('says that it cannot, with too few rows or nothing that varies', () => {
    expect(fitForest(trainingRows(99), WIDTH, PARAMETERS.forest)).toBeNull();
    expect(fitForest(new Float64Array(1_000 * WIDTH), WIDTH, PARAMETERS.forest)).toBeNull();
    expect(fitForest(new Float64Array(0), WIDTH, PARAMETERS.forest)).toBeNull();
  });

  it('survives storing: it is plain data', () => {
    const model = grown(trainingRows(500));

    expect(score(structuredClone(model), new Float64Array(WIDTH))).toBe(
      score(model, new Float64Array(WIDTH)),
    );
  });
});

describe('score', () => {
  const model = grown(trainingRows(4_000));

  it('is passed by about one training row in a thousand', () => {
    const rows = trainingRows(4_000);
    let beyond = 0;
    for (let at = 0; at < rows.length; at += WIDTH)
      if (score(model, rows.subarray(at, at + WIDTH)) > 1) beyond += 1;

    expect(beyond).toBeLessThanOrEqual(12);
  });

  it('ranks far rows above near ones', () => {
    expect(score(model, Float64Array.of(3, -3, 3, -3, 3, 5))).toBeGreaterThan(1);
    expect(score(model, Float64Array.of(0, 0, 0, 0, 0, 5))).toBeLessThan(0.8);
  });

  it('sees a cluster of trouble that was in its training, as subsampling promises', () => {
    const spoilt = grown(trainingRows(4_000, (row, index) => index % 33 === 0 && row.fill(4, 0, 5)));

    expect(score(spoilt, Float64Array.of(4, 4, 4, 4, 4, 5))).toBeGreaterThan(
      score(spoilt, Float64Array.of(0.3, 0.3, 0.3, 0.3, 0.3, 5)),
    );
  });

  it('takes an unknown value for an ordinary one', () => {
    expect(score(model, Float64Array.of(0, Number.NaN, 0, 0, 0, 5))).toBeLessThan(1);
    expect(score(model, new Float64Array(WIDTH).fill(Number.NaN))).toBeLessThan(1);
  });

  it('learns from rows with gaps', () => {
    const gappy = grown(trainingRows(2_000, (row, index) => index % 3 === 0 && row.fill(Number.NaN, 1, 3)));

    expect(Number.isFinite(gappy.unit)).toBe(true);
    expect(score(gappy, Float64Array.of(3, -3, 3, -3, 3, 5))).toBeGreaterThan(1);
  });
});
