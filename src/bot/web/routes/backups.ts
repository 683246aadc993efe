/** Backups for the console and for programs: what there is, how the drills went, what runs, where a restore stands. */
import type { OpsControls } from '../../../domain/controls.ts';
import { toIso } from '../../../domain/units.ts';
import { progressData } from '../../commands/backup-words.ts';
import { viewData } from '../../commands/backups.ts';
import { stateData } from '../../commands/restores.ts';
import { ok, type Route, route } from '../route.ts';

export function backupRoutes({ controls }: { readonly controls: OpsControls }): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/backups',
      summary: 'Backups, newest first, with drills, copies, complaints and where a restore stands.',
      role: 'viewer',
      answer: async () => {
        const { backups } = controls;
        const [list, status, restore] = await Promise.all([
          backups.list(),
          backups.status(),
          backups.restoreState(),
        ]);
        return ok({
          backups: list.map(viewData),
          newestVerified: status.newestVerified?.id ?? null,
          drills: status.drills.map((drill) => ({ ...drill, at: toIso(drill.at) })),
          complaints: status.complaints,
          running: status.running === null ? null : progressData(status.running),
          restore: stateData(restore),
        });
      },
    }),
    route({
      method: 'GET',
      path: '/api/backups/progress',
      summary: 'How far the backup or restore is that runs now.',
      role: 'viewer',
      perMinute: 600,
      answer: () => {
        const running = controls.backups.running();
        return ok({ running: running === null ? null : progressData(running) });
      },
    }),
  ];
}
