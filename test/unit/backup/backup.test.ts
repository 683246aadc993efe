import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backupSite, furnish } from '../../support/backup-site.ts';
import { actor } from '../../support/builders.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const ALL = { backup: 'latest', sections: [], path: null } as const;

describe('createBackup', () => {
  it('makes a signed backup that plain tar opens, and counts it only after a full read', async () => {
    const site = backupSite(temporaryFolder());
    furnish(site);

    const made = await site.backup.create(actor(), []);

    if (made.kind !== 'done') throw new Error(JSON.stringify(made));
    const folder = join(site.backups, made.value.id);
    expect(readdirSync(folder).sort()).toEqual([
      'config.tar.gz',
      'data.tar.gz',
      'hashes.json',
      'manifest.json',
      'manifest.sig',
      'state.tar.gz',
    ]);
    expect(made.value.verified?.good).toBe(true);
    expect(execFileSync('tar', ['-tzf', join(folder, 'data.tar.gz')]).toString()).toContain('app/sub/b.txt');
    expect(statSync(join(site.folder, 'data/state/backup/signing_key.pem')).mode & 0o777).toBe(0o600);
    expect(site.audit.lines.map(({ kind }) => kind)).toEqual(['intent', 'outcome']);
    expect(
      readFileSync(join(site.folder, 'data/reports/backup_verification_report_latest.md'), 'utf8'),
    ).toContain('Can I restore: **yes**');
  });

  it('restores what was changed, added and removed, and keeps what was there in a backup of its own', async () => {
    const site = backupSite(temporaryFolder());
    furnish(site);
    const made = await site.backup.create(null, []);
    writeFileSync(join(site.app, 'a.txt'), 'first\nchanged\n');
    rmSync(join(site.app, 'sub'), { recursive: true });
    writeFileSync(join(site.app, 'new.txt'), 'new');
    writeFileSync(join(site.folder, 'configs/bot.json'), '{\n  "mode": "production"\n}\n');
    const id = made.kind === 'done' ? made.value.id : '';

    const preview = await site.backup.preview({ ...ALL, backup: id });
    const restored = await site.backup.restore({ ...ALL, backup: id }, actor());

    if (preview.kind !== 'done' || restored.kind !== 'done')
      throw new Error(JSON.stringify([preview, restored]));
    const [config, data] = preview.value.sections;
    expect(config?.changes[0]?.diff).toEqual(['@ line 2', '-  "mode": "production"', '+  "mode": "dry-run"']);
    expect(data).toMatchObject({ added: 2, changed: 1, removed: 1 });
    expect(readFileSync(join(site.app, 'a.txt'), 'utf8')).toBe('first\nsecond\n');
    expect(readFileSync(join(site.app, 'sub/b.txt'), 'utf8')).toBe('b\n');
    expect(readdirSync(site.app).sort()).toEqual(['a.txt', 'sub']);
    expect(readFileSync(join(site.folder, 'configs/bot.json'), 'utf8')).toContain('dry-run');
    expect((await site.backup.restoreState()).kind).toBe('done');

    const back = await site.backup.rollback(actor());

    expect(back.kind).toBe('done');
    expect(readdirSync(site.app).sort()).toEqual(['a.txt', 'new.txt']);
  });

  it('puts everything back when the check after a restore fails', async () => {
    const healthCheck = { argv: ['/bin/false'] };
    const site = backupSite(temporaryFolder(), { restore: { healthCheck } });
    furnish(site);
    await site.backup.create(null, []);
    writeFileSync(join(site.app, 'a.txt'), 'changed');
    rmSync(join(site.app, 'sub'), { recursive: true });
    writeFileSync(join(site.app, 'new.txt'), 'new');

    const restored = await site.backup.restore(ALL, actor());

    expect(restored).toMatchObject({ kind: 'failed' });
    expect(readFileSync(join(site.app, 'a.txt'), 'utf8')).toBe('changed');
    expect(readdirSync(site.app).sort()).toEqual(['a.txt', 'new.txt']);
    expect(await site.backup.restoreState()).toMatchObject({ kind: 'rolled_back' });
  });

  it('restores elsewhere without touching this host, and only into an empty folder', async () => {
    const site = backupSite(temporaryFolder());
    furnish(site);
    await site.backup.create(null, []);
    const target = join(site.folder, 'elsewhere');

    const done = await site.backup.restoreTo({ ...ALL, sections: ['data'] }, target);
    const again = await site.backup.restoreTo(ALL, target);

    expect(done.kind).toBe('done');
    expect(readFileSync(join(target, 'app/sub/b.txt'), 'utf8')).toBe('b\n');
    expect(existsSync(join(target, 'configs'))).toBe(false);
    expect(again.kind).toBe('refused');
  });

  it('restores one path alone', async () => {
    const site = backupSite(temporaryFolder());
    furnish(site);
    await site.backup.create(null, []);
    writeFileSync(join(site.app, 'a.txt'), 'changed');
    writeFileSync(join(site.app, 'sub/b.txt'), 'changed');

    const done = await site.backup.restore({ ...ALL, path: 'sub' }, actor());
    const unknown = await site.backup.restore({ ...ALL, path: 'nowhere' }, actor());

    expect(done.kind).toBe('done');
    expect(unknown.kind).toBe('not_found');
    expect(readFileSync(join(site.app, 'a.txt'), 'utf8')).toBe('changed');
    expect(readFileSync(join(site.app, 'sub/b.txt'), 'utf8')).toBe('b\n');
  });

  it('drills: restores for real, times it, and says how long everything would take', async () => {
    const smoke = { argv: ['/usr/bin/test', '-d', '{scratch}'] };
    const site = backupSite(temporaryFolder(), { smoke });
    furnish(site);
    await site.backup.create(null, []);

    const drilled = await site.backup.drill('latest');

    expect(drilled).toMatchObject({ kind: 'done', value: { good: true, reasons: [] } });
    expect((await site.backup.status()).lastDrill?.projected).toBeGreaterThan(0);
    expect(readdirSync(site.backups).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('keeps going and says so when a run is given up, and leaves nothing behind', async () => {
    const site = backupSite(temporaryFolder());
    furnish(site);
    const given = new AbortController();
    given.abort(new Error('given up'));

    const made = await site.backup.create(null, [], { signal: given.signal });

    expect(made.kind).toBe('failed');
    expect(readdirSync(site.backups).filter((name) => name !== 'signing_key.pub')).toEqual([]);
  });
});
