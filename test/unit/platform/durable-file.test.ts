import { linkSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isOpsError } from '../../../src/domain/errors.ts';
import {
  sweepTemporaries,
  syncFolder,
  temporaryName,
  writeDurably,
  writeFully,
} from '../../../src/platform/durable-file.ts';
import { smallDisk, temporaryFolder } from '../../support/temp-folder.ts';

const text = (path: string): string => readFileSync(path, 'utf8');

describe('writeDurably', () => {
  it('writes the file for its owner alone and leaves nothing else behind', async () => {
    const folder = temporaryFolder();

    await writeDurably(join(folder, 'a.json'), 'one');

    expect(text(join(folder, 'a.json'))).toBe('one');
    expect(statSync(join(folder, 'a.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  it('keeps the file before as a backup', async () => {
    const path = join(temporaryFolder(), 'a.json');

    for (const content of ['one', 'two', 'three']) await writeDurably(path, content);

    expect([text(path), text(`${path}.bak`)]).toEqual(['three', 'two']);
  });

  it('goes on after a crash between backup and rename, when both names are one file', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a.json');
    writeFileSync(path, 'one');
    linkSync(path, `${path}.bak`);

    await writeDurably(path, 'two');
    await writeDurably(path, 'three');

    expect([text(path), text(`${path}.bak`)]).toEqual(['three', 'two']);
    expect(readdirSync(folder).sort()).toEqual(['a.json', 'a.json.bak']);
  });

  it('says what is wrong when the folder is missing', async () => {
    const path = join(temporaryFolder(), 'gone', 'a.json');

    const failure = await writeDurably(path, 'one').catch((cause: unknown) => cause);

    expect(isOpsError(failure, 'STATE_UNWRITABLE')).toBe(true);
    expect((failure as Error).message).toContain('ENOENT');
  });

  it('keeps the old file and removes the temporary when the disk is full', async ({ skip }) => {
    const disk = smallDisk(300);
    if (disk === undefined) return skip();
    const path = join(disk.folder, 'a.json');
    await writeDurably(path, 'good');
    writeFileSync(join(disk.folder, 'ballast'), Buffer.alloc(100_000));

    const failure = await writeDurably(path, 'x'.repeat(400_000)).catch((cause: unknown) => cause);

    expect(isOpsError(failure, 'STATE_UNWRITABLE')).toBe(true);
    expect(text(path)).toBe('good');
    expect(readdirSync(disk.folder).sort()).toEqual(['a.json', 'ballast']);
  });

  it('keeps the old file when the disk is read-only, and writes again when it is not', async ({ skip }) => {
    const disk = smallDisk(300);
    if (disk === undefined) return skip();
    const path = join(disk.folder, 'a.json');
    await writeDurably(path, 'good');

    disk.readonly(true);
    await expect(writeDurably(path, 'better')).rejects.toMatchObject({ context: { reason: 'EROFS' } });
    disk.readonly(false);
    await writeDurably(path, 'better');

    expect([text(path), text(`${path}.bak`)]).toEqual(['better', 'good']);
  });
});

describe('sweepTemporaries', () => {
  it('removes what interrupted writes left, and nothing else', async () => {
    const folder = temporaryFolder();
    const left = temporaryName(join(folder, 'a.json'));
    writeFileSync(left, 'half');
    writeFileSync(join(folder, 'a.json'), '{}');
    writeFileSync(join(folder, 'mine.tmp'), '');

    const swept = await sweepTemporaries(folder);

    expect(swept).toHaveLength(1);
    expect(readdirSync(folder).sort()).toEqual(['a.json', 'mine.tmp']);
    expect(await sweepTemporaries(join(folder, 'none'))).toEqual([]);
  });
});

describe('writeFully', () => {
  it('goes on after a short write until every byte is there', async () => {
    const path = join(temporaryFolder(), 'a');
    const real = await open(path, 'w');
    const stingy = {
      write: (bytes: Uint8Array, from: number, length: number) =>
        real.write(bytes, from, Math.min(length, 7)),
    } as unknown as typeof real;

    await writeFully(stingy, Buffer.from('a line that is longer than seven bytes'));
    await real.close();

    expect(text(path)).toBe('a line that is longer than seven bytes');
  });

  it('fails when the disk takes nothing', async () => {
    const dead = { write: async () => ({ bytesWritten: 0 }) } as unknown as Parameters<typeof writeFully>[0];

    await expect(writeFully(dead, Buffer.from('x'))).rejects.toThrow('took no more bytes');
  });
});

describe('syncFolder', () => {
  it('syncs a folder and fails for one that is gone', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'state'));

    await expect(syncFolder(join(folder, 'state'))).resolves.toBeUndefined();
    await expect(syncFolder(join(folder, 'gone'))).rejects.toThrow('ENOENT');
  });
});
