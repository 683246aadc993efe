import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BackupProgress } from '../../../src/domain/backup.ts';
import { createEventBus } from '../../../src/platform/event-bus.ts';
import { type BackupSite, backupSite, furnish } from '../../support/backup-site.ts';
import { actor } from '../../support/builders.ts';
import { createMemoryLogger } from '../../support/memory-ports.ts';
import { fillDisk, type SmallDisk, smallDisk, temporaryFolder } from '../../support/temp-folder.ts';

const DATA = { backup: 'latest', sections: ['data'], path: null } as const;
const BIG = Buffer.alloc(400_000, 7);

interface Scene {
  readonly site: BackupSite;
  readonly disk: SmallDisk;
  readonly told: string[];
}

/** The files of the service, or the backups, stand on a disk that can be filled or frozen. */
async function scene(what: 'app' | 'backups'): Promise<Scene | undefined> {
  const disk = smallDisk(2_000);
  if (disk === undefined) return undefined;
  const folder = temporaryFolder();
  const told: string[] = [];
  const bus = createEventBus(createMemoryLogger());
  bus.on('anomaly.detected', ({ anomaly }) => void told.push(`${anomaly.kind}: ${anomaly.summary}`));
  bus.on('restore.finished', ({ good, text }) => void told.push(`restore ${good}: ${text}`));
  if (what === 'backups') {
    mkdirSync(join(folder, 'data'));
    symlinkSync(disk.folder, join(folder, 'data/backups'));
  }
  const app = what === 'app' ? disk.folder : join(folder, 'app');
  const data = { include: [`${app}/**`], compression: 'none' };
  const site = { ...backupSite(folder, { sections: { data } }, { bus }), app };
  furnish(site);
  writeFileSync(join(app, 'big'), BIG);
  expect(await site.backup.create(null, [])).toMatchObject({ kind: 'done' });
  return { site, disk, told };
}

/** Does something once, at the first sign of a step. */
function at(step: RegExp, work: () => void): (progress: BackupProgress) => void {
  let isDone = false;
  return ({ what }) => {
    if (isDone || !step.test(what)) return;
    isDone = true;
    work();
  };
}

function filesOf(folder: string): string {
  const names = readdirSync(folder, { recursive: true }).map(String).sort();
  const texts = ['a.txt', 'big'].map((name) => readFileSync(join(folder, name), 'latin1').slice(0, 20));
  return JSON.stringify([names, texts]);
}

describe('a backup', () => {
  it.for(['full', 'read-only'] as const)(
    'whose disk is %s in the middle fails with that reason and an incident, and the one before is whole',
    async (fault) => {
      const made = await scene('backups');
      if (made === undefined) return;
      const { site, disk, told } = made;
      const ballast = join(disk.folder, 'ballast');
      const onProgress = at(/^packing/, () => (fault === 'full' ? fillDisk(ballast) : disk.readonly(true)));

      const failed = await site.backup.create(null, [], { onProgress });

      const reason = expect.stringContaining(`the disk is ${fault}`);
      expect(failed).toMatchObject({ kind: 'failed', reason });
      expect(told).toEqual([expect.stringMatching(/^backup_failed: /)]);
      expect(told[0]).toContain(`the disk is ${fault}`);
      if (fault === 'read-only') disk.readonly(false);
      expect(await site.backup.verify('latest')).toMatchObject({ value: { good: true } });
      expect((await site.backup.list()).length).toBe(1);
      await site.backup.recover();
      expect(readdirSync(disk.folder).filter((name) => name.includes('partial'))).toEqual([]);
    },
  );
});

describe('a restore', () => {
  it.for(['full', 'read-only'] as const)(
    'whose disk is %s while it stages leaves every file as it was, and says so',
    async (fault) => {
      const made = await scene('app');
      if (made === undefined) return;
      const { site, disk, told } = made;
      writeFileSync(join(site.app, 'a.txt'), 'changed');
      writeFileSync(join(site.app, 'big'), 'changed too');
      const ballast = join(site.app, 'ballast');
      if (fault === 'full') writeFileSync(ballast, '');
      const before = filesOf(site.app);
      const onProgress = at(/^unpacking/, () => (fault === 'full' ? fillDisk(ballast) : disk.readonly(true)));

      const failed = await site.backup.restore(DATA, actor(), { onProgress });

      expect(failed).toMatchObject({
        kind: 'failed',
        reason: expect.stringMatching(fault === 'full' ? /ENOSPC/ : /EROFS|read-only/),
      });
      expect(told).toEqual([expect.stringMatching(/^restore false: No restore: /)]);
      if (fault === 'read-only') disk.readonly(false);
      await site.backup.recover();
      expect(filesOf(site.app)).toBe(before);
      expect(await site.backup.restoreState()).toMatchObject({ kind: 'rolled_back' });
    },
  );

  it('whose disk is read-only while it exchanges is taken back at the next start', async () => {
    const made = await scene('app');
    if (made === undefined) return;
    const { site, disk } = made;
    writeFileSync(join(site.app, 'a.txt'), 'changed');
    writeFileSync(join(site.app, 'big'), 'changed too');
    const before = filesOf(site.app);

    const failed = await site.backup.restore(DATA, actor(), {
      onProgress: at(/^putting/, () => disk.readonly(true)),
    });

    expect(failed).toMatchObject({ kind: 'failed', reason: expect.stringContaining('read-only') });
    disk.readonly(false);
    await backupSite(site.folder).backup.recover();
    expect(filesOf(site.app)).toBe(before);
  });
});
