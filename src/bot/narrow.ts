/**
 * Tables for a phone. A chat shows about forty characters of code in a line there, and a wrapped table is a riddle:
 * a row that is wider becomes an item of a few short lines, its first cells first, the others indented under it.
 */

/** What a phone shows of a code block without wrapping. */
const WIDTH = 44;
const INDENT = '  ';
const GAP = / {2,}/;
/** A label and its value read well as they wrap; three cells do not. */
const LEAST_CELLS = 3;

/** The text with every table that is too wide for a phone as items of short lines; all else as it is. */
export function narrow(text: string): string {
  const blocks: string[][] = [];
  for (const row of text.split('\n')) {
    const last = blocks.at(-1);
    if (last !== undefined && isTable(last[0] ?? '') === isTable(row)) last.push(row);
    else blocks.push([row]);
  }
  return blocks.flatMap((block) => (isTooWide(block) ? block.flatMap(item) : block)).join('\n');
}

function isTooWide(block: readonly string[]): boolean {
  return block.some((row) => row.length > WIDTH && cellsOf(row).length >= LEAST_CELLS);
}

function isTable(row: string): boolean {
  return cellsOf(row).length > 1;
}

function cellsOf(row: string): readonly string[] {
  return row.trim().split(GAP);
}

function item(row: string): readonly string[] {
  const lines: string[] = [];
  for (const cell of cellsOf(row)) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(cell);
    else if (last.length + INDENT.length + cell.length <= WIDTH) lines.push(`${lines.pop()}${INDENT}${cell}`);
    else lines.push(`${INDENT}${cell}`);
  }
  return lines;
}
