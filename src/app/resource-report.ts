/** Gathers what the reports of resources and of backups say. */
import { reportText } from '../backup/report.ts';
import { budgetSvg } from '../bot/reports/budget-svg.ts';
import {
  budgetTitle,
  type ResourceReportInput,
  resourceMarkdown,
  resourceSummary,
} from '../bot/reports/resource.ts';
import type { BackupDesk } from '../domain/backup.ts';
import type { BudgetHistory, OptimizerDesk } from '../domain/optimizer.ts';
import type { AuditLog, Clock } from '../domain/ports.ts';
import type { ReportKind, ReportPicture } from '../domain/report.ts';
import { elapsed, fromIso } from '../domain/units.ts';
import { readPeriod } from './audit-reading.ts';

/** A report with a hundred pictures is read by nobody. */
const PICTURES = 8;

export interface ResourceReportDeps {
  readonly host: string;
  readonly timezone: string;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly optimizer: Pick<OptimizerDesk, 'budgets' | 'budgetHistory' | 'status'>;
}

export function resourceReport(deps: ResourceReportDeps): ReportKind {
  const { host, timezone, clock, audit, optimizer } = deps;
  return {
    file: 'resource_usage_report',
    async draw(period) {
      const now = clock.now();
      const history = await optimizer.budgetHistory(elapsed(period.from, now));
      const pictures = picturesOf(history, timezone);
      const { throttle, forecasts } = optimizer.status();
      const { lines } = await readPeriod(audit, period);
      const input: ResourceReportInput = {
        host,
        period,
        now,
        uses: optimizer.budgets(),
        history,
        throttle,
        ahead: forecasts.filter(({ warns }) => warns).map(({ text }) => text),
        lines: lines.filter(({ time }) => (fromIso(time) ?? 0) >= period.from),
        pictures,
      };
      return {
        title: `Use of resources on ${host}`,
        summary: resourceSummary(input),
        markdown: (picture) => resourceMarkdown(input, picture),
        pictures,
        data: {
          budgets: input.uses,
          history: history.map(({ use, overShare }) => ({
            target: use.target,
            resource: use.resource,
            overShare,
          })),
          throttle,
        },
      };
    },
  };
}

export interface BackupReportDeps {
  readonly host: string;
  readonly clock: Clock;
  readonly backups: Pick<BackupDesk, 'status' | 'list'>;
}

/** The same text that the backup room writes after each change, with a dated copy. */
export function backupReport({ host, clock, backups }: BackupReportDeps): ReportKind {
  return {
    file: 'backup_verification_report',
    async draw() {
      const [status, list] = [await backups.status(), await backups.list()];
      const text = reportText(host, status, list, status.drills, clock.now());
      const { newestVerified, lastDrill, complaints } = status;
      return {
        title: `Backups of ${host}`,
        summary: [...answersOf(text), ...complaints],
        markdown: () => text,
        pictures: [],
        data: {
          backups: list.length,
          newestVerified: newestVerified?.id ?? null,
          lastDrill,
          complaints,
        },
      };
    },
  };
}

/** Can I restore, how old, how long: the lines before the first heading of the report. */
function answersOf(text: string): readonly string[] {
  const head = text.split('\n## ')[0] ?? '';
  return head
    .split('\n')
    .filter((line) => line.startsWith('- '))
    .map((line) => line.slice(2).replaceAll('**', ''));
}

function picturesOf(
  history: readonly BudgetHistory[],
  timezone: string,
): readonly (ReportPicture & { readonly title: string })[] {
  return history.slice(0, PICTURES).flatMap((one) => {
    const title = budgetTitle(one.use);
    const svg = budgetSvg(title, one, timezone);
    const slug = `${title}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
    return svg === null ? [] : [{ slug, title, svg, alt: title }];
  });
}
