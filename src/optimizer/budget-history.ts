/** Use against budget over the last hours or days, hour by hour, from the stored history: for the report. */
import type { BudgetUse } from '../domain/budget.ts';
import type { BudgetHistory, LoadHistory } from '../domain/optimizer.ts';
import type { Clock } from '../domain/ports.ts';
import type { MinuteRows } from '../domain/rollup.ts';
import { before, epochMs, type Ms, minutes, ratio } from '../domain/units.ts';
import { type HostSize, metricOf, shareOf } from './budget-watch.ts';

const MINUTE = 60_000;
/** At most so many columns in the chart. */
const COLUMNS = 48;

interface HistoryDeps {
  readonly history: LoadHistory;
  readonly clock: Clock;
  readonly size: HostSize;
}

/** Messages are not part of the history: they are left out. */
export async function budgetHistory(
  uses: readonly BudgetUse[],
  span: Ms,
  { history, clock, size }: HistoryDeps,
): Promise<readonly BudgetHistory[]> {
  const from = before(clock.now(), span);
  const all: BudgetHistory[] = [];
  for (const use of uses) {
    if (use.resource === 'messages') continue;
    const rows = await history.minutes(metricOf(use), span);
    const shares = { ...rows, values: rows.values.map((value) => shareOf(use, value, size)) };
    const step = Math.max(minutes(60), Math.ceil(span / COLUMNS / MINUTE) * MINUTE);
    all.push({
      use,
      from,
      hours: columns(shares, from, span, step),
      overShare: overShare(shares.values, use.limit),
    });
  }
  return all;
}

function columns(rows: MinuteRows, from: number, span: Ms, step: number): BudgetHistory['hours'] {
  return Array.from({ length: Math.max(1, Math.round(span / step)) }, (_, index) => {
    const at = epochMs(from + index * step);
    const first = Math.round((at - rows.first) / MINUTE);
    const known = rows.values
      .subarray(Math.max(0, first), Math.max(0, first + step / MINUTE))
      .filter((value) => !Number.isNaN(value));
    const mean = known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
    return { at, mean, highest: known.length === 0 ? null : Math.max(...known) };
  });
}

function overShare(values: Float32Array, limit: number): BudgetHistory['overShare'] {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? null : ratio(known.filter((value) => value > limit).length / known.length);
}
