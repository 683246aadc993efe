/** What the bench prints: one line a fault, the worst against the bars, and the cards as a person reads them. Pure. */
import type { Found } from './measure.ts';

const BARS = { hard: 15, soft: 60 };

export function tableLines(found: readonly Found[]): readonly string[] {
  const rows = found.map((one) => [
    one.fault,
    one.leftOut !== null ? 'left out' : one.toldAfter === null ? 'not told' : `${one.toldAfter} s`,
    one.kind === null ? '' : `${one.kind}, ${one.surest}`,
    one.isNamed ? 'yes' : 'NO',
    one.leftOut ?? one.causes[0] ?? one.sentence,
  ]);
  const widths = [16, 10, 28, 5];
  const line = (cells: readonly string[]): string =>
    cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ');
  return [line(['fault', 'told after', 'as', 'named', 'first cause']), ...rows.map(line)];
}

export function summaryLines(found: readonly Found[]): readonly string[] {
  const measured = found.filter(({ leftOut }) => leftOut === null);
  const lines = (['hard', 'soft'] as const).map((bar) => {
    const spans = measured
      .filter((one) => one.bar === bar)
      .map(({ toldAfter }) => toldAfter ?? Number.POSITIVE_INFINITY)
      .sort((a, b) => a - b);
    const p95 = spans[Math.min(spans.length - 1, Math.ceil(spans.length * 0.95) - 1)];
    return `${bar}: p95 ${p95 ?? '-'} s of ${spans.length}; bar ${BARS[bar]} s`;
  });
  const named = measured.filter(({ isNamed }) => isNamed).length;
  return [...lines, `cause named right: ${named} of ${measured.length}`];
}

export function cardText(one: Found): string {
  return [
    `===== ${one.fault}: ${one.what}`,
    one.card,
    `beside: ${one.beside.join('; ') || 'nothing'}`,
    '',
  ].join('\n');
}
