/**
 * How much of a period Nightshift ran, out of the starts and stops in its audit log. After a crash the log has no stop:
 * it was down since its last sign of life, a line or a sample. Before the first line nothing is known. Pure.
 */
import type { AuditLine } from '../../domain/ports.ts';
import type { ReportPeriod } from '../../domain/report.ts';
import {
  type EpochMs,
  elapsed,
  epochMs,
  fromIso,
  type Ms,
  ms,
  type Ratio,
  ratio,
} from '../../domain/units.ts';

export interface Outage {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Stopped in order, or ended without a word. */
  readonly how: 'stopped' | 'crashed';
}

export interface Uptime {
  /** `null`: nothing is known of the period. */
  readonly share: Ratio | null;
  readonly known: Ms;
  readonly outages: readonly Outage[];
}

/**
 * @param lines Oldest first; at least the last start before the period, where there is one.
 * @param lastSample The last moment before `at` that was sampled, no earlier than `since`; `null` = none.
 */
export function uptimeOf(
  lines: readonly AuditLine[],
  { from, to }: ReportPeriod,
  lastSample: (since: EpochMs, at: EpochMs) => EpochMs | null,
): Uptime {
  const signs = lines
    .map((line) => ({ at: epochMs(fromIso(line.time) ?? 0), line }))
    .filter(({ at }) => at > 0 && at <= to);
  const first = signs[0];
  if (first === undefined) return { share: null, known: ms(0), outages: [] };
  const begin = epochMs(Math.max(from, first.at));
  const outages = outagesOf(signs, to, lastSample).flatMap((one) => clipped(one, begin, to));
  const known = elapsed(begin, to);
  const down = outages.reduce((sum, one) => sum + elapsed(one.from, one.to), 0);
  return {
    share: known <= 0 ? null : ratio(Math.max(0, 1 - down / known)),
    known: ms(Math.max(0, known)),
    outages,
  };
}

interface Sign {
  readonly at: EpochMs;
  readonly line: AuditLine;
}

function outagesOf(
  signs: readonly Sign[],
  to: EpochMs,
  lastSample: (since: EpochMs, at: EpochMs) => EpochMs | null,
): readonly Outage[] {
  const found: Outage[] = [];
  for (const [index, { at, line }] of signs.entries()) {
    const before = signs[index - 1];
    if (line.kind !== 'start' || before === undefined) continue;
    const isStop = before.line.kind === 'stop' && !before.line.text.startsWith('crashed');
    const alive = isStop ? before.at : (lastSample(before.at, at) ?? before.at);
    found.push({ from: alive, to: at, how: isStop ? 'stopped' : 'crashed' });
  }
  const last = signs.at(-1);
  if (last?.line.kind === 'stop') found.push({ from: last.at, to, how: 'stopped' });
  return found;
}

function clipped({ from, to, how }: Outage, begin: EpochMs, end: EpochMs): readonly Outage[] {
  const outage = { from: epochMs(Math.max(from, begin)), to: epochMs(Math.min(to, end)), how };
  return outage.to > outage.from ? [outage] : [];
}
