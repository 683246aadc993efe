/** A line diff of two small texts, for people: what would go and what would come, with the line numbers. Pure. */

/** Beyond this a diff tells a person nothing. */
const MOST_LINES = 400;
const MOST_SHOWN = 60;

/** Empty when one of them is too long or no text. Lines begin with `-`, `+` or `@`. */
export function textDiff(now: string, then: string): readonly string[] {
  if (now.includes('\0') || then.includes('\0')) return [];
  const left = now.split('\n');
  const right = then.split('\n');
  if (left.length > MOST_LINES || right.length > MOST_LINES) return [];
  const lines = [...hunks(left, right, commonLengths(left, right))];
  return lines.length <= MOST_SHOWN
    ? lines
    : [...lines.slice(0, MOST_SHOWN), `@ ${lines.length - MOST_SHOWN} more lines`];
}

/** lengths[i][j]: longest common run of lines in what follows i on the left and j on the right. */
function commonLengths(left: readonly string[], right: readonly string[]): readonly (readonly number[])[] {
  const lengths = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0));
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const row = lengths[i] ?? [];
      const below = lengths[i + 1] ?? [];
      row[j] = left[i] === right[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return lengths;
}

function* hunks(
  left: readonly string[],
  right: readonly string[],
  lengths: readonly (readonly number[])[],
): Generator<string> {
  let i = 0;
  let j = 0;
  let isSame = true;
  while (i < left.length || j < right.length) {
    if (i < left.length && left[i] === right[j]) {
      i += 1;
      j += 1;
      isSame = true;
      continue;
    }
    if (isSame) yield `@ line ${i + 1}`;
    isSame = false;
    const dropLeft = j >= right.length || (lengths[i + 1]?.[j] ?? -1) >= (lengths[i]?.[j + 1] ?? -1);
    if (dropLeft && i < left.length) {
      yield `-${left[i]}`;
      i += 1;
    } else {
      yield `+${right[j]}`;
      j += 1;
    }
  }
}
