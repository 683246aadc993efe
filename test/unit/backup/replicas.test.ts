import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/domain/ports.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { type BackupSite, backupSite, furnish } from '../../support/backup-site.ts';
import { actor } from '../../support/builders.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const RCLONE = '/usr/bin/rclone';
/** Skipped where Debian's package `rclone` is not installed: the far ends are its own servers. */
const withRclone = describe.skipIf(!existsSync(RCLONE));
const ALL = { backup: 'latest', sections: [], path: null } as const;

const servers: ChildProcess[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.kill('SIGKILL');
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
      server.close(() => resolve(port));
    });
  });
}

/** A far end that can be killed and started again. */
async function serve(what: 'webdav' | 'sftp', far: string, port: number): Promise<ChildProcess> {
  const login = what === 'sftp' ? ['--user', 'u', '--pass', 'p'] : [];
  const argv = ['serve', what, far, '--addr', `127.0.0.1:${port}`, ...login];
  const server = spawn(RCLONE, argv, { stdio: ['ignore', 'ignore', 'pipe'], env: { HOME: far } });
  servers.push(server);
  for await (const chunk of server.stderr as AsyncIterable<Buffer>) {
    if (/serv(?:ing|er) (?:started|on|listening)|Serving|listening on/i.test(chunk.toString())) break;
  }
  return server;
}

/** Waits between tries are over at once, and one may do something meanwhile. */
function hasty(onWait: () => Promise<unknown> = async () => {}): Clock {
  return { ...createSystemClock(), sleep: async () => void (await onWait()) };
}

function siteWith(
  replicas: readonly object[],
  over: Record<string, unknown> = {},
  clock = hasty(),
): BackupSite {
  const folder = temporaryFolder();
  const rclone = join(folder, 'rclone.conf');
  writeFileSync(rclone, '', { mode: 0o600 });
  const site = backupSite(
    folder,
    { replicas: replicas.map((one) => ({ configFile: rclone, ...one })), ...over },
    { clock },
  );
  furnish(site);
  return site;
}

async function made(site: BackupSite): Promise<string> {
  const result = await site.backup.create(null, []);
  if (result.kind !== 'done') throw new Error(result.reason);
  return result.value.id;
}

withRclone('a copy elsewhere', () => {
  it('is compared by content in a second folder: a byte changed there is found and told', async () => {
    const far = temporaryFolder();
    const site = siteWith([{ name: 'disk', remote: far }]);
    const id = await made(site);

    expect(await site.backup.replicate(id)).toEqual({ kind: 'done', value: ['disk'] });
    const archive = join(far, id, 'state.tar.gz');
    const bytes = readFileSync(archive);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    writeFileSync(archive, bytes);
    const again = await site.backup.replicate(id);

    expect(again).toMatchObject({ kind: 'failed' });
    expect((await site.backup.list())[0]?.replicas).toMatchObject([
      { name: 'disk', failure: expect.any(String) },
    ]);
    expect((await site.backup.status()).complaints.join()).toContain('The copy of');
  });

  it('goes by WebDAV, by SFTP and to a folder, one that fails keeps no other from its copy', async () => {
    const [dav, sftp] = [await freePort(), await freePort()];
    const far = { dav: temporaryFolder(), sftp: temporaryFolder(), disk: temporaryFolder() };
    await serve('webdav', far.dav, dav);
    await serve('sftp', far.sftp, sftp);
    const secret = spawnSync(RCLONE, ['obscure', 'p'], { encoding: 'utf8' }).stdout.trim();
    const site = siteWith([
      { name: 'dav', remote: `:webdav,url="http://127.0.0.1:${dav}":` },
      { name: 'gone', remote: ':webdav,url="http://127.0.0.1:1":' },
      { name: 'sftp', remote: `:sftp,host=127.0.0.1,port=${sftp},user=u,pass=${secret},shell_type=none:` },
      { name: 'disk', remote: far.disk },
    ]);
    const id = await made(site);

    const result = await site.backup.replicate(id);

    expect(result).toMatchObject({ kind: 'failed', reason: expect.stringContaining('gone:') });
    const states = (await site.backup.list())[0]?.replicas ?? [];
    expect(states.map(({ name, failure }) => [name, failure === null])).toEqual([
      ['dav', true],
      ['gone', false],
      ['sftp', true],
      ['disk', true],
    ]);
    const own = readdirSync(join(site.backups, id)).sort();
    for (const place of Object.values(far)) expect(readdirSync(join(place, id)).sort()).toEqual(own);
  }, 30_000);

  it('is tried again with longer waits, and succeeds when the far end is back', async () => {
    const port = await freePort();
    const far = temporaryFolder();
    const waits: number[] = [];
    const clock: Clock = {
      ...createSystemClock(),
      async sleep(span) {
        waits.push(span);
        if (waits.length === 2) await serve('webdav', far, port);
      },
    };
    const site = siteWith([{ name: 'dav', remote: `:webdav,url="http://127.0.0.1:${port}":` }], {}, clock);
    const id = await made(site);

    expect(await site.backup.replicate(id)).toEqual({ kind: 'done', value: ['dav'] });
    expect(waits).toEqual([5_000, 15_000]);
  }, 30_000);

  it('cut off in the middle is no backup there, and is completed by the next try', async () => {
    const port = await freePort();
    const far = temporaryFolder();
    const site = siteWith([{ name: 'dav', remote: `:webdav,url="http://127.0.0.1:${port}":` }]);
    writeFileSync(join(site.app, 'big.bin'), Buffer.alloc(40_000_000, 'x'));
    const id = await made(site);
    const server = await serve('webdav', far, port);
    const given = new AbortController();
    const copying = site.backup.replicate(id, { signal: given.signal });
    while (!existsSync(join(far, id))) await createSystemClock().sleep(20 as never);
    server.kill('SIGKILL');
    given.abort(new Error('enough'));

    expect((await copying).kind).toBe('failed');
    expect(existsSync(join(far, id, 'manifest.sig'))).toBe(false);
    await serve('webdav', far, port);
    expect((await site.backup.replicate(id)).kind).toBe('done');
  }, 30_000);

  it('is restored straight from there, also on a host that has lost everything', async () => {
    const far = temporaryFolder();
    const first = siteWith([{ name: 'disk', remote: far }]);
    const id = await made(first);
    await first.backup.replicate(id);
    const other = siteWith([{ name: 'disk', remote: far }]);
    writeFileSync(join(other.app, 'a.txt'), 'lost');

    const target = join(other.folder, 'elsewhere');
    const done = await other.backup.restoreTo({ ...ALL, backup: 'disk:latest', sections: ['data'] }, target);

    expect(done).toMatchObject({ kind: 'done', value: { id } });
    expect(readFileSync(join(target, 'app/a.txt'), 'utf8')).toBe('first\nsecond\n');
    const preview = await other.backup.preview({ ...ALL, backup: id });
    expect(preview).toMatchObject({
      value: { notes: [expect.any(String), expect.stringContaining('no key')] },
    });
    expect(await other.backup.preview({ ...ALL, backup: 'moon:latest' })).toMatchObject({
      kind: 'not_found',
    });
  });

  it('replaces a damaged one of this host, and a forged one there is refused', async () => {
    const far = temporaryFolder();
    const site = siteWith([{ name: 'disk', remote: far }]);
    const id = await made(site);
    await site.backup.replicate(id);
    writeFileSync(join(site.backups, id, 'data.tar.gz'), 'damaged');
    await site.backup.verify(id);

    const restored = await site.backup.restore({ ...ALL, backup: `disk:${id}` }, actor());

    expect(restored.kind).toBe('done');
    writeFileSync(join(site.backups, id, 'manifest.json'), '{}');
    writeFileSync(join(far, id, 'manifest.json'), '{}');
    const forged = await site.backup.preview({ ...ALL, backup: `disk:${id}` });
    expect(forged).toMatchObject({ kind: 'failed', reason: expect.stringContaining('signature') });
    expect(readdirSync(site.backups).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });
});

withRclone('key files', () => {
  it('are mirrored as soon as they have settled, and what they replace is kept', async () => {
    const far = temporaryFolder();
    const site = siteWith([{ name: 'disk', remote: far }], { mirror: { files: ['{config}/bot.json'] } });
    const file = join(site.folder, 'configs/bot.json');
    const mirrored = join(far, 'mirror', file);
    const look = (): Promise<string | null> => site.backup.mirror(new AbortController().signal);

    await look();
    expect(existsSync(mirrored)).toBe(false);
    expect(await look()).toBeNull();
    expect(readFileSync(mirrored, 'utf8')).toContain('dry-run');
    writeFileSync(file, '{"mode":"production"}');
    await look();
    await look();

    expect(readFileSync(mirrored, 'utf8')).toContain('production');
    const [earlier = ''] = readdirSync(join(far, 'mirror-earlier'));
    expect(readFileSync(join(far, 'mirror-earlier', earlier, file), 'utf8')).toContain('dry-run');
    rmSync(far, { recursive: true });
    mkdirSync(far);
  });
});
