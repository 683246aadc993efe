/** One readable table: every scheduled job, its cadence and its function. */
import type { Backup } from '../backup/backup.ts';
import type { AuditLog, EventBus } from '../domain/ports.ts';
import { hours, minutes } from '../domain/units.ts';
import type { Optimizer } from '../optimizer/optimizer.ts';
import type { Job, Scheduler } from '../platform/scheduler.ts';
import type { LiveConfig } from './live-config.ts';

export interface Jobs {
  /** What the jobs found wrong the last time they ran; empty when all is well. */
  complaints(): readonly string[];
}

interface JobsDeps {
  readonly audit: AuditLog;
  readonly bus: EventBus;
  readonly backup: Backup;
  readonly optimizer: Optimizer;
  readonly live: LiveConfig;
  /** Writes the reports of each day. */
  readonly dailyReports: () => Promise<void>;
}

export function addJobs(scheduler: Scheduler, deps: JobsDeps): Jobs {
  const found = new Map<string, string>();
  const jobs: readonly Job[] = [
    {
      name: 'audit-verify',
      schedule: () => ({ dailyAt: '03:10', catchUp: hours(20) }),
      timeLimit: minutes(10),
      run: () => verifyAudit(deps, found),
    },
    {
      name: 'backup',
      schedule: () => {
        const { dailyAt, catchUp } = deps.live.current().backup.schedule;
        return { dailyAt, catchUp };
      },
      timeLimit: hours(8),
      run: (signal) => deps.backup.nightly(signal),
    },
    {
      name: 'reports',
      schedule: () => ({ dailyAt: '04:30', catchUp: hours(20) }),
      timeLimit: minutes(5),
      run: () => deps.dailyReports(),
    },
    {
      name: 'backup-watch',
      schedule: () => ({ every: minutes(5) }),
      timeLimit: minutes(5),
      run: () => watchBackups(deps.backup),
    },
    {
      name: 'optimize',
      schedule: () => ({ every: deps.live.current().optimizer.learning.every }),
      timeLimit: minutes(5),
      run: () => deps.optimizer.learn(),
    },
    {
      name: 'look-ahead',
      schedule: () => ({ every: minutes(5) }),
      timeLimit: minutes(5),
      run: () => deps.optimizer.lookAhead(),
    },
  ];
  for (const job of jobs) scheduler.add(job);
  return { complaints: () => [...found.values()] };
}

/** A chain that nobody reads protects nobody: it is walked every night, before anything is backed up. */
async function verifyAudit(
  { audit, bus }: { readonly audit: AuditLog; readonly bus: EventBus },
  found: Map<string, string>,
): Promise<void> {
  const verdict = await audit.verify();
  found.delete('audit');
  if (verdict.kind === 'intact') return;
  const reason = `the audit log is broken at ${verdict.file}, line ${verdict.line}: ${verdict.reason}`;
  found.set('audit', reason);
  bus.publish({ type: 'self.unhealthy', part: 'audit', reason });
}

/** Stale, damaged, failed and slow backups become incidents; half a restore does not stand for long. */
async function watchBackups(backup: Backup): Promise<void> {
  await backup.look();
  await backup.expireWaiting();
}
