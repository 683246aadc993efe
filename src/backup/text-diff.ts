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
  const lines = hunks(left, right, commonLengths(left, right));
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

function hunks(
  left: readonly string[],
  right: readonly string[],
  lengths: readonly (readonly number[])[],
): readonly string[] {
  const lines: string[] = [];
  let isSame = true;
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    const move = moveAt(left, right, lengths, i, j);
    if (move !== 'same' && isSame) lines.push(`@ line ${i + 1}`);
    isSame = move === 'same';
    if (move === 'drop') lines.push(`-${left[i]}`);
    if (move === 'add') lines.push(`+${right[j]}`);
    i += STEP[move].left;
    j += STEP[move].right;
  }
  return lines;
}

const STEP = {
  same: { left: 1, right: 1 },
  drop: { left: 1, right: 0 },
  add: { left: 0, right: 1 },
} as const;

type Move = 'same' | 'drop' | 'add';

function moveAt(
  left: readonly string[],
  right: readonly string[],
  lengths: readonly (readonly number[])[],
  i: number,
  j: number,
): Move {
  if (i >= left.length) return 'add';
  if (j >= right.length) return 'drop';
  if (left[i] === right[j]) return 'same';
  return (lengths[i + 1]?.[j] ?? 0) >= (lengths[i]?.[j + 1] ?? 0) ? 'drop' : 'add';
}
