/**
 * Where drills are kept: `data/drills/<id>.json` and `<id>.svg`, the newest fifty. A report that cannot be read is
 * passed over: it is history, and nothing is decided from it.
 */
import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { drillView } from '../../bot/drill-views.ts';
import { DRILL_FAULTS, type DrillReport } from '../../domain/drill.ts';
import { type EpochMs, fromIso, fromPercent, type Ms, toIso } from '../../domain/units.ts';
import { writeDurably } from '../../platform/durable-file.ts';
import { drillChart } from './chart.ts';

const KEPT = 50;
const REPORT = /^(\d{8}T\d{6}Z(?:-\d+)?)\.json$/;

const Span = z.number().transform((value) => (value * 1_000) as Ms);
const Moment = z.string().transform((text, context): EpochMs => {
  const at = fromIso(text);
  if (at !== undefined) return at;
  context.addIssue({ code: 'custom', message: 'expected an ISO time' });
  return z.NEVER;
});
const Count = z.number().int().min(0);
const Times = z
  .object({ count: Count, p50Seconds: Span.nullable(), p95Seconds: Span.nullable() })
  .transform(({ count, p50Seconds, p95Seconds }) => ({ count, p50: p50Seconds, p95: p95Seconds }));

const Trial = z
  .object({
    fault: z.enum([...DRILL_FAULTS, 'control']),
    repetition: Count,
    startedAt: Moment,
    ending: z.enum(['healed', 'handed_over', 'calm', 'missed']),
    detectSeconds: Span.nullable(),
    recoverSeconds: Span.nullable(),
    actions: Count,
    wrongActions: Count,
    paged: z.boolean(),
    exits: Count.nullable(),
    note: z.string(),
  })
  .transform(({ detectSeconds, recoverSeconds, ...trial }) => ({
    ...trial,
    detected: detectSeconds,
    recovered: recoverSeconds,
  }));

const Figures = z
  .object({
    mttdSeconds: Span.nullable(),
    mttrSeconds: Span.nullable(),
    detectHard: Times,
    detectSoft: Times,
    recover: Times,
    healable: Count,
    healed: Count,
    healedPercent: z.number().nullable(),
    handOvers: Count,
    handedOver: Count,
    actions: Count,
    wrongActions: Count,
    pages: Count,
    controlActions: Count.nullable(),
  })
  .transform(({ mttdSeconds, mttrSeconds, healedPercent, ...figures }) => ({
    ...figures,
    mttd: mttdSeconds,
    mttr: mttrSeconds,
    healedShare: healedPercent === null ? null : fromPercent(healedPercent),
  }));

const Report: z.ZodType<DrillReport, unknown> = z.object({
  id: z.string(),
  startedAt: Moment,
  finishedAt: Moment,
  by: z.string(),
  fault: z.enum(DRILL_FAULTS).nullable(),
  repeat: Count,
  trials: z.array(Trial),
  figures: Figures,
  misses: z.array(z.string()),
  passed: z.boolean(),
});

export interface DrillFiles {
  /** Resolves when report and chart are on disk. */
  save(report: DrillReport): Promise<void>;
  /** Newest first. */
  list(): Promise<readonly DrillReport[]>;
}

export function createDrillFiles(folder: string): DrillFiles {
  return {
    async save(report) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, `${report.id}.json`);
      await writeDurably(join(folder, `${report.id}.svg`), drillChart(report));
      await writeDurably(path, `${JSON.stringify(drillView(report), null, 2)}\n`);
      await chmod(path, 0o600);
      for (const old of (await ids(folder)).slice(KEPT)) {
        for (const end of ['json', 'svg']) await rm(join(folder, `${old}.${end}`), { force: true });
      }
    },
    async list() {
      const reports: DrillReport[] = [];
      for (const id of await ids(folder)) {
        const report = await readReport(join(folder, `${id}.json`));
        if (report !== null) reports.push(report);
      }
      return reports;
    },
  };
}

/** `20261122T033000Z`, which sorts as time does. */
export function drillId(at: EpochMs): string {
  return toIso(at)
    .replace(/[-:]/g, '')
    .replace(/\.\d+Z$/, 'Z');
}

async function ids(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [] as string[]); // no folder, no drill yet
  return names
    .flatMap((name) => REPORT.exec(name)?.[1] ?? [])
    .sort()
    .reverse();
}

async function readReport(path: string): Promise<DrillReport | null> {
  try {
    return Report.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    // Half a file, or one of another version.
    return null;
  }
}
