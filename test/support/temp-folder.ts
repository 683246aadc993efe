/** Temporary folders that go away with the test, and small file systems that can be filled or frozen. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface SmallDisk {
  readonly folder: string;
  readonly: (yes: boolean) => void;
}

/** A tmpfs of a few hundred kilobytes, or `undefined` (and a printed reason) where mounting is not allowed. */
export function smallDisk(kilobytes: number): SmallDisk | undefined {
  const folder = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch (cause) {
    process.stdout.write(`skipped: no tmpfs can be mounted here (${String(cause).split('\n')[0]})\n`);
    return undefined;
  }
  onTestFinished(() => void execFileSync('umount', ['--lazy', folder]));
  return {
    folder,
    readonly: (yes) =>
      void execFileSync('mount', ['-o', `remount,${yes ? 'ro' : 'rw'},size=${kilobytes}k`, folder]),
  };
}

/** Takes every free byte of the disk; removing `ballast` gives them back. */
export function fillDisk(ballast: string): void {
  for (let size = 65_536; size >= 1; size /= 2) {
    try {
      for (;;) writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // full for pieces of this size: go on with smaller ones
    }
  }
}
