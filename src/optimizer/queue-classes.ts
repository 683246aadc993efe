/**
 * `queueClasses` in configs/resource_budget.json: how long tasks of a class give way to what is more urgent before
 * they count as overdue, and how nice their processes are. Read at each pick and each start, so a reload counts at once.
 */
import { z } from 'zod';
import { minutes } from '../domain/units.ts';
import type { ClassRules } from '../platform/queue/settings.ts';

/** A task is never started with more right to the processor than the bot. */
const niceness = z.int().min(0).max(19);
const overdueMinutes = z.number().min(0).max(10_080);

const Classes = z.strictObject({
  // Critical work gives way to nothing, so there is no patience to set.
  critical: z.strictObject({ niceness: niceness.default(0) }).prefault({}),
  // Ten minutes is what a person waits who has clicked.
  normal: z
    .strictObject({ overdueMinutes: overdueMinutes.default(10), niceness: niceness.default(0) })
    .prefault({}),
  // An hour keeps most bursts free of it; nice 10 gives it about a tenth of a contended core.
  batch: z
    .strictObject({ overdueMinutes: overdueMinutes.default(60), niceness: niceness.default(10) })
    .prefault({}),
});

export const QueueClasses: z.ZodType<ClassRules> = Classes.refine(
  ({ normal, batch }) => batch.overdueMinutes >= normal.overdueMinutes,
  { error: 'must not be less than that of normal', path: ['batch', 'overdueMinutes'] },
).transform(
  ({ critical, normal, batch }): ClassRules => ({
    critical: { overdueAfter: minutes(0), niceness: critical.niceness },
    normal: { overdueAfter: minutes(normal.overdueMinutes), niceness: normal.niceness },
    batch: { overdueAfter: minutes(batch.overdueMinutes), niceness: batch.niceness },
  }),
);
