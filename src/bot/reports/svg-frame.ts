/**
 * What every picture of a report has in common: its paper, its title, its measures, times along the bottom. Each stands
 * alone: no style sheet, no script, and no text that could be markup.
 */
import { type EpochMs, epochMs } from '../../domain/units.ts';
import { localTime } from '../figures.ts';

export const WIDTH = 900;
export const RIGHT = 885;
export const TOP = 30;

export interface Frame {
  readonly title: string;
  readonly height: number;
  /** Where the plot begins; what stands left of it are the labels of its lines. */
  readonly left: number;
}

/** @param parts Drawn in this order, above the paper. */
export function framed({ title, height, left }: Frame, parts: readonly string[]): string {
  const label = escaped(title);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/><text x="${left}" y="18" font-weight="bold" fill="#222">${label}</text>`,
    ...parts,
    '</svg>',
  ].join('');
}

/** First, middle and last moment below the plot. */
export function timeLabels(from: EpochMs, to: EpochMs, left: number, y: number, timezone: string): string {
  const labels = [
    { at: from, x: left, anchor: 'start' },
    { at: epochMs((from + to) / 2), x: rounded((left + RIGHT) / 2), anchor: 'middle' },
    { at: to, x: RIGHT, anchor: 'end' },
  ];
  return labels.map(({ at, x, anchor }) => text(x, y, localTime(at, timezone, epochMs(0)), anchor)).join('');
}

/** A line across the plot with its label left of it. */
export function level(y: number, left: number, label: string): string {
  return `<path d="M${left} ${y}H${RIGHT}" stroke="#ccc"/>${text(left - 6, rounded(y + 4), label, 'end')}`;
}

export function text(x: number, y: number, words: string, anchor = 'start', colour = '#555'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${colour}">${escaped(words)}</text>`;
}

/** Colour and word of each kind of mark, at the right of the title line. */
export function legend(entries: readonly (readonly [colour: string, word: string])[]): string {
  const wide = 165;
  return entries
    .map(([colour, word], index) => {
      const x = RIGHT - (entries.length - index) * wide;
      return `<rect x="${x}" y="9" width="10" height="10" fill="${colour}"/>${text(x + 15, 18, word)}`;
    })
    .join('');
}

export function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

export function escaped(words: string): string {
  return words
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
