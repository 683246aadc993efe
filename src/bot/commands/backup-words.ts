/** What the commands of backup and restore have in common: which backup, which sections, how a request ended. */
import type { z } from 'zod';
import { type BackupProgress, type DeskResult, paceOf, SECTIONS, type Section } from '../../domain/backup.ts';
import { spanWords } from '../figures.ts';
import type { Reply } from './command.ts';
import { word } from './options.ts';
import { badOption, failed, notFound, refused } from './replies.ts';

/** `off-site:latest` means the copy at a configured place. */
const WHICH = /^(?:[a-z0-9][a-z0-9-]{0,39}:)?(?:latest|\d{4}-\d\d-\d\d|\d{4,8}(?:T\d{0,6}Z?)?)$/i;

export const section: z.ZodOptional<z.ZodType<string>> = word(
  'config, data or state; several with commas',
).optional();

/** `latest` when none is named; a refusal when it can be neither an id nor a date. */
export function whichBackup(text: string | undefined): string | Reply {
  const which = text ?? 'latest';
  if (WHICH.test(which)) return which.replace(/latest$/i, 'latest');
  return badOption(
    `Expected latest, an id such as 20261122T033000Z or a date such as 2026-11-22, found "${which}".`,
  );
}

/** None named = none here, which means all. */
export function chosenSections(text: string | undefined): Section[] | Reply {
  const names = text === undefined ? [] : text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !SECTIONS.some((known) => known === name));
  if (unknown !== undefined) return badOption(`section: expected config, data or state, found "${unknown}".`);
  return SECTIONS.filter((name) => names.includes(name));
}

export function fromDesk<T>(result: DeskResult<T>, done: (value: T) => Reply): Reply {
  switch (result.kind) {
    case 'done':
      return done(result.value);
    case 'refused':
      return refused(sentence(result.reason), { reason: result.reason });
    case 'failed':
      return failed(sentence(result.reason), { reason: result.reason });
    case 'not_found':
      return notFound(sentence(result.reason));
  }
}

export function sizeWords(count: number): string {
  if (count < 1_000) return `${Math.round(count)} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length, Math.floor(Math.log10(count) / 3));
  return `${(count / 1_000 ** power).toFixed(1)} ${units[power - 1]}`;
}

/** `Packing: 43 % of 1.2 GB, 210.4 MB/s, 3 s left` */
export function progressWords(progress: BackupProgress): string {
  const { what, totalBytes, doneBytes } = progress;
  const { percent, bytesPerSecond, left } = paceOf(progress);
  const said = `${what.charAt(0).toUpperCase()}${what.slice(1)}`;
  const parts = [
    ...(percent === null
      ? doneBytes > 0
        ? [sizeWords(doneBytes)]
        : []
      : [`${percent} % of ${sizeWords(totalBytes)}`]),
    ...(bytesPerSecond === null ? [] : [`${sizeWords(bytesPerSecond)}/s`]),
    ...(left === null ? [] : [`${spanWords(left)} left`]),
  ];
  return parts.length === 0 ? `${said}.` : `${said}: ${parts.join(', ')}.`;
}

export function progressData(progress: BackupProgress): object {
  return { ...progress, ...paceOf(progress) };
}

function sentence(text: string): string {
  const begun = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
