/** Tables of the reports. Foreign text in them neither breaks the table nor becomes a link or markup. Pure. */
import type { ReportPicture } from '../../domain/report.ts';

const LONGEST_CELL = 300;

/** Head and rows, or `nothing` where there are no rows. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  nothing: string,
): readonly string[] {
  if (rows.length === 0) return [nothing];
  return [tableRow(head), tableRow(head.map(() => '---')), ...rows.map(tableRow)];
}

export function tableRow(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** Each picture by the name of its file, a paragraph of its own. */
export function pictureLines(
  pictures: readonly Pick<ReportPicture, 'slug' | 'alt'>[],
  picture: (slug: string) => string,
): readonly string[] {
  return pictures.flatMap(({ slug, alt }) => [`![${cell(alt)}](${picture(slug)})`, '']);
}

export function cell(text: string): string {
  return text
    .replaceAll(/[|[\]<>`]/g, (letter) => `\\${letter}`)
    .replaceAll(/\s+/g, ' ')
    .slice(0, LONGEST_CELL);
}
