import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type SwapRoot, type SwapStep, stagingOf, swap } from '../../../src/backup/swap.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const STEPS: readonly SwapStep[] = [
  { kind: 'away', path: 'extra' },
  { kind: 'away', path: 'gone/x' },
  { kind: 'away', path: 'file-to-folder' },
  { kind: 'away', path: 'folder-to-file/x' },
  { kind: 'remove_folder', path: 'gone', mode: 0o750 },
  { kind: 'remove_folder', path: 'folder-to-file', mode: 0o755 },
  { kind: 'make_folder', path: 'fresh', uid: 0, gid: 0 },
  { kind: 'make_folder', path: 'file-to-folder', uid: 0, gid: 0 },
  { kind: 'place', path: 'changed', replaces: true },
  { kind: 'place', path: 'link', replaces: true },
  { kind: 'place', path: 'fresh/y', replaces: false },
  { kind: 'place', path: 'file-to-folder/z', replaces: false },
  { kind: 'place', path: 'folder-to-file', replaces: false },
  { kind: 'mode', path: 'kept', from: 0o644, to: 0o600 },
  { kind: 'mode', path: 'fresh', from: null, to: 0o755 },
];

function prepare(): { readonly folder: string; readonly before: string } {
  const folder = temporaryFolder();
  for (const place of ['gone', 'folder-to-file']) mkdirSync(join(folder, place));
  for (const file of ['extra', 'gone/x', 'file-to-folder', 'folder-to-file/x', 'changed', 'kept']) {
    writeFileSync(join(folder, file), `old ${file}`, { mode: 0o644 });
  }
  symlinkSync('nowhere', join(folder, 'link'));
  const { fresh, old } = stagingOf(folder, 'data');
  for (const place of [`${fresh}/r/fresh`, `${fresh}/r/file-to-folder`, old])
    mkdirSync(place, { recursive: true });
  for (const file of ['changed', 'fresh/y', 'file-to-folder/z', 'folder-to-file']) {
    writeFileSync(`${fresh}/r/${file}`, `new ${file}`);
  }
  symlinkSync('elsewhere', `${fresh}/r/link`);
  return { folder, before: picture(folder) };
}

function picture(folder: string): string {
  const names = (readdirSync(folder, { recursive: true }) as string[]).filter(
    (name) => !name.startsWith('.nightshift'),
  );
  return names
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      return `${name} ${stat?.isFile() ? `${readFileSync(path, 'utf8')} ${(stat.mode & 0o777).toString(8)}` : ''}`;
    })
    .join('\n');
}

function root(folder: string, steps: readonly SwapStep[]): readonly SwapRoot[] {
  return [{ section: 'data', name: 'r', folder, steps }];
}

describe('swap', () => {
  it('puts every kind of change in place', () => {
    const { folder } = prepare();

    swap(root(folder, STEPS), false);

    expect(readdirSync(folder).sort()).toEqual([
      '.nightshift-restore-data',
      'changed',
      'file-to-folder',
      'folder-to-file',
      'fresh',
      'kept',
      'link',
    ]);
    expect(readFileSync(join(folder, 'changed'), 'utf8')).toBe('new changed');
    expect(statSync(join(folder, 'kept')).mode & 0o777).toBe(0o600);
  });

  it('can be taken back completely after any number of steps, also when that was interrupted itself', () => {
    for (let done = 0; done <= STEPS.length; done += 1) {
      const { folder, before } = prepare();
      // The numbers of the steps name what was kept, so the list is cut at its end only.
      swap(root(folder, STEPS.slice(0, done)), false);

      swap(root(folder, STEPS), true);
      expect(picture(folder)).toBe(before);
      swap(root(folder, STEPS), true);
      expect(picture(folder)).toBe(before);
    }
  });

  it('takes back a file that was kept and not yet replaced', () => {
    const { folder, before } = prepare();
    swap(root(folder, STEPS.slice(0, 8)), false);
    linkSync(join(folder, 'changed'), `${stagingOf(folder, 'data').old}/8`);

    swap(root(folder, STEPS), true);

    expect(picture(folder)).toBe(before);
    expect(existsSync(`${stagingOf(folder, 'data').old}/8`)).toBe(false);
  });
});
