/** What somebody probably meant: the closest known word, or `null` where nothing is close. Pure. */

const MOST_EDITS = 2;

export function nearest(word: string, known: readonly string[]): string | null {
  const typed = word.toLowerCase().slice(0, 60);
  if (typed === '') return null;
  const begins = known.filter((candidate) => candidate.startsWith(typed));
  if (typed.length >= 2 && begins.length === 1) return begins[0] ?? null;
  const limit = Math.min(MOST_EDITS, Math.floor((typed.length + 1) / 2));
  let best: string | null = null;
  let fewest = limit + 1;
  for (const candidate of known) {
    const count = edits(typed, candidate);
    if (count < fewest) [best, fewest] = [candidate, count];
  }
  return best;
}

/** Letters to add, drop or change to make `b` of `a`. */
function edits(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const changed = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      line.push(Math.min(changed, (above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1));
    }
    above = line;
  }
  return above[b.length] ?? Number.POSITIVE_INFINITY;
}
