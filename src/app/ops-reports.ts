/** Gathers what the healing report and the weekly one say: the audit log, and for the week what it does not hold. */
import { type HealingReportInput, healingMarkdown, healingSummary } from '../bot/reports/healing.ts';
import { opsFigures } from '../bot/reports/ops-figures.ts';
import { storiesOf } from '../bot/reports/stories.ts';
import { uptimeOf } from '../bot/reports/uptime.ts';
import {
  type TargetUptime,
  type WeeklyReportInput,
  weeklyGoals,
  weeklyMarkdown,
  weeklySummary,
} from '../bot/reports/weekly.ts';
import type { BackupDesk } from '../domain/backup.ts';
import { familyOf, subjectOf } from '../domain/metric.ts';
import type { AuditLine, AuditLog, Clock } from '../domain/ports.ts';
import type { ReportKind, ReportPeriod } from '../domain/report.ts';
import type { RollupReader } from '../domain/rollup.ts';
import { before, days, type EpochMs, epochMs, minutes, ratio } from '../domain/units.ts';
import { readPeriod } from './audit-reading.ts';

const MINUTE = minutes(1);
/** After a crash the last sample is looked for no further back than this. */
const SAMPLE_REACH = days(2);

export interface OpsReportDeps {
  readonly host: string;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly rollups: RollupReader;
  readonly backups: Pick<BackupDesk, 'status'>;
}

export function healingReport({ host, clock, audit }: OpsReportDeps): ReportKind {
  return {
    file: 'healing_report',
    async draw(period) {
      const { lines, cut } = await readPeriod(audit, period);
      const input: HealingReportInput = { host, period, now: clock.now(), stories: storiesOf(lines), cut };
      return {
        title: `Healing on ${host}`,
        summary: healingSummary(input),
        markdown: () => healingMarkdown(input),
        pictures: [],
        data: opsFigures(input.stories, period),
      };
    },
  };
}

export function weeklyReport(deps: OpsReportDeps): ReportKind {
  const { host } = deps;
  return {
    file: 'weekly_report',
    async draw(period) {
      const input = await weeklyInput(period, deps);
      return {
        title: `The week of ${host}`,
        summary: weeklySummary(input),
        markdown: () => weeklyMarkdown(input),
        pictures: [],
        data: {
          ...opsFigures(input.stories, period),
          uptime: input.uptime.share,
          targets: input.targets,
          restore: input.restore,
          goals: weeklyGoals(input),
        },
      };
    },
  };
}

async function weeklyInput(period: ReportPeriod, deps: OpsReportDeps): Promise<WeeklyReportInput> {
  const { host, clock, audit, rollups, backups } = deps;
  const { lines, cut } = await readPeriod(audit, period);
  const { lastDrill } = await backups.status();
  return {
    host,
    period,
    now: clock.now(),
    stories: storiesOf(lines),
    cut,
    uptime: uptimeOf([...(await lastStart(audit, lines)), ...lines], period, (since, at) =>
      lastSample(rollups, since, at),
    ),
    targets: targetUptimes(rollups, period),
    restore:
      lastDrill === null ? null : { at: lastDrill.at, projected: lastDrill.projected, good: lastDrill.good },
  };
}

/** The start of this run, where it is older than what was read: a quiet bot writes nothing for weeks. */
async function lastStart(audit: AuditLog, lines: readonly AuditLine[]): Promise<readonly AuditLine[]> {
  const [start] = await audit.query({ kind: 'start', limit: 1 });
  const first = lines[0];
  return start !== undefined && (first === undefined || start.seq < first.seq) ? [start] : [];
}

function lastSample(rollups: RollupReader, since: EpochMs, at: EpochMs): EpochMs | null {
  const from = epochMs(Math.max(since, before(at, SAMPLE_REACH)));
  let last: number | null = null;
  for (const metric of rollups.metrics()) {
    const { first, values } = rollups.minutes(metric, from, at, 'all');
    const index = values.findLastIndex((value) => !Number.isNaN(value));
    if (index >= 0) last = Math.max(last ?? 0, Math.min(at, first + (index + 1) * MINUTE));
  }
  return last === null || last < since ? null : epochMs(last);
}

function targetUptimes(rollups: RollupReader, { from, to }: ReportPeriod): readonly TargetUptime[] {
  return rollups
    .metrics()
    .filter((metric) => familyOf(metric) === 'target_up')
    .map((metric) => {
      const known = rollups.minutes(metric, from, to, 'all').values.filter((value) => !Number.isNaN(value));
      const sum = known.reduce((total, value) => total + value, 0);
      return {
        target: subjectOf(metric) ?? metric,
        share: known.length === 0 ? null : ratio(sum / known.length),
        knownMinutes: known.length,
      };
    })
    .toSorted((a, b) => a.target.localeCompare(b.target));
}
