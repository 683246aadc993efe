import { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppendFile, openAppendFile } from '../../../src/platform/append-file.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const paths = (): { readonly path: string; readonly side: string; readonly folder: string } => {
  const folder = temporaryFolder();
  return { folder, path: join(folder, 'log'), side: join(folder, 'torn') };
};

/** A disk that can be told to take no bytes, or not even to cut any off. */
function brokenDisk() {
  let content = 'good\n';
  const state = { full: false, stuck: false };
  const handle = {
    write: async (bytes: Uint8Array, from: number, length: number) => {
      const taken = state.full ? Math.min(3, length) : length;
      if (state.full && content.endsWith('hal')) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      content += Buffer.from(bytes.subarray(from, from + taken)).toString();
      return { bytesWritten: taken };
    },
    truncate: async (size: number) => {
      if (state.stuck) throw Object.assign(new Error('stuck'), { code: 'EIO' });
      content = content.slice(0, size);
    },
    datasync: async () => {},
  };
  return { file: new AppendFile('log', handle as unknown as FileHandle, 5), state, content: () => content };
}

describe('openAppendFile', () => {
  it('opens a whole file as it is', async () => {
    const { path, side, folder } = paths();
    writeFileSync(path, 'one\ntwo\n');

    const { file, torn } = await openAppendFile(path, side);
    await file.append(Buffer.from('three\n'), true);
    await file.close();

    expect(torn).toBeUndefined();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\n');
    expect(readdirSync(folder)).toEqual(['log']);
  });

  it('moves a tail of any length to a side file', async () => {
    for (const length of [1, 65_535, 65_536, 65_537, 200_000]) {
      const { path, side } = paths();
      writeFileSync(path, `one\n${'x'.repeat(length)}`);

      const { file, torn } = await openAppendFile(path, side);
      await file.close();

      expect(torn).toEqual({ file: path, bytes: length, keptAs: side });
      expect([readFileSync(path, 'utf8'), readFileSync(side, 'utf8').length]).toEqual(['one\n', length]);
    }
  });
});

describe('AppendFile', () => {
  it('cuts half a line off at once when the disk fills up', async () => {
    const { file, state, content } = brokenDisk();
    state.full = true;

    await expect(file.append(Buffer.from('half a line\n'), true)).rejects.toThrow('full');

    expect(content()).toBe('good\n');
  });

  it('writes nothing behind half a line that could not be cut off, until it can', async () => {
    const { file, state, content } = brokenDisk();
    state.full = true;
    state.stuck = true;
    await expect(file.append(Buffer.from('half a line\n'), true)).rejects.toThrow('full');
    state.full = false;
    await expect(file.append(Buffer.from('next\n'), true)).rejects.toThrow('stuck');
    expect(content()).toBe('good\nhal');

    state.stuck = false;
    await file.append(Buffer.from('next\n'), true);

    expect(content()).toBe('good\nnext\n');
  });

  it('notices when its file is gone, replaced or cut', async () => {
    const { path, side } = paths();
    const { file } = await openAppendFile(path, side);
    await file.append(Buffer.from('one\n'), true);
    expect(await file.isInPlace()).toBe(true);
    appendFileSync(path, 'stranger\n');
    expect(await file.isInPlace()).toBe(true);
    expect(file.size).toBe(13);

    renameSync(path, `${path}.1`);
    expect(await file.isInPlace()).toBe(false);
    writeFileSync(path, '');
    expect(await file.isInPlace()).toBe(false);
    rmSync(path);
    expect(await file.isInPlace()).toBe(false);
    await file.close();
  });
});
