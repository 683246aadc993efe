/** The lines of the audit log that a report is made of. */
import type { AuditLine, AuditLog } from '../domain/ports.ts';
import type { ReportPeriod } from '../domain/report.ts';
import { before, days, fromIso } from '../domain/units.ts';

/** A log with more lines than this in a week is an accident; the report then says that it is cut. */
const MOST_LINES = 50_000;
/** Incidents that ended in the period may have begun before it. */
const REACHES_BACK = days(7);

export interface AuditPeriod {
  /** Oldest first, from some days before the period until its end. */
  readonly lines: readonly AuditLine[];
  /** There are older lines of the period that were not read. */
  readonly cut: boolean;
}

export async function readPeriod(audit: AuditLog, { from, to }: ReportPeriod): Promise<AuditPeriod> {
  const found = await audit.query({ since: before(from, REACHES_BACK), limit: MOST_LINES });
  const first = found[0];
  const cut = found.length >= MOST_LINES && first !== undefined && (fromIso(first.time) ?? 0) > from;
  const lines = found.filter(({ time }) => (fromIso(time) ?? 0) <= to);
  return { lines, cut };
}
