/** One readable table: every scheduled job, its cadence and its function. */
import type { AuditLog, EventBus } from '../domain/ports.ts';
import { hours, minutes } from '../domain/units.ts';
import type { Job, Scheduler } from '../platform/scheduler.ts';

export interface Jobs {
  /** What the jobs found wrong the last time they ran; empty when all is well. */
  complaints(): readonly string[];
}

export function addJobs(
  scheduler: Scheduler,
  deps: { readonly audit: AuditLog; readonly bus: EventBus },
): Jobs {
  const found = new Map<string, string>();
  const jobs: readonly Job[] = [
    {
      name: 'audit-verify',
      schedule: () => ({ dailyAt: '03:10', catchUp: hours(20) }),
      timeLimit: minutes(10),
      run: () => verifyAudit(deps, found),
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
