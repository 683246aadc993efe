import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { backupSite, furnish } from '../../support/backup-site.ts';
import { smallDisk, temporaryFolder } from '../../support/temp-folder.ts';

const SQLITE = '/usr/bin/sqlite3';
/** Ten are run before a release: NIGHTSHIFT_SQLITE_ROUNDS=10 npx vitest run test/unit/backup/sqlite.test.ts */
const ROUNDS = Number(process.env['NIGHTSHIFT_SQLITE_ROUNDS'] ?? 2);
const ALL = { backup: 'latest', sections: [], path: null } as const;

describe('a backup', () => {
  it.skipIf(!existsSync(SQLITE))(
    'of a database under writes is whole after each restore',
    async () => {
      const site = backupSite(temporaryFolder());
      furnish(site);
      const file = join(site.app, "it's.db");
      const fill = 'INSERT INTO t SELECT hex(randomblob(200)) FROM generate_series(1,20000)';
      execFileSync(SQLITE, [file, 'PRAGMA journal_mode=WAL', 'CREATE TABLE t(x)', fill]);
      const writer = spawn(
        'bash',
        [
          '-c',
          `while true; do echo "UPDATE t SET x=hex(randomblob(200)) WHERE rowid%50=0;"; done | ${SQLITE} -cmd '.timeout 5000' "$1"`,
          'w',
          file,
        ],
        { detached: true, stdio: 'ignore' },
      );
      onTestFinished(() => void process.kill(-(writer.pid ?? 0), 'SIGKILL'));

      for (let round = 1; round <= ROUNDS; round += 1) {
        const made = await site.backup.create(null, ['data']);
        const target = join(site.folder, `out${round}`);
        const restored = await site.backup.restoreTo(ALL, target);
        expect([made.kind, restored.kind]).toEqual(['done', 'done']);
        const check = execFileSync(SQLITE, [join(target, "app/it's.db"), 'PRAGMA integrity_check'])
          .toString()
          .trim();
        expect(check).toBe('ok');
        expect(readdirSync(join(target, 'app')).filter((name) => /-(wal|shm)$/.test(name))).toEqual([]);
      }
    },
    ROUNDS * 20_000,
  );

  it('on a disk that fills up fails with a reason and leaves the one before whole', async () => {
    const disk = smallDisk(3_000);
    if (disk === undefined) return;
    const site = backupSite(disk.folder, {
      sections: { data: { include: [`${join(disk.folder, 'app')}/**`], compression: 'none' } },
    });
    furnish(site);
    const first = await site.backup.create(null, []);
    writeFileSync(join(site.app, 'big'), Buffer.alloc(1_600_000, 1));

    const second = await site.backup.create(null, []);

    expect(first.kind).toBe('done');
    expect(second).toMatchObject({ kind: 'failed', reason: expect.stringContaining('the disk is full') });
    expect(await site.backup.verify('latest')).toMatchObject({ value: { good: true } });
    expect(
      await site.backup.restore(ALL, {
        surface: 'cli',
        id: 'local-token',
        display: '',
        person: null,
        roles: [],
      }),
    ).toMatchObject({ kind: 'failed' });
    expect(readdirSync(site.app).sort()).toEqual(['a.txt', 'big', 'sub']);
  });
});
