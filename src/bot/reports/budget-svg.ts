/**
 * Use against budget hour by hour as a picture that stands alone: the mean as a bar, the highest as a line on it, the
 * budget across. Pure. Time without data stays empty, never a zero.
 */
import type { BudgetHistory } from '../../domain/optimizer.ts';
import { epochMs } from '../../domain/units.ts';
import { figure, localTime } from '../figures.ts';

const WIDTH = 900;
const HEIGHT = 220;
const LEFT = 60;
const RIGHT = 885;
const TOP = 30;
const BOTTOM = 185;

/** `null` where nothing is known. */
export function budgetSvg(title: string, { use, hours }: BudgetHistory, timezone: string): string | null {
  const known = hours.flatMap(({ highest }) => (highest === null ? [] : [highest]));
  const [first, last] = [hours[0], hours.at(-1)];
  if (known.length === 0 || first === undefined || last === undefined) return null;
  const most = known.reduce((top, value) => Math.max(top, value), use.limit) * 1.05 || 1;
  const y = (value: number): number => rounded(BOTTOM - (value / most) * (BOTTOM - TOP));
  const wide = (RIGHT - LEFT) / hours.length;
  const label = escaped(title);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/><text x="${LEFT}" y="18" font-weight="bold" fill="#222">${label}</text>`,
    `<path d="M${LEFT} ${BOTTOM}H${RIGHT}" stroke="#ccc"/>`,
    ...hours.map((hour, index) => bar(hour, rounded(LEFT + index * wide), rounded(wide * 0.8), use.limit, y)),
    `<path d="M${LEFT} ${y(use.limit)}H${RIGHT}" stroke="#b3261e" stroke-dasharray="6 4"/>`,
    `<text x="${LEFT - 6}" y="${y(use.limit) + 4}" text-anchor="end" fill="#b3261e">${escaped(figure(use.limit, 'ratio'))}</text>`,
    `<text x="${LEFT - 6}" y="${BOTTOM + 4}" text-anchor="end" fill="#555">0 %</text>`,
    `<text x="${LEFT}" y="${BOTTOM + 20}" fill="#555">${localTime(first.at, timezone, epochMs(0))}</text>`,
    `<text x="${RIGHT}" y="${BOTTOM + 20}" text-anchor="end" fill="#555">${localTime(last.at, timezone, epochMs(0))}</text>`,
    '</svg>',
  ].join('');
}

function bar(
  { mean, highest }: BudgetHistory['hours'][number],
  x: number,
  width: number,
  limit: number,
  y: (value: number) => number,
): string {
  if (mean === null || highest === null) return '';
  const colour = mean > limit ? '#d9806f' : '#7ea6d3';
  return `<rect x="${x}" y="${y(mean)}" width="${width}" height="${rounded(BOTTOM - y(mean))}" fill="${colour}"/><path d="M${x} ${y(highest)}h${width}" stroke="#1f5fa8"/>`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
