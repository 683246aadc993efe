/**
 * Use against budget hour by hour as a picture that stands alone: the mean as a bar, the highest as a line on it, the
 * budget across. Pure. Time without data stays empty, never a zero.
 */
import type { BudgetHistory } from '../../domain/optimizer.ts';
import { type EpochMs, epochMs } from '../../domain/units.ts';
import { figure, localTime } from '../figures.ts';
import { framed, RIGHT, rounded, TOP, text } from './svg-frame.ts';

const HEIGHT = 220;
const LEFT = 60;
const BOTTOM = 185;

/** `null` where nothing is known. */
export function budgetSvg(title: string, { use, hours }: BudgetHistory, timezone: string): string | null {
  const known = hours.flatMap(({ highest }) => (highest === null ? [] : [highest]));
  const [first, last] = [hours[0], hours.at(-1)];
  if (known.length === 0 || first === undefined || last === undefined) return null;
  const most = known.reduce((top, value) => Math.max(top, value), use.limit) * 1.05 || 1;
  const y = (value: number): number => rounded(BOTTOM - (value / most) * (BOTTOM - TOP));
  const wide = (RIGHT - LEFT) / hours.length;
  const time = (at: EpochMs): string => localTime(at, timezone, epochMs(0));
  return framed({ title, height: HEIGHT, left: LEFT }, [
    `<path d="M${LEFT} ${BOTTOM}H${RIGHT}" stroke="#ccc"/>`,
    ...hours.map((hour, index) => bar(hour, rounded(LEFT + index * wide), rounded(wide * 0.8), use.limit, y)),
    `<path d="M${LEFT} ${y(use.limit)}H${RIGHT}" stroke="#b3261e" stroke-dasharray="6 4"/>`,
    text(LEFT - 6, y(use.limit) + 4, figure(use.limit, 'ratio'), 'end', '#b3261e'),
    text(LEFT - 6, BOTTOM + 4, '0 %', 'end'),
    text(LEFT, BOTTOM + 20, time(first.at)),
    text(RIGHT, BOTTOM + 20, time(last.at), 'end'),
  ]);
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
