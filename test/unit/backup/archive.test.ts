import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type PackedSection, packSection, type SectionPlan } from '../../../src/backup/archive.ts';
import { checkArchive } from '../../../src/backup/check-archive.ts';
import type { Entry } from '../../../src/backup/entry.ts';
import { entryFromJson, entryToJson } from '../../../src/backup/entry.ts';
import { createExtraction } from '../../../src/backup/extract.ts';
import { rawOf } from '../../../src/backup/names.ts';
import { readTar } from '../../support/tar-entries.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const DEEP = Array.from({ length: 6 }, () => 'd'.repeat(180)).join('/');

/** Hard links across folders, symlinks of every sort, odd names, sparse, read-only and empty things. */
function hostileCorpus(folder: string): void {
  const script = `set -e; cd "$1"
    for i in $(seq 1 20); do mkdir -p "links/$i"; echo shared > links/base; ln links/base "links/$i/other"; done
    ln -s /etc/passwd absolute; ln -s nowhere dangling; ln -s loop loop; ln -s ../../.. up
    printf q > $'new\\nline'; printf q > $'tab\\there'; printf q > 'back\\slash'; printf q > ' blank '
    printf b > $'bytes\\xff\\xfe'; printf q > $'e\\xcc\\x81'; printf q > $'\\xc3\\xa9'; printf q > '😀'
    printf z > "$(printf 'n%.0s' $(seq 1 255))"
    mkdir -p "$2"; echo deep > "$2/file"
    truncate -s 8M sparse; printf end >> sparse; : > empty; mkdir emptyfolder
    echo r > readonly; chmod 444 readonly; mkdir closed; echo 1 > closed/f; chmod 555 closed
    echo s > setuid; chmod 4755 setuid; touch -d '1960-01-02 03:04:05.123456789' old; mkfifo pipe
    head -c 1500000 /dev/urandom > random`;
  mkdirSync(folder);
  execFileSync('bash', ['-c', script, 'corpus', folder, DEEP]);
}

function planFor(folder: string, archive: string): SectionPlan {
  const root = { name: 'src', folder: rawOf(folder), include: ['**'], exclude: [], forbidden: [] };
  return { section: 'data', roots: [root], archive, gzipLevel: null, isRaw: false, copies: {} };
}

function pack(
  plan: SectionPlan,
  during: (path: string) => void = () => {},
): PackedSection & { list: Entry[] } {
  const list: Entry[] = [];
  const packed = packSection(
    plan,
    () => during(list.at(-1)?.path ?? ''),
    (entry) => list.push(entry),
  );
  return { ...packed, list };
}

describe('packSection', () => {
  it('packs a hostile corpus so that GNU tar finds every entry as it is', () => {
    const place = temporaryFolder();
    hostileCorpus(join(place, 'src'));

    const packed = pack(planFor(join(place, 'src'), join(place, 'a.tar')));

    const compared = execFileSync('tar', ['-C', place, '-df', join(place, 'a.tar')]).toString();
    expect(compared).toBe('');
    expect(packed.warnings).toEqual(['src/pipe: left out, it is a named pipe']);
    const names = execFileSync('tar', ['-tf', join(place, 'a.tar')])
      .toString()
      .trimEnd()
      .split('\n');
    expect(names).toHaveLength(packed.entries);
  });

  it('restores it entry for entry, with holes, times and links, but without setuid', async () => {
    const place = temporaryFolder();
    hostileCorpus(join(place, 'src'));
    const packed = pack(planFor(join(place, 'src'), join(place, 'a.tar')));
    const entries = packed.list.map((entry) => entryFromJson(JSON.parse(JSON.stringify(entryToJson(entry)))));
    mkdirSync(join(place, 'out'));
    const extraction = createExtraction({
      staging: rawOf(join(place, 'out')),
      wanted: () => true,
      giveOwner: false,
      folderModes: true,
      sync: false,
    });

    await checkArchive(
      { path: join(place, 'a.tar'), tarBytes: packed.archive.tarBytes, sha256: null, entries },
      () => {},
      extraction,
    );
    extraction.finish();

    unlinkSync(join(place, 'src/pipe'));
    execFileSync('/usr/bin/diff', ['-r', '--no-dereference', join(place, 'src'), join(place, 'out/src')]);
    expect(statSync(join(place, 'out/src/sparse')).blocks).toBeLessThan(1_000);
    expect(statSync(join(place, 'out/src/links/base')).nlink).toBe(21);
    expect(readlinkSync(join(place, 'out/src/absolute'))).toBe('/etc/passwd');
    expect(statSync(join(place, 'out/src/closed')).mode & 0o7777).toBe(0o555);
    expect(statSync(join(place, 'out/src/setuid')).mode & 0o7777).toBe(0o755);
    expect(statSync(join(place, 'out/src/old')).mtime.toISOString()).toBe('1960-01-02T03:04:05.123Z');
  });

  it('packs a file that grows, shrinks or vanishes meanwhile as it was promised, and says so', () => {
    const place = temporaryFolder();
    const src = join(place, 'src');
    mkdirSync(src);
    for (const name of ['a-first', 'grows', 'shrinks', 'vanishes'])
      writeFileSync(join(src, name), 'x'.repeat(3_000_000));
    let ticks = 0;

    const packed = pack(planFor(src, join(place, 'a.tar')), () => {
      ticks += 1;
      if (existsSync(join(src, 'vanishes')) && ticks > 2) unlinkSync(join(src, 'vanishes'));
      appendFileSync(join(src, 'grows'), 'more');
      if (ticks > 10) truncateSync(join(src, 'shrinks'), 1_000);
    });

    const entries = readTar(join(place, 'a.tar'), 100_000);
    const digests = new Map(entries.map((entry) => [entry.path, entry.sha256]));
    for (const { path, sha256, type } of packed.list)
      if (type === 'file') expect(digests.get(path)).toBe(sha256);
    expect(packed.warnings.join('\n')).toMatch(/src\/grows: it grew/);
    expect(packed.warnings.join('\n')).toMatch(/src\/vanishes: left out, it vanished/);
    execFileSync('tar', ['-tf', join(place, 'a.tar')]);
  });

  it('leaves sockets out with the reason', async () => {
    const place = temporaryFolder();
    mkdirSync(join(place, 'src'));
    const server = createServer().listen(join(place, 'src/socket'));
    await new Promise((listening) => server.once('listening', listening));
    onTestFinished(() => void server.close());

    expect(pack(planFor(join(place, 'src'), join(place, 'a.tar'))).warnings).toEqual([
      'src/socket: left out, it is a socket',
    ]);
  });
});

describe('createTarReader', () => {
  it.each(['gnu', 'pax', 'ustar'])('reads what GNU tar writes as %s', (format) => {
    const place = temporaryFolder();
    const src = join(place, 'src');
    mkdirSync(join(src, 'deep/er'), { recursive: true });
    writeFileSync(join(src, 'deep/er/file'), 'content');
    writeFileSync(join(src, 'empty'), '');
    execFileSync('ln', [join(src, 'empty'), join(src, 'second')]);
    execFileSync('ln', ['-s', 'empty', join(src, 'symlink')]);
    if (format !== 'ustar') hostileCorpus(join(src, 'hostile'));
    if (format !== 'ustar') unlinkSync(join(src, 'hostile/pipe'));
    execFileSync('tar', ['-C', place, `--format=${format}`, '-cf', join(place, 'a.tar'), 'src']);

    const seen = readTar(join(place, 'a.tar'));

    const names = execFileSync('tar', ['-tf', join(place, 'a.tar'), '--quoting-style=literal', '--null'], {
      encoding: 'latin1',
    });
    expect(
      seen
        .map(({ path, type }) => `${path}${type === 'dir' ? '/' : ''}`)
        .sort()
        .join('\n'),
    ).toBe(
      names
        .trimEnd()
        .split('\nsrc')
        .map((name, index) => (index === 0 ? name : `src${name}`))
        .sort()
        .join('\n'),
    );
  });

  it('refuses devices, a NUL in a name, a damaged header and what follows the end mark', () => {
    const place = temporaryFolder();
    const path = join(place, 'a.tar');
    writeFileSync(join(place, 'file'), 'x');
    execFileSync('tar', ['-C', place, '-cf', path, 'file']);
    const good = readFileSync(path);
    const changed = (at: number, byte: number): Buffer => {
      const copy = Buffer.from(good);
      copy[at] = byte;
      const header = copy.subarray(0, 512);
      header.write('        ', 148);
      const sum = header.reduce((total, one) => total + one, 0);
      header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
      return copy;
    };
    const refused = (content: Buffer): string => {
      writeFileSync(path, content);
      try {
        readTar(path);
        return 'accepted';
      } catch (cause) {
        return String(cause);
      }
    };

    expect(refused(changed(156, '3'.charCodeAt(0)))).toContain('a device');
    expect(refused(changed(156, '6'.charCodeAt(0)))).toContain('a named pipe');
    expect(refused(Buffer.concat([good, good]))).toContain('goes on after its end mark');
    const flipped = Buffer.from(good);
    flipped[0] = 0x58;
    expect(refused(flipped)).toContain('a header is damaged');
    expect(refused(good)).toBe('accepted');
  });
});
