/** Backups: make, look, check, drill, copy, tidy. */
import { z } from 'zod';
import type { BackupView, DrillReport, VerifyReport } from '../../domain/backup.ts';
import { toIso } from '../../domain/units.ts';
import { columns } from '../columns.ts';
import { counted, localTime, spanWords } from '../figures.ts';
import { chosenSections, fromDesk, section, sizeWords, whichBackup } from './backup-words.ts';
import type { Command } from './command.ts';
import { entry } from './entry.ts';
import { word } from './options.ts';
import { failed, ok, would } from './replies.ts';

const id = word('latest, an id or a date').optional();

export const BACKUP_COMMANDS: readonly Command[] = [
  entry({
    words: ['backup', 'now'],
    summary: 'Makes a backup now',
    role: 'operator',
    options: z.strictObject({ section }),
    positional: [],
    changes: true,
    example: 'backup now',
    async run(options, { controls, actor, dryRun }) {
      const sections = chosenSections(options.section);
      if (!Array.isArray(sections)) return sections;
      if (dryRun)
        return would(`Would back up ${sections.length === 0 ? 'config, data, state' : sections.join(', ')}.`);
      return fromDesk(await controls.backups.create(actor, sections), (view) =>
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
    example: 'backup verify latest',
    async run(options, { controls }) {
      const which = whichBackup(options.id);
      if (typeof which !== 'string') return which;
      return fromDesk(await controls.backups.verify(which), verified);
    },
  }),
  entry({
    words: ['backup', 'drill'],
    summary: 'Restores a backup into a scratch folder and times it',
    role: 'operator',
    options: z.strictObject({ id, section }),
    positional: ['id'],
    changes: true,
    example: 'backup drill latest',
    async run(options, { controls, dryRun }) {
      const which = whichBackup(options.id);
      if (typeof which !== 'string') return which;
      if (dryRun) return would(`Would restore ${which} into a scratch folder and compare it.`);
      return fromDesk(await controls.backups.drill(which), drilled);
    },
  }),
  entry({
    words: ['backup', 'replicate'],
    summary: 'Copies a backup away and checks the copy',
    role: 'operator',
    options: z.strictObject({ id, section }),
    positional: ['id'],
    changes: true,
    example: 'backup replicate latest',
    async run(options, { controls, dryRun }) {
      const which = whichBackup(options.id);
      if (typeof which !== 'string') return which;
      if (dryRun) return would(`Would copy ${which} to every configured place.`);
      return fromDesk(await controls.backups.replicate(which), (places) =>
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
      return fromDesk(await controls.backups.prune(actor, dryRun), (ids) => {
        const what = ids.length === 0 ? 'Retention keeps all of them.' : ids.join(', ');
        return ok(ids.length === 0 ? what : `${dryRun ? 'Would remove' : 'Removed'}: ${what}.`, {
          ids,
          dryRun,
        });
      });
    },
  }),
];

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
  return [...columns(rows), `Last full read: ${verdictWords(view)}.`, ...warnings].join('\n');
}

function verdictWords({ verified: verdict }: BackupView): string {
  if (verdict === null) return 'never';
  return verdict.good ? 'good' : `bad, ${verdict.reasons[0] ?? ''}`;
}

function viewData(view: BackupView): object {
  const verdict = view.verified === null ? null : { ...view.verified, at: toIso(view.verified.at) };
  return { ...view, at: toIso(view.at), verified: verdict };
}
