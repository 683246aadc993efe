/**
 * The registry of reports, and how each is put on disk: `<file>_latest.md` and a dated copy, pictures beside them.
 * A new kind of report is one entry in `kinds`.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, OpsError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import {
  REPORT_KINDS,
  type ReportDesk,
  type ReportKind,
  type ReportPeriod,
  type ReportResult,
} from '../domain/report.ts';
import { before, days, type EpochMs, toIso } from '../domain/units.ts';
import { removeQuietly, writeDurably } from '../platform/durable-file.ts';

/** Days of which dated copies are kept. */
const DATED_KEPT = 90;

export interface ReportsDeps {
  readonly folder: string;
  readonly clock: Clock;
  readonly kinds: readonly ReportKind[];
  /** Says something on chat; the reason where it could not. */
  readonly post: (title: string, lines: readonly string[]) => string | null;
}

export function createReports({ folder, clock, kinds, post }: ReportsDeps): ReportDesk {
  return {
    async write(name, period) {
      const kind = kinds.find((one) => one.name === name);
      if (kind === undefined)
        return { kind: 'not_built', reason: `The ${name} report is not part of this version yet.` };
      try {
        return await writeReport(kind, period, folder, toIso(clock.now()).slice(0, 10));
      } catch (cause) {
        return { kind: 'failed', reason: `The report could not be written: ${describeError(cause)}.` };
      }
    },
    post,
  };
}

/** Every kind that is built, over the last week. @throws OpsError `COMMAND_FAILED` where one could not be written. */
export async function writeDaily(reports: ReportDesk, now: EpochMs): Promise<void> {
  for (const name of REPORT_KINDS) {
    const result = await reports.write(name, { from: before(now, days(7)), to: now });
    if (result.kind === 'failed') throw new OpsError('COMMAND_FAILED', result.reason);
  }
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
  return { kind: 'written', title, summary, path, dated, markdown: text, data };
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
