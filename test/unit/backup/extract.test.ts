import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readArchive } from '../../../src/backup/archive-input.ts';
import type { Entry } from '../../../src/backup/entry.ts';
import { createExtraction, type Extraction } from '../../../src/backup/extract.ts';
import { rawOf } from '../../../src/backup/names.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

function entry(over: Partial<Entry>): Entry {
  return {
    path: 'a',
    type: 'file',
    size: 1,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtimeNs: '0',
    link: null,
    md5: null,
    sha256: null,
    status: 'ok',
    sparse: false,
    ...over,
  };
}

function staged(): { readonly place: string; readonly extraction: Extraction } {
  const place = temporaryFolder();
  mkdirSync(join(place, 'staging'));
  writeFileSync(join(place, 'victim'), 'untouched');
  const staging = rawOf(join(place, 'staging'));
  return {
    place,
    extraction: createExtraction({
      staging,
      wanted: () => true,
      giveOwner: false,
      folderModes: true,
      sync: false,
    }),
  };
}

function put(extraction: Extraction, one: Entry): void {
  extraction.onEntry(one);
  if (one.type === 'file') extraction.onData(Buffer.from('x'));
  extraction.onEnd(one);
}

describe('createExtraction', () => {
  it.each(['../victim', '/tmp/victim', 'a/../../victim', 'a\0b', '', '.', 'a//b', 'a/./b'])(
    'refuses the name %j before anything is written',
    (path) => {
      const { place, extraction } = staged();

      expect(() => put(extraction, entry({ path }))).toThrow('leaves the folder');
      expect(readdirSync(join(place, 'staging'))).toEqual([]);
    },
  );

  it('never writes through a symlink, whichever comes first', () => {
    const { place, extraction } = staged();
    mkdirSync(join(place, 'outside'));

    put(extraction, entry({ path: 'door', type: 'symlink', size: 0, link: '../outside' }));
    put(extraction, entry({ path: 'door/planted' }));

    expect(() => extraction.finish()).toThrow('EEXIST');
    expect(readdirSync(join(place, 'outside'))).toEqual([]);
  });

  it('refuses a hard link to anything that was not unpacked here', () => {
    for (const link of ['../victim', '/etc/passwd', 'never-unpacked', 'door/victim']) {
      const { place, extraction } = staged();
      put(extraction, entry({ path: 'door', type: 'symlink', size: 0, link: '..' }));
      expect(() => put(extraction, entry({ path: 'b', type: 'link', size: 0, link }))).toThrow(
        'was not unpacked here',
      );
      expect(existsSync(join(place, 'staging/b'))).toBe(false);
    }
  });

  it('refuses to write one file twice', () => {
    const { extraction } = staged();
    put(extraction, entry({}));

    expect(() => put(extraction, entry({}))).toThrow('EEXIST');
  });
});

describe('readArchive', () => {
  it('gives up an archive that unpacks to more than it should', async () => {
    const path = join(temporaryFolder(), 'bomb.gz');
    writeFileSync(path, gzipSync(Buffer.alloc(50_000_000)));
    let seen = 0;

    const read = readArchive(path, 5_000_000, (chunk) => {
      seen += chunk.length;
    });

    await expect(read).rejects.toThrow('unpacks to more');
    expect(seen).toBeLessThanOrEqual(5_000_000);
  });

  it('reads a valid file of 300 MiB of zeros', async () => {
    const path = join(temporaryFolder(), 'zeros.gz');
    const block = gzipSync(Buffer.alloc(52_428_800), { level: 1 });
    writeFileSync(path, Buffer.concat(Array.from({ length: 6 }, () => block)));
    let seen = 0;

    await readArchive(path, 314_572_800, (chunk) => {
      seen += chunk.length;
    });

    expect(seen).toBe(314_572_800);
  });

  it('refuses a gzip file that is cut', async () => {
    const path = join(temporaryFolder(), 'cut.gz');
    const whole = gzipSync(Buffer.from('x'.repeat(100_000)));
    writeFileSync(path, whole.subarray(0, whole.length - 4));

    await expect(readArchive(path, 1_000_000, () => {})).rejects.toThrow();
  });
});
