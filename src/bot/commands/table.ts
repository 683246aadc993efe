/**
 * The command table: every command of every surface, in the groups that help shows. Another way to say the same
 * words is an alias, so that a command has one definition and one name in the audit log.
 */
import { APPROVAL_COMMANDS } from './approvals.ts';
import { AUDIT_COMMANDS } from './audit.ts';
import { BACKUP_COMMANDS } from './backups.ts';
import { BASELINE_COMMANDS } from './baselines.ts';
import { BUDGET_COMMANDS } from './budgets.ts';
import type { Command } from './command.ts';
import { DRILL_COMMANDS } from './drills.ts';
import { HEAL_COMMANDS } from './heal.ts';
import { type CommandGroup, helpCommand } from './help.ts';
import { ANSWER_COMMANDS } from './incident-answers.ts';
import { INCIDENT_COMMANDS } from './incidents.ts';
import { LIMIT_COMMANDS } from './limits.ts';
import { OPTIMIZE_COMMANDS } from './optimize.ts';
import { QUEUE_COMMANDS } from './queues.ts';
import { RESTORE_COMMANDS } from './restores.ts';
import { REHEARSAL_COMMANDS } from './rooms-to-come.ts';
import { MAINTENANCE_COMMANDS, MODE_COMMANDS } from './safety.ts';
import { SELF_COMMANDS, STATUS_COMMANDS } from './status.ts';
import { STRATEGY_COMMANDS } from './strategies.ts';
import { TASK_COMMANDS } from './tasks.ts';
import { CONFIG_COMMANDS, TEST_COMMANDS } from './upkeep.ts';
import { WEBHOOK_COMMANDS } from './webhooks.ts';
import { WORKER_COMMANDS } from './workers.ts';

export const COMMAND_GROUPS: readonly CommandGroup[] = [
  { title: 'Look', commands: STATUS_COMMANDS },
  { title: 'Incidents', commands: [...INCIDENT_COMMANDS, ...ANSWER_COMMANDS] },
  { title: 'Decisions', commands: APPROVAL_COMMANDS },
  { title: 'Healing', commands: [...HEAL_COMMANDS, ...STRATEGY_COMMANDS] },
  { title: 'Brakes', commands: [...MODE_COMMANDS, ...MAINTENANCE_COMMANDS] },
  { title: 'Workers and tasks', commands: [...WORKER_COMMANDS, ...QUEUE_COMMANDS, ...TASK_COMMANDS] },
  { title: 'Backup and restore', commands: [...BACKUP_COMMANDS, ...RESTORE_COMMANDS] },
  {
    title: 'Limits and budgets',
    commands: [...LIMIT_COMMANDS, ...BASELINE_COMMANDS, ...BUDGET_COMMANDS, ...OPTIMIZE_COMMANDS],
  },
  { title: 'Looking back', commands: [...AUDIT_COMMANDS, ...DRILL_COMMANDS, ...REHEARSAL_COMMANDS] },
  {
    title: 'Nightshift itself',
    commands: [
      ...CONFIG_COMMANDS,
      ...TEST_COMMANDS,
      ...WEBHOOK_COMMANDS,
      ...SELF_COMMANDS,
      helpCommand(() => COMMAND_GROUPS),
    ],
  },
];

export const COMMANDS: readonly Command[] = COMMAND_GROUPS.flatMap((group) => group.commands);

/** Other words for the same thing. A bare group word stands for one verb only where a seed name needs it. */
export const ALIASES: Readonly<Record<string, string>> = {
  incidents: 'incident list',
  strategies: 'strategy list',
  workers: 'worker list',
  queues: 'queue list',
  tasks: 'task list',
  restore: 'restore start',
  optimize: 'optimize run',
  'strategies list': 'strategy list',
  'strategies validate': 'strategy validate',
  'incidents list': 'incident list',
  'workers list': 'worker list',
  'worker status': 'worker list',
  'config check': 'config validate',
};

/**
 * Those that live under `/ops-admin` on Discord, whose limits do not hold the whole table under one root. The words
 * after the root are the same.
 */
export const ADMIN_WORDS: ReadonlySet<string> = new Set([
  'strategy',
  'threshold',
  'baseline',
  'queue',
  'task',
  'optimize',
  'maintenance',
  'replay',
  'drill',
  'audit',
  'config',
  'host',
  'test',
  'webhook',
]);
