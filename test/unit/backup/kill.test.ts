import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type BackupSite, backupSite, furnish } from '../../support/backup-site.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const CHILD = fileURLToPath(new URL('../../support/children/backup-runner.ts', import.meta.url));
const MOST_STEPS = 60;
/** A hundred are run before a release: NIGHTSHIFT_KILLS=100 npx vitest run test/unit/backup/kill.test.ts */
const RANDOM_KILLS = Number(process.env['NIGHTSHIFT_KILLS'] ?? 3);
/** Each step is killed with NIGHTSHIFT_KILL_STRIDE=1. */
const STRIDE = Number(process.env['NIGHTSHIFT_KILL_STRIDE'] ?? 2);
/** The file calls of a restore of all sections are some ninety. */
const FILE_CALL_STRIDE = STRIDE === 1 ? 1 : 23;
/** The child needs a while to begin, and is done soon after. */
const FIRST_MOMENT = 400;
const LAST_MOMENT = 1_600;

function runChild(
  site: BackupSite,
  ...argv: readonly string[]
): { readonly killed: boolean; readonly text: string } {
  const done = spawnSync(process.execPath, ['--import', 'tsx', CHILD, site.folder, ...argv], {
    encoding: 'utf8',
    timeout: 120_000,
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

  it(
    'of a restore leaves the old or the new state after the next start, never a mix',
    async () => {
      const site = backupSite(temporaryFolder());
      furnish(site);
      const made = await site.backup.create(null, []);
      const id = made.kind === 'done' ? made.value.id : '';
      const seen = new Set<string>();

      for (let step = 1; step < MOST_STEPS; step += STRIDE) {
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
    },
    90_000 * (3 - Math.min(2, STRIDE)),
  );

  it('of a restore whose state is put in place by the next start leaves all of the old or all of the new', async () => {
    const site = backupSite(temporaryFolder());
    furnish(site);
    const made = await site.backup.create(null, []);
    const id = made.kind === 'done' ? made.value.id : '';
    const incidents = join(site.folder, 'data/state/incidents.json');
    const fresh = readFileSync(incidents, 'utf8');
    const seen: string[] = [];

    for (let step = 1; ; step += FILE_CALL_STRIDE) {
      change(site);
      writeFileSync(incidents, 'old');
      const { killed, text } = runChild(site, 'handover', String(step), id);
      const next = backupSite(site.folder).backup;
      await next.finishHandedOver();
      await next.recover();
      const state = readFileSync(incidents, 'utf8') === fresh ? 'new' : 'old';
      expect(stateOf(site), `killed at ${step}; the state is the ${state} one`).toBe(state);
      seen.push(state);
      if (!killed) {
        expect(text).toContain('done');
        break;
      }
    }
    expect(seen.slice(0, 1)).toEqual(['old']);
    expect(seen.at(-1)).toBe('new');
  }, 900_000);

  it(
    'of a check or a drill leaves nothing behind, and the backup as it was',
    async () => {
      const site = backupSite(temporaryFolder());
      furnish(site);
      await site.backup.create(null, []);

      for (const what of ['verify', 'drill']) {
        let kills = 0;
        for (let step = 1; runChild(site, what, String(step)).killed; step += STRIDE) {
          kills += 1;
          await site.backup.recover();
          expect(readdirSync(site.backups).filter((name) => name.startsWith('.'))).toEqual([]);
          expect(await site.backup.verify('latest')).toMatchObject({ value: { good: true } });
        }
        expect(kills, what).toBeGreaterThan(0);
      }
    },
    90_000 * (3 - Math.min(2, STRIDE)),
  );

  it('or at any moment leaves the old or the new state, also of a guided restore', async () => {
    const site = backupSite(temporaryFolder());
    furnish(site);
    const made = await site.backup.create(null, []);
    const id = made.kind === 'done' ? made.value.id : '';

    for (let count = 0; count < RANDOM_KILLS; count += 1) {
      change(site);
      const what = ['guided', 'restore', 'create'][count % 3] ?? '';
      await killedAfter(FIRST_MOMENT + Math.random() * LAST_MOMENT, site, what, id);
      await site.backup.recover();
      expect(['old', 'new'], `${what}, kill ${count}`).toContain(stateOf(site));
      for (const { id: one } of await site.backup.list())
        if (one !== id) rmSync(join(site.backups, one), { recursive: true });
    }
    expect(await site.backup.verify(id)).toMatchObject({ kind: 'done' });
  }, 900_000);
});

/** SIGKILL at a moment that no step knows of. */
function killedAfter(wait: number, site: BackupSite, what: string, id: string): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, site.folder, what, '0', id], {
    stdio: 'ignore',
  });
  setTimeout(() => child.kill('SIGKILL'), wait);
  return new Promise((resolve) => child.on('close', () => resolve()));
}
