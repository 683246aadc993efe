/** Backups: make, look, check, drill, copy, tidy. */
import { z } from 'zod';
import type { Actor } from '../../domain/approval.ts';
import type {
  BackupOptions,
  BackupView,
  DrillReport,
  PruneAsked,
  VerifyReport,
} from '../../domain/backup.ts';
import { toIso } from '../../domain/units.ts';
import { columns } from '../columns.ts';
import { counted, localTime, spanWords } from '../figures.ts';
import { chosenSections, fromDesk, progressWords, section, sizeWords, whichBackup } from './backup-words.ts';
import type { Command, CommandContext } from './command.ts';
import { entry } from './entry.ts';
import { word } from './options.ts';
import { failed, ok, would } from './replies.ts';

const id = word('latest, an id or a date').optional();

const KEPT_ALL = 'Retention keeps all of them.';

export const BACKUP_COMMANDS: readonly Command[] = [
  entry({
    words: ['backup', 'now'],
    summary: 'Makes a backup now',
    role: 'operator',
    options: z.strictObject({ section }),
    positional: [],
    changes: true,
    slow: true,
    example: 'backup now',
    async run(options, context) {
      const { controls, actor, dryRun } = context;
      const sections = chosenSections(options.section);
      if (!Array.isArray(sections)) return sections;
      if (dryRun)
        return would(`Would back up ${sections.length === 0 ? 'config, data, state' : sections.join(', ')}.`);
      return fromDesk(await controls.backups.create(actor, sections, progressOf(context)), (view) =>
        ok(`Backup ${view.id} is made and every byte of it verified.\n${detailsOf(view)}`, viewData(view)),
      );
    },
  }),
  entry({
    words: ['backup', 'list'],
    summary: 'All backups, newest first',
    role: 'viewer',
    options: z.strictObject({ id, section }),
    positional: ['id'],
    changes: false,
    example: 'backup list',
    async run(options, { controls, now, timezone }) {
      const [all, status] = await Promise.all([controls.backups.list(), controls.backups.status()]);
      const list = all.filter((view) => options.id === undefined || view.id.startsWith(options.id));
      const rows = list.map((view) => [
        view.id,
        localTime(view.at, timezone, now),
        sizeWords(view.archiveBytes),
        counted(view.warnings.length, 'warning'),
        verdictWords(view),
      ]);
      const text = [
        ...(rows.length === 0 ? ['There is no backup yet.'] : columns(rows)),
        ...status.complaints,
        ...(status.running === null ? [] : [progressWords(status.running)]),
      ];
      return ok(text.join('\n'), { backups: list.map(viewData), complaints: status.complaints });
    },
  }),
  entry({
    words: ['backup', 'show'],
    summary: 'One backup: sections, sizes, warnings',
    role: 'viewer',
    options: z.strictObject({ id, section }),
    positional: ['id'],
    changes: false,
    example: 'backup show latest',
    async run(options, { controls }) {
      const which = whichBackup(options.id);
      if (typeof which !== 'string') return which;
      return fromDesk(await controls.backups.show(which), (view) => ok(detailsOf(view), viewData(view)));
    },
  }),
  entry({
    words: ['backup', 'verify'],
    summary: 'Reads every byte of a backup and compares',
    role: 'operator',
    options: z.strictObject({ id, section }),
    positional: ['id'],
    changes: false,
    slow: true,
    example: 'backup verify latest',
    async run(options, context) {
      const which = whichBackup(options.id);
      if (typeof which !== 'string') return which;
      return fromDesk(await context.controls.backups.verify(which, progressOf(context)), verified);
    },
  }),
  entry({
    words: ['backup', 'drill'],
    summary: 'Restores a backup into a scratch folder and times it',
    role: 'operator',
    options: z.strictObject({ id, section }),
    positional: ['id'],
    changes: true,
    slow: true,
    example: 'backup drill latest',
    async run(options, context) {
      const { controls, dryRun } = context;
      const which = whichBackup(options.id);
      if (typeof which !== 'string') return which;
      if (dryRun) return would(`Would restore ${which} into a scratch folder and compare it.`);
      return fromDesk(await controls.backups.drill(which, progressOf(context)), drilled);
    },
  }),
  entry({
    words: ['backup', 'replicate'],
    summary: 'Copies a backup away and checks the copy',
    role: 'operator',
    options: z.strictObject({ id, section }),
    positional: ['id'],
    changes: true,
    slow: true,
    example: 'backup replicate latest',
    async run(options, context) {
      const { controls, dryRun } = context;
      const which = whichBackup(options.id);
      if (typeof which !== 'string') return which;
      if (dryRun) return would(`Would copy ${which} to every configured place.`);
      return fromDesk(await controls.backups.replicate(which, progressOf(context)), (places) =>
        ok(`Copied and compared: ${places.join(', ')}.`, { places }),
      );
    },
  }),
  entry({
    words: ['backup', 'prune'],
    summary: 'Removes backups that retention no longer keeps',
    role: 'operator',
    options: z.strictObject({ id, section }),
    positional: ['id'],
    changes: true,
    example: 'backup prune --dry-run',
    async run(_, { controls, actor, dryRun }) {
      if (!dryRun && !isHostDoor(actor))
        return fromDesk(await controls.backups.requestPrune(actor, ''), pruneAsked);
      return fromDesk(await controls.backups.prune(actor, dryRun), (ids) =>
        ok(ids.length === 0 ? KEPT_ALL : `${dryRun ? 'Would remove' : 'Removed'}: ${ids.join(', ')}.`, {
          ids,
          dryRun,
        }),
      );
    },
  }),
];

/** A delete needs a yes like everything that cannot be taken back; the host's own terminal gives it by asking. */
function isHostDoor({ id, surface }: Actor): boolean {
  return id === 'local-token' && surface !== 'web';
}

function pruneAsked({ ids, approvalId }: PruneAsked): ReturnType<typeof ok> {
  if (approvalId === null) return ok(KEPT_ALL, { ids, dryRun: false });
  const text = `It waits for a yes: approve ${approvalId.slice(0, 8)}. Would remove ${ids.join(', ')}.`;
  return ok(text, { ids, dryRun: false, approval: approvalId });
}

function progressOf({ onProgress, signal }: CommandContext): BackupOptions {
  return { ...(onProgress && { onProgress }), ...(signal && { signal }) };
}

function verified(report: VerifyReport): ReturnType<typeof ok> {
  const data = { ...report, at: toIso(report.at) };
  if (!report.good) {
    return failed(
      [`Backup ${report.id} is not good:`, ...report.reasons.map((why) => `- ${why}`)].join('\n'),
      data,
    );
  }
  const rate = `${counted(report.files, 'entry', 'entries')}, ${sizeWords(report.bytes)}, ${spanWords(report.took)}`;
  return ok(`Backup ${report.id} is good: every byte was read and compared (${rate}).`, data);
}

function drilled(report: DrillReport): ReturnType<typeof ok> {
  const data = { ...report, at: toIso(report.at) };
  if (!report.good) {
    return failed(
      [`The drill of ${report.id} failed:`, ...report.reasons.map((why) => `- ${why}`)].join('\n'),
      data,
    );
  }
  const took = `${sizeWords(report.bytes)} in ${spanWords(report.took)}`;
  return ok(
    `Backup ${report.id} was restored for practice: ${took}. A full restore would take about ${spanWords(report.projected)}.`,
    data,
  );
}

function detailsOf(view: BackupView): string {
  const rows = view.sections.map(({ section: name, entries, bytes, archiveBytes }) => [
    name,
    counted(entries, 'entry', 'entries'),
    sizeWords(bytes),
    `packed ${sizeWords(archiveBytes)}`,
  ]);
  const warnings = view.warnings.slice(0, 20).map((line) => `- ${line}`);
  const copies = view.replicas.map(
    ({ name, failure }) => `Copy at ${name}: ${failure ?? 'compared by content, good'}.`,
  );
  return [...columns(rows), `Last full read: ${verdictWords(view)}.`, ...copies, ...warnings].join('\n');
}

function verdictWords({ verified: verdict }: BackupView): string {
  if (verdict === null) return 'never';
  return verdict.good ? 'good' : `bad, ${verdict.reasons[0] ?? ''}`;
}

/** Plain JSON of a backup. */
export function viewData(view: BackupView): object {
  const verdict = view.verified === null ? null : { ...view.verified, at: toIso(view.verified.at) };
  const replicas = view.replicas.map((one) => ({ ...one, at: toIso(one.at) }));
  return { ...view, at: toIso(view.at), verified: verdict, replicas };
}
