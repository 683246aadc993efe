import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type BackupSite, backupSite, furnish } from '../../support/backup-site.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const CHILD = fileURLToPath(new URL('../../support/children/backup-runner.ts', import.meta.url));
const MOST_STEPS = 40;

function runChild(
  site: BackupSite,
  ...argv: readonly string[]
): { readonly killed: boolean; readonly text: string } {
  const done = spawnSync(process.execPath, ['--import', 'tsx', CHILD, site.folder, ...argv], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { killed: done.signal === 'SIGKILL', text: `${done.stdout}${done.stderr}` };
}

function change(site: BackupSite): void {
  writeFileSync(join(site.app, 'a.txt'), 'changed');
  writeFileSync(join(site.app, 'new.txt'), 'new');
  rmSync(join(site.app, 'sub'), { recursive: true, force: true });
}

function stateOf(site: BackupSite): 'old' | 'new' | string {
  const names = readdirSync(site.app).sort().join();
  const text = readFileSync(join(site.app, 'a.txt'), 'utf8');
  if (names === 'a.txt,new.txt' && text === 'changed') return 'old';
  if (names === 'a.txt,sub' && text === 'first\nsecond\n') return 'new';
  return `a mix: ${names} with ${JSON.stringify(text)}`;
}

describe('a process killed at any step', () => {
  it('of a backup leaves no backup but a whole one, and nothing unfinished is offered', async () => {
    const site = backupSite(temporaryFolder());
    furnish(site);

    for (let step = 1; step < MOST_STEPS; step += 1) {
      const { killed } = runChild(site, 'create', String(step));
      await site.backup.recover();
      const views = await site.backup.list();
      for (const { id } of views)
        expect(await site.backup.verify(id)).toMatchObject({ value: { good: true } });
      expect(readdirSync(site.backups).filter((name) => name.includes('partial'))).toEqual([]);
      if (!killed) return;
    }
    throw new Error('the run never came to its end');
  }, 60_000);

  it('of a restore leaves the old or the new state after the next start, never a mix', async () => {
    const site = backupSite(temporaryFolder());
    furnish(site);
    const made = await site.backup.create(null, []);
    const id = made.kind === 'done' ? made.value.id : '';
    const seen = new Set<string>();

    for (let step = 1; step < MOST_STEPS; step += 2) {
      change(site);
      const { killed, text } = runChild(site, 'restore', String(step), id);
      await site.backup.recover();
      const state = stateOf(site);
      expect(['old', 'new']).toContain(state);
      seen.add(state);
      if (killed) continue;
      expect(text).toContain('done');
      expect(seen).toContain('new');
      return;
    }
    throw new Error('the run never came to its end');
  }, 90_000);
});
