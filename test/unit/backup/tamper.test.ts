import { generateKeyPairSync, sign } from 'node:crypto';
import {
  cpSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkArchive } from '../../../src/backup/check-archive.ts';
import { readHashList } from '../../../src/backup/hash-list.ts';
import { readTrustedKeys } from '../../../src/backup/keys.ts';
import type { Manifest } from '../../../src/backup/manifest.ts';
import { findBackup } from '../../../src/backup/store.ts';
import { type BackupSite, backupSite, furnish } from '../../support/backup-site.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const PLAIN = (app: string) => ({ sections: { data: { include: [`${app}/**`], compression: 'none' } } });

async function madeBackup(): Promise<{ site: BackupSite; id: string; folder: string; manifest: Manifest }> {
  const place = temporaryFolder();
  const site = backupSite(place, PLAIN(join(place, 'app')));
  furnish(site);
  const made = await site.backup.create(null, []);
  if (made.kind !== 'done') throw new Error(JSON.stringify(made));
  const folder = join(site.backups, made.value.id);
  return {
    site,
    id: made.value.id,
    folder,
    manifest: JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')),
  };
}

function flipped(content: Buffer, at: number): Buffer {
  const copy = Buffer.from(content);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

describe('a backup that was altered', () => {
  it('is refused at every byte of its manifest, its signature and its list', async () => {
    const { site, id, folder, manifest } = await madeBackup();
    const own = join(site.folder, 'data/state/backup');
    const keys = await readTrustedKeys({ secret: own, backups: site.backups });

    for (const file of ['manifest.json', 'manifest.sig']) {
      const content = readFileSync(join(folder, file));
      for (let at = 0; at < content.length; at += 1) {
        writeFileSync(join(folder, file), flipped(content, at));
        expect((await findBackup(folder, id, keys)).kind).toBe('refused');
      }
      writeFileSync(join(folder, file), content);
    }
    const list = readFileSync(join(folder, 'hashes.json'));
    for (let at = 0; at < list.length; at += 1) {
      writeFileSync(join(folder, 'hashes.json'), flipped(list, at));
      expect(() => readHashList(join(folder, 'hashes.json'), manifest.hashesSha256)).toThrow('altered');
    }
    writeFileSync(join(folder, 'hashes.json'), list);
    expect((await findBackup(folder, id, keys)).kind).toBe('genuine');
  }, 90_000);

  it('is found damaged with the archive named when one bit of it is flipped', async () => {
    const { site, id, folder } = await madeBackup();
    const archives = readdirSync(folder).filter((name) => name.includes('.tar'));
    expect(archives).toHaveLength(3);

    for (const name of archives) {
      const content = readFileSync(join(folder, name));
      writeFileSync(join(folder, name), flipped(content, content.length >> 1));
      const verified = await site.backup.verify(id);
      const restored = await site.backup.restoreTo(
        { backup: id, sections: [], path: null },
        join(site.folder, 'out'),
      );
      writeFileSync(join(folder, name), content);
      expect(verified).toMatchObject({ value: { good: false, reasons: [expect.stringContaining(name)] } });
      expect(restored).toMatchObject({ kind: 'failed', reason: expect.stringContaining(name) });
    }
    expect(readdirSync(site.folder)).not.toContain('out');
    expect(await site.backup.verify(id)).toMatchObject({ value: { good: true } });
  });

  it('is refused when its archive ends at any boundary between entries', async () => {
    const { folder, manifest } = await madeBackup();
    const entries = readHashList(join(folder, 'hashes.json'), manifest.hashesSha256).data;
    const content = readFileSync(join(folder, 'data.tar'));
    const path = join(folder, 'cut.tar');

    for (let cut = 0; cut < content.length; cut += 512) {
      writeFileSync(path, content.subarray(0, cut));
      await expect(
        checkArchive({ path, tarBytes: content.length, sha256: null, entries }, () => {}, null),
      ).rejects.toThrow();
    }
    writeFileSync(path, content);
    await checkArchive({ path, tarBytes: content.length, sha256: null, entries }, () => {}, null);
  });

  it('is refused at every byte of an archive that is compared as a whole while it is unpacked', async () => {
    const { folder, manifest } = await madeBackup();
    const entries = readHashList(join(folder, 'hashes.json'), manifest.hashesSha256).data;
    const content = readFileSync(join(folder, 'data.tar'));
    const sha256 = manifest.sections.find(({ section }) => section === 'data')?.sha256 ?? '';
    const path = join(folder, 'flipped.tar');
    const check = (): Promise<void> =>
      checkArchive({ path, tarBytes: content.length, sha256, entries }, () => {}, null);

    for (let at = 0; at < content.length; at += 61) {
      writeFileSync(path, flipped(content, at));
      await expect(check(), `byte ${at}`).rejects.toThrow();
    }
    writeFileSync(path, content);
    await check();
  });

  it('is refused when somebody else signed it', async () => {
    const { site, id, folder } = await madeBackup();
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const content = Buffer.from(
      readFileSync(join(folder, 'manifest.json'), 'utf8').replace('web-1', 'web-2'),
    );
    writeFileSync(join(folder, 'manifest.json'), content);
    writeFileSync(join(folder, 'manifest.sig'), sign(null, content, privateKey));
    writeFileSync(join(site.backups, 'signing_key.pub'), publicKey.export({ type: 'spki', format: 'pem' }));

    const verified = await site.backup.verify(id);
    const restored = await site.backup.preview({ backup: 'latest', sections: [], path: null });

    expect(verified).toMatchObject({
      value: { good: false, reasons: ['the signature of its manifest is not ours'] },
    });
    expect(restored.kind).toBe('failed');
  });

  it('is told when one in the middle, or the newest, is gone; what retention removed is no gap', async () => {
    const { site, id } = await madeBackup();
    const second = await site.backup.create(null, []);
    const third = await site.backup.create(null, []);
    const ids = [id, second, third].map((one) =>
      typeof one === 'string' ? one : one.kind === 'done' ? one.value.id : '',
    );
    const [, middle = '', newest = ''] = ids;
    const aside = join(site.folder, 'aside');

    renameSync(join(site.backups, middle), aside);
    expect(await site.backup.verify(newest)).toMatchObject({
      value: {
        good: false,
        reasons: [expect.stringContaining(`the backup ${middle} before ${newest} is missing`)],
      },
    });
    cpSync(aside, join(site.backups, middle), { recursive: true });
    expect(await site.backup.verify(newest)).toMatchObject({ value: { good: true } });

    renameSync(join(site.backups, newest), join(site.folder, 'newest'));
    expect(await site.backup.verify(middle)).toMatchObject({
      value: { good: false, reasons: [`the newest backup, ${newest}, is gone`] },
    });
    renameSync(join(site.folder, 'newest'), join(site.backups, newest));

    const pruned = await site.backup.prune(null, false);
    expect(pruned).toMatchObject({ kind: 'done', value: [id, middle] });
    expect(await site.backup.verify(newest)).toMatchObject({ value: { good: true } });
    rmSync(aside, { recursive: true });
  });

  it('has no private key in it', async () => {
    const { site, folder } = await madeBackup();
    const secret =
      readFileSync(join(site.folder, 'data/state/backup/signing_key.pem'), 'utf8').split('\n')[1] ?? '';
    const marker = openSync(join(site.folder, 'marker'), 'w');
    writeSync(marker, secret);

    const list = readFileSync(join(folder, 'hashes.json'), 'utf8');

    expect(list).not.toContain('signing_key');
    expect(list).toContain('incidents.json');
  });
});
