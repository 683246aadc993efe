/** Task queues, budgets and backups as families of `/metrics`. What is unknown is left out, never told as 0. */
import type { BackupStatus } from '../../domain/backup.ts';
import { type BudgetUse, THROTTLE_RUNGS, type ThrottleState } from '../../domain/budget.ts';
import type { QueueView } from '../../domain/queue.ts';
import { type EpochMs, elapsed } from '../../domain/units.ts';
import { type Family, gauge, gauges, type Sampled } from './prometheus-text.ts';

export interface WorkInput {
  /** `null`: did not answer in time. */
  readonly queues: readonly QueueView[] | null;
  readonly budgets: readonly BudgetUse[];
  readonly throttle: readonly ThrottleState[];
  /** `null`: did not answer in time. */
  readonly backup: BackupStatus | null;
}

export function workFamilies(input: WorkInput, now: EpochMs): readonly Family[] {
  return [
    ...queueFamilies(input.queues ?? []),
    ...budgetFamilies(input),
    ...(input.backup === null ? [] : backupFamilies(input.backup, now)),
  ];
}

function queueFamilies(queues: readonly QueueView[]): readonly Family[] {
  const each = (value: (queue: QueueView) => number | boolean | null): readonly Sampled[] =>
    sampled(queues, value, ({ queue, engine }) => ({ queue, engine }));
  return [
    gauges(
      'task_queue_waiting',
      'Tasks that wait, due or later.',
      each(({ depth }) => depth),
    ),
    gauges(
      'task_queue_running',
      'Tasks that run.',
      each(({ running }) => running),
    ),
    gauges(
      'task_queue_dead',
      'Tasks that failed for good.',
      each(({ dead }) => dead),
    ),
    gauges(
      'task_queue_stuck',
      'Tasks that nobody works on any more.',
      each(({ stuck }) => stuck),
    ),
    gauges(
      'task_queue_paused',
      '1 while no new task starts.',
      each(({ paused }) => paused),
    ),
    gauges(
      'task_queue_oldest_seconds',
      'How long the oldest task that is due has waited.',
      each(({ oldest }) => (oldest === null ? null : oldest / 1_000)),
    ),
  ];
}

function budgetFamilies({ budgets, throttle }: WorkInput): readonly Family[] {
  const shares = budgets.filter(({ resource }) => resource !== 'messages');
  const messages = budgets.find(({ resource }) => resource === 'messages');
  const each = (value: (use: BudgetUse) => number | null): readonly Sampled[] =>
    sampled(shares, value, ({ resource, target }) => ({ resource, ...labelOf(target) }));
  return [
    gauges(
      'budget_limit_ratio',
      'What may be used, as a share of the host.',
      each(({ limit }) => limit),
    ),
    gauges(
      'budget_used_ratio',
      'What is used, as a share of the host.',
      each(({ used }) => used),
    ),
    gauges(
      'budget_over',
      '1 while more than the budget is used; absent while unknown.',
      each(({ state }) => (state === 'unknown' ? null : Number(state === 'over'))),
    ),
    gauge('messages_per_hour_limit', 'Chat messages allowed in an hour.', messages?.limit ?? null),
    gauge('messages_per_hour_used', 'Chat messages of the last hour.', messages?.used ?? null),
    gauges(
      'throttle_rung',
      `How far work is slowed: ${THROTTLE_RUNGS.map((rung, index) => `${index} ${rung}`).join(', ')}.`,
      sampled(
        throttle,
        ({ rung }) => THROTTLE_RUNGS.indexOf(rung),
        ({ target }) => labelOf(target),
      ),
    ),
  ];
}

function backupFamilies(backup: BackupStatus, now: EpochMs): readonly Family[] {
  const { newest, newestVerified, lastDrill, complaints } = backup;
  const age = (at: EpochMs | undefined): number | null =>
    at === undefined ? null : elapsed(at, now) / 1_000;
  return [
    gauge('backup_age_seconds', 'Age of the newest backup; absent while there is none.', age(newest?.at)),
    gauge(
      'backup_verified_age_seconds',
      'Age of the newest backup that was read in full and found good.',
      age(newestVerified?.at),
    ),
    gauge('backup_bytes', 'Size of what the newest backup holds.', newest?.bytes ?? null),
    gauge('backup_complaints', 'What is wrong with the backups.', complaints.length),
    gauge('restore_drill_age_seconds', 'Age of the last practised restore.', age(lastDrill?.at)),
    gauge(
      'restore_drill_good',
      '1 where the last practised restore was good.',
      lastDrill === null ? null : Number(lastDrill.good),
    ),
    gauge(
      'restore_projected_seconds',
      'What a full restore would take.',
      lastDrill === null ? null : lastDrill.projected / 1_000,
    ),
  ];
}

function labelOf(target: string | null): Readonly<Record<string, string>> {
  return target === null ? {} : { target };
}

function sampled<T>(
  things: readonly T[],
  value: (thing: T) => number | boolean | null,
  labels: (thing: T) => Readonly<Record<string, string>>,
): readonly Sampled[] {
  return things.flatMap((thing) => {
    const found = value(thing);
    return found === null ? [] : [{ labels: labels(thing), value: Number(found) }];
  });
}
