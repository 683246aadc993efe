/**
 * The small disk of the sandbox: a tmpfs of 64 MB where we may mount one, else a plain folder whose pieces are counted.
 * What an earlier drill left mounted is taken away first.
 */
import { mkdir } from 'node:fs/promises';
import type { CommandRunner } from '../../domain/ports.ts';
import { seconds } from '../../domain/units.ts';

const MOUNT = '/usr/bin/mount';
const UMOUNT = '/usr/bin/umount';
const LIMIT = seconds(10);
/** A drill that was killed leaves one; more than a few are somebody else's. */
const MOST_LEFT = 3;

export interface SandboxDisk {
  readonly path: string;
  readonly isFileSystem: boolean;
  release(): Promise<void>;
}

export async function openSandboxDisk(path: string, commands: CommandRunner): Promise<SandboxDisk> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const unmount = async (): Promise<boolean> =>
    succeeded(await commands.run({ argv: [UMOUNT, path], timeLimit: LIMIT }));
  if (process.getuid?.() !== 0) return { path, isFileSystem: false, release: async () => {} };

  for (let left = 0; left < MOST_LEFT && (await unmount()); left += 1);
  const argv = [MOUNT, '-t', 'tmpfs', '-o', 'size=64m,mode=0700,nosuid,nodev', 'nightshift-drill', path];
  const isFileSystem = succeeded(await commands.run({ argv, timeLimit: LIMIT }));
  return {
    path,
    isFileSystem,
    release: async () => {
      if (isFileSystem) await unmount();
    },
  };
}

function succeeded(result: Awaited<ReturnType<CommandRunner['run']>>): boolean {
  return result.kind === 'exited' && result.code === 0;
}
