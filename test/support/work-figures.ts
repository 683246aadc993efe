/** Queues, budgets and backups with a figure for every family of `/metrics` that tells of them. */
import type { WorkInput } from '../../src/bot/web/prometheus-work.ts';
import type { BackupView } from '../../src/domain/backup.ts';
import type { BudgetUse } from '../../src/domain/budget.ts';
import type { QueueView } from '../../src/domain/queue.ts';
import { ms, ratio } from '../../src/domain/units.ts';
import { START } from './builders.ts';

const BACKUP: BackupView = {
  id: 'b-1',
  at: START,
  host: 'web-1',
  sections: [],
  bytes: 5_000,
  archiveBytes: 900,
  warnings: [],
  verified: null,
  replicas: [],
};

const QUEUE: QueueView = {
  queue: 'default',
  engine: 'embedded',
  depth: 4,
  oldest: ms(90_000),
  ratePerMinute: 2,
  reason: '',
  waitingByClass: null,
  running: 1,
  dead: 3,
  paused: false,
  draining: false,
  concurrency: null,
  rate: null,
  held: [],
  workers: null,
  stuck: null,
};

const CPU: BudgetUse = {
  target: null,
  resource: 'cpu',
  limit: 0.8,
  used: 0.9,
  state: 'over',
  overSince: START,
  source: 'config',
  by: null,
  until: null,
};

export const WORK: WorkInput = {
  queues: [QUEUE],
  budgets: [
    CPU,
    { ...CPU, resource: 'memory', target: 'web', used: null, state: 'unknown', overSince: null },
    { ...CPU, resource: 'messages', limit: 30, used: 4, state: 'within', overSince: null },
  ],
  throttle: [
    {
      target: null,
      rung: 'slow_queue',
      batchShare: ratio(0.5),
      queueShare: ratio(0.5),
      since: START,
      acting: true,
      reason: '',
      steps: [],
    },
  ],
  backup: {
    newest: BACKUP,
    newestVerified: BACKUP,
    lastDrill: { id: 'b-1', at: START, good: true, reasons: [], bytes: 5, took: ms(9), projected: ms(2_000) },
    drills: [],
    running: null,
    complaints: [],
  },
};
