import { describe, expect, it } from 'vitest';
import { invertSpd } from '../../../../src/monitor/detect/spd.ts';
import { createSeededRandom } from '../../../support/memory-ports.ts';

const SIZE = 12;

/** Row `i` of `left` times column `j` of `right`. */
function product(left: Float64Array, right: Float64Array, i: number, j: number): number {
  let sum = 0;
  for (let k = 0; k < SIZE; k += 1) sum += (left[i * SIZE + k] ?? 0) * (right[k * SIZE + j] ?? 0);
  return sum;
}

function eachCell(fill: (i: number, j: number) => number): Float64Array {
  return Float64Array.from({ length: SIZE * SIZE }, (_, at) => fill(Math.floor(at / SIZE), at % SIZE));
}

describe('invertSpd', () => {
  it('gives the identity when multiplied back', () => {
    const random = createSeededRandom(2);
    const half = eachCell(() => random.next() - 0.5);
    const turned = eachCell((i, j) => half[j * SIZE + i] ?? 0);
    const matrix = eachCell((i, j) => product(half, turned, i, j) + (i === j ? 0.1 : 0));
    const inverse = invertSpd(matrix, SIZE);

    const back = eachCell((i, j) => product(matrix, inverse, i, j));
    for (const [at, value] of back.entries()) expect(value).toBeCloseTo(at % (SIZE + 1) === 0 ? 1 : 0, 8);
  });
});
