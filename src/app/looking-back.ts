/** The controls that look back and tune: limits, baselines, replays, reports. Glue over the facades. */
import { join } from 'node:path';
import { replayLines } from '../bot/commands/replays.ts';
import type { BackupDesk } from '../domain/backup.ts';
import type { OpsControls } from '../domain/controls.ts';
import type { OptimizerDesk } from '../domain/optimizer.ts';
import type { AuditLog, Clock } from '../domain/ports.ts';
import type { ReportDesk, ReportKind, ReportName } from '../domain/report.ts';
import { before } from '../domain/units.ts';
import type { Healer } from '../healing/healer.ts';
import type { LimitBook } from '../monitor/limit-book.ts';
import { createLimitDesk } from '../monitor/limit-desk.ts';
import type { Monitor } from '../monitor/monitor.ts';
import { anomalyReport } from './anomaly-report.ts';
import type { Environment } from './environment.ts';
import type { LiveConfig } from './live-config.ts';
import { healingReport, weeklyReport } from './ops-reports.ts';
import { createReplayDesk } from './replay-desk.ts';
import type { ReplayJob } from './replay-job.ts';
import { createReports } from './reports.ts';
import { backupReport, resourceReport } from './resource-report.ts';

export interface LookingBackDeps {
  readonly env: Environment;
  readonly live: LiveConfig;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly timezone: string;
  readonly monitor: Monitor;
  readonly limits: LimitBook;
  readonly replays: ReplayJob;
  readonly healer: Pick<Healer, 'incidents'>;
  readonly backup: Pick<BackupDesk, 'status' | 'list'>;
  readonly optimizer: OptimizerDesk;
  /** Says something on chat; the reason where it could not. */
  readonly post: ReportDesk['post'];
}

export function lookingBack(
  deps: LookingBackDeps,
): Pick<OpsControls, 'limits' | 'baselines' | 'replays' | 'reports'> {
  const { monitor, limits, live } = deps;
  return {
    limits: createLimitDesk({
      ...deps,
      book: limits,
      config: live.room('monitor'),
      known: {
        metrics: monitor.metrics,
        value: (metric) => monitor.latest(metric)?.value ?? null,
        learnt: monitor.learnt,
      },
    }),
    baselines: monitor.baselines,
    reports: createReports({
      ...deps,
      folder: join(deps.env.dataFolder, 'reports'),
      kinds: reportKinds(deps),
    }),
    replays: createReplayDesk({
      ...deps,
      current: () => ({
        config: { ...live.current(), monitor: limits.config.current() },
        hash: live.hash(),
      }),
      job: deps.replays,
      told: (result) => void deps.post('Replay', replayLines(result, deps.timezone, deps.clock.now()), null),
    }),
  };
}

/** The registry: one entry a kind of report. */
function reportKinds(deps: LookingBackDeps): Readonly<Record<ReportName, ReportKind>> {
  const { env, clock, monitor, healer } = deps;
  const shared = { ...deps, host: env.hostname, rollups: monitor.rollups, backups: deps.backup };
  return {
    anomaly: anomalyReport({
      ...shared,
      bands: monitor.bands,
      baselines: monitor.baselines,
      incidents: healer.incidents,
      modelAt() {
        const { age } = monitor.hostModel();
        return age === null ? null : before(clock.now(), age);
      },
    }),
    healing: healingReport(shared),
    backup: backupReport(shared),
    resource: resourceReport(shared),
    weekly: weeklyReport(shared),
  };
}
