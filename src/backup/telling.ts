/** The progress of a restore as lines of its thread: one when a step begins, and now and then while it lasts. */
import type { BackupProgress } from '../domain/backup.ts';
import type { Clock } from '../domain/ports.ts';
import { type Ms, seconds } from '../domain/units.ts';
import { sizeWords } from './report.ts';

/** A line in the thread at most this often while one step lasts. */
const TELL_EVERY: Ms = seconds(30);

export function telling(tell: (line: string) => void, clock: Clock): (progress: BackupProgress) => void {
  let what = '';
  let saidAt = -Infinity;
  return (progress) => {
    const now = clock.monotonic();
    if (progress.what === what && now - saidAt < TELL_EVERY) return;
    what = progress.what;
    saidAt = now;
    tell(progressLine(progress));
  };
}

function progressLine({ what, doneBytes, totalBytes }: BackupProgress): string {
  const said = `${what.charAt(0).toUpperCase()}${what.slice(1)}`;
  if (totalBytes <= 0 || doneBytes <= 0) return `${said}.`;
  return `${said}: ${Math.min(100, Math.floor((doneBytes / totalBytes) * 100))} % of ${sizeWords(totalBytes)}.`;
}
