/**
 * The registry of reports, and how each is put on disk: `<file>_latest.md` and a dated copy, pictures beside them.
 * A new kind of report is one entry in `kinds`.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, OpsError } from '../domain/errors.ts';
import type { Clock, Logger } from '../domain/ports.ts';
import {
  REPORT_KINDS,
  type ReportDesk,
  type ReportKind,
  type ReportName,
  type ReportPeriod,
  type ReportResult,
} from '../domain/report.ts';
import { before, days, hours, toIso } from '../domain/units.ts';
import { removeQuietly, writeDurably } from '../platform/durable-file.ts';
import { localTime } from '../platform/local-time.ts';

/** Days of which dated copies are kept. */
const DATED_KEPT = 90;
const MONDAY = 1;
/** The job is due at 04:30. */
const BEFORE_THE_RUN = hours(4);

export interface ReportsDeps {
  readonly folder: string;
  readonly clock: Clock;
  readonly kinds: Readonly<Record<ReportName, ReportKind>>;
  /** Says something on chat; the reason where it could not. */
  readonly post: ReportDesk['post'];
}

export function createReports({ folder, clock, kinds, post }: ReportsDeps): ReportDesk {
  return {
    async write(name, period) {
      try {
        return await writeReport(kinds[name], period, folder, toIso(clock.now()).slice(0, 10));
      } catch (cause) {
        return { kind: 'failed', reason: `The report could not be written: ${describeError(cause)}.` };
      }
    },
    post,
  };
}

export interface DailyDeps {
  readonly reports: ReportDesk;
  readonly clock: Clock;
  readonly timezone: string;
  /** The kinds that are also told to people, read at each run. */
  readonly told: () => readonly ReportName[];
  readonly mail: (...said: Parameters<ReportDesk['post']>) => Promise<string | null>;
  readonly log: Logger;
}

/**
 * The job of each day: every kind over the last week, the weekly one on Mondays. One that fails does not hold the
 * others; what was told today is not told again when the job is repeated.
 *
 * @throws OpsError `COMMAND_FAILED` where one could not be written.
 */
export function dailyReports(deps: DailyDeps): () => Promise<void> {
  const lastTold = new Map<ReportName, string>();
  return async () => {
    const now = deps.clock.now();
    // A run that was missed is caught up within the day, also shortly after the next midnight.
    const { date, weekday } = localTime(before(now, BEFORE_THE_RUN), deps.timezone);
    const kinds = REPORT_KINDS.filter((name) => name !== 'weekly' || weekday === MONDAY);
    const faults: string[] = [];
    for (const name of kinds) {
      const result = await deps.reports.write(name, { from: before(now, days(7)), to: now });
      if (result.kind !== 'written') faults.push(result.reason);
      else if (deps.told().includes(name) && lastTold.get(name) !== date) {
        lastTold.set(name, date);
        await tell(result, deps);
      }
    }
    if (faults.length > 0) throw new OpsError('COMMAND_FAILED', faults.join(' '));
  };
}

type Written = Extract<ReportResult, { kind: 'written' }>;

/** Nobody there to be told is no failure of the report. */
async function tell({ title, summary, picture }: Written, deps: DailyDeps): Promise<void> {
  const chat = deps.reports.post(title, summary, picture);
  const mail = await deps.mail(title, summary, picture);
  if (chat !== null || mail !== null) deps.log.info('report was not told everywhere', { title, chat, mail });
}

async function writeReport(
  kind: ReportKind,
  period: ReportPeriod,
  folder: string,
  date: string,
): Promise<ReportResult> {
  const { title, summary, markdown, pictures, data } = await kind.draw(period);
  const picture = (slug: string): string => `${kind.file}_${date}_${slug}.svg`;
  const [path, dated] = [join(folder, `${kind.file}_latest.md`), join(folder, `${kind.file}_${date}.md`)];
  const text = markdown(picture);
  await mkdir(folder, { recursive: true });
  for (const { slug, svg } of pictures) await writeDurably(join(folder, picture(slug)), svg);
  await writeDurably(dated, text);
  await writeDurably(path, text);
  await tidy(folder, kind.file);
  const cover = pictures[0] ?? null;
  return { kind: 'written', title, summary, path, dated, markdown: text, picture: cover, data };
}

/** Dated copies and their pictures beyond the newest days are removed. */
async function tidy(folder: string, file: string): Promise<void> {
  const pattern = new RegExp(`^${file}_(\\d{4}-\\d{2}-\\d{2})(_[a-z0-9-]+\\.svg|\\.md)$`);
  const found = (await readdir(folder)).flatMap((name) => {
    const day = pattern.exec(name)?.[1];
    return day === undefined ? [] : [{ name, day }];
  });
  const days = [...new Set(found.map(({ day }) => day))].sort().reverse();
  const old = new Set(days.slice(DATED_KEPT));
  for (const { name, day } of found) if (old.has(day)) await removeQuietly(join(folder, name));
}
