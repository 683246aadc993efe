/** Gathers what the healing report and the weekly one say: the audit log, and for the week what it does not hold. */

import { DAILY_TITLE, dailySvg } from '../bot/reports/daily-svg.ts';
import { type HealingReportInput, healingMarkdown, healingSummary } from '../bot/reports/healing.ts';
import { opsFigures } from '../bot/reports/ops-figures.ts';
import { RECOVERY_TITLE, recoverySvg } from '../bot/reports/recovery-svg.ts';
import { type AuditStories, storiesOf } from '../bot/reports/stories.ts';
import { uptimeOf } from '../bot/reports/uptime.ts';
import {
  DETECT_BELOW,
  RECOVER_BELOW,
  type TargetUptime,
  type WeeklyReportInput,
  weeklyGoals,
  weeklyMarkdown,
  weeklySummary,
} from '../bot/reports/weekly.ts';
import type { BackupDesk } from '../domain/backup.ts';
import { familyOf, subjectOf } from '../domain/metric.ts';
import type { AuditLine, AuditLog, Clock } from '../domain/ports.ts';
import type { ReportKind, ReportPeriod, ReportPicture } from '../domain/report.ts';
import type { RollupReader } from '../domain/rollup.ts';
import { before, days, type EpochMs, epochMs, minutes, ratio } from '../domain/units.ts';
import { readPeriod } from './audit-reading.ts';

const MINUTE = minutes(1);
/** After a crash the last sample is looked for no further back than this. */
const SAMPLE_REACH = days(2);

export interface OpsReportDeps {
  readonly host: string;
  readonly timezone: string;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly rollups: RollupReader;
  readonly backups: Pick<BackupDesk, 'status'>;
}

export function healingReport({ host, timezone, clock, audit }: OpsReportDeps): ReportKind {
  return {
    file: 'healing_report',
    async draw(period) {
      const { lines, cut } = await readPeriod(audit, period);
      const stories = storiesOf(lines);
      const pictures = daily(stories, period, timezone);
      const input: HealingReportInput = { host, period, now: clock.now(), stories, cut, pictures };
      return {
        title: `Healing on ${host}`,
        summary: healingSummary(input),
        markdown: (picture) => healingMarkdown(input, picture),
        pictures,
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
      const { pictures, ...input } = await weeklyInput(period, deps);
      return {
        title: `The week of ${host}`,
        summary: weeklySummary(input),
        markdown: (picture) => weeklyMarkdown({ ...input, pictures }, picture),
        pictures,
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

interface WeeklyDrawn extends WeeklyReportInput {
  readonly pictures: readonly ReportPicture[];
}

async function weeklyInput(period: ReportPeriod, deps: OpsReportDeps): Promise<WeeklyDrawn> {
  const { host, timezone, clock, audit, rollups, backups } = deps;
  const { lines, cut } = await readPeriod(audit, period);
  const { lastDrill } = await backups.status();
  const stories = storiesOf(lines);
  return {
    host,
    period,
    now: clock.now(),
    stories,
    cut,
    pictures: [...recoveries(stories, period, timezone), ...daily(stories, period, timezone)],
    uptime: uptimeOf([...(await lastStart(audit, lines)), ...lines], period, (since, at) =>
      lastSample(rollups, since, at),
    ),
    targets: targetUptimes(rollups, period),
    restore:
      lastDrill === null ? null : { at: lastDrill.at, projected: lastDrill.projected, good: lastDrill.good },
  };
}

function daily(stories: AuditStories, period: ReportPeriod, timezone: string): readonly ReportPicture[] {
  const svg = dailySvg(stories, period, timezone);
  return svg === null ? [] : [{ slug: 'days', svg, alt: DAILY_TITLE }];
}

function recoveries(stories: AuditStories, period: ReportPeriod, timezone: string): readonly ReportPicture[] {
  const goals = { detect: DETECT_BELOW, recover: RECOVER_BELOW };
  const svg = recoverySvg(stories, period, goals, timezone);
  return svg === null ? [] : [{ slug: 'times', svg, alt: RECOVERY_TITLE }];
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
