/** The inverse of a symmetric positive definite matrix by Cholesky; row-major, square. */

export function invertSpd(matrix: Float64Array, size: number): Float64Array {
  const lower = cholesky(matrix, size);
  invertLower(lower, size);
  return gram(lower, size);
}

/** L with L·Lᵀ = matrix. A pivot that rounding made nonpositive is lifted: the caller's ridge keeps it rare. */
function cholesky(matrix: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = matrix[row * size + column] as number;
      const left = row * size;
      const right = column * size;
      for (let k = 0; k < column; k += 1) sum -= (lower[left + k] as number) * (lower[right + k] as number);
      lower[left + column] =
        row === column ? Math.sqrt(Math.max(sum, 1e-12)) : sum / (lower[right + column] as number);
    }
  }
  return lower;
}

function invertLower(lower: Float64Array, size: number): void {
  for (let row = 0; row < size; row += 1) {
    const pivot = 1 / (lower[row * size + row] as number);
    for (let column = 0; column < row; column += 1) {
      let sum = 0;
      for (let k = column; k < row; k += 1)
        sum += (lower[row * size + k] as number) * (lower[k * size + column] as number);
      lower[row * size + column] = -sum * pivot;
    }
    lower[row * size + row] = pivot;
  }
}

/** Mᵀ·M for a lower triangular M. */
function gram(lower: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size * size);
  for (let k = 0; k < size; k += 1) {
    for (let row = 0; row <= k; row += 1) {
      const factor = lower[k * size + row] as number;
      for (let column = 0; column <= row; column += 1) {
        out[row * size + column] =
          (out[row * size + column] as number) + factor * (lower[k * size + column] as number);
      }
    }
  }
  for (let row = 0; row < size; row += 1) {
    for (let column = row + 1; column < size; column += 1) {
      out[row * size + column] = out[column * size + row] as number;
    }
  }
  return out;
}
