/** Backups of a host that has none, for tests that are not about them. */
import type { BackupDesk } from '../../src/domain/backup.ts';

const NONE = { kind: 'not_found', reason: 'There is no backup yet.' } as const;

export const noBackups: BackupDesk = {
  status: async () => ({
    newest: null,
    newestVerified: null,
    lastDrill: null,
    drills: [],
    running: null,
    complaints: [],
  }),
  running: () => null,
  list: async () => [],
  show: async () => NONE,
  create: async () => ({ kind: 'failed', reason: 'no disk' }),
  verify: async () => NONE,
  drill: async () => NONE,
  prune: async () => ({ kind: 'done', value: [] }),
  replicate: async () => NONE,
  preview: async () => NONE,
  restoreTo: async () => NONE,
  restore: async () => NONE,
  requestRestore: async () => NONE,
  requestRollback: async () => NONE,
  requestPrune: async () => NONE,
  next: async () => NONE,
  abort: async () => NONE,
  rollback: async () => NONE,
  restoreState: async () => ({ kind: 'none' }),
};
