import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { acquireLock, type Lock, readLock } from '../../../src/platform/lock.ts';
import { createProcReader } from '../../../src/platform/proc.ts';
import {
  createProcessTable,
  type Liveness,
  type ProcessTable,
} from '../../../src/platform/process-identity.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { smallDisk, temporaryFolder } from '../../support/temp-folder.ts';

const table = (liveness: Liveness): ProcessTable => ({
  identify: (pid) => ({ pid, startTicks: 100, bootId: 'boot-1' }),
  liveness: () => liveness,
});
const take = (file: string, liveness: Liveness = 'alive'): Promise<Lock> =>
  acquireLock({ file, host: 'web-1', clock: createFakeClock(), processes: table(liveness) });
const lockFile = (): string => join(temporaryFolder(), 'nightshift.lock');

describe('acquireLock', () => {
  it('lets a second bot know who holds the folder', async () => {
    const file = lockFile();
    const lock = await take(file);
    await lock.describe({ url: 'http://127.0.0.1:8787' });

    const refused = await take(file).catch((cause: unknown) => cause);

    expect(refused).toMatchObject({
      code: 'DATA_LOCKED',
      message: `Another Nightshift runs on this data folder: pid ${process.pid} on web-1, since 2026-11-22T02:00:00.000Z, at http://127.0.0.1:8787.`,
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(file, '..'))).toEqual(['nightshift.lock']);
  });

  it('does not take over an owner of whom nothing is known', async () => {
    const file = lockFile();
    await take(file);

    await expect(take(file, 'unknown')).rejects.toMatchObject({ code: 'DATA_LOCKED' });
  });

  it('is free again after its release', async () => {
    const file = lockFile();
    const first = await take(file);
    await first.release();
    await first.release();

    await take(file);
  });

  it('takes over at once from a dead owner, and the dead one cannot release it', async () => {
    const file = lockFile();
    writeFileSync(
      file,
      JSON.stringify({
        pid: 1,
        startTicks: 1,
        bootId: 'boot-0',
        host: 'web-1',
        since: '2026-11-22T01:00:00.000Z',
      }),
    );

    await take(file, 'dead');

    expect(JSON.parse(readFileSync(file, 'utf8')).pid).toBe(process.pid);
    expect(readdirSync(join(file, '..'))).toEqual(['nightshift.lock']);
  });

  it.each([
    ['empty', ''],
    ['garbage', 'not json'],
    ['of another shape', '{"pid":"x"}'],
  ])('takes over a lock that is %s', async (_, content) => {
    const file = lockFile();
    writeFileSync(file, content);

    await take(file);

    expect(JSON.parse(readFileSync(file, 'utf8')).pid).toBe(process.pid);
  });

  it('goes on after somebody who died in the middle of taking over', async () => {
    const file = lockFile();
    const dead = JSON.stringify({
      pid: 1,
      startTicks: 1,
      bootId: null,
      host: 'a',
      since: '2026-11-22T01:00:00.000Z',
    });
    writeFileSync(file, dead);
    writeFileSync(`${file}.claim`, dead);

    await take(file, 'dead');

    expect(readdirSync(join(file, '..'))).toEqual(['nightshift.lock']);
  });

  it('does not remove a lock that is no longer its own', async () => {
    const file = lockFile();
    const lock = await take(file);
    writeFileSync(
      file,
      JSON.stringify({
        pid: 9,
        startTicks: 9,
        bootId: 'boot-1',
        host: 'web-1',
        since: '2026-11-22T03:00:00.000Z',
      }),
    );

    await lock.release();

    expect(JSON.parse(readFileSync(file, 'utf8')).pid).toBe(9);
  });

  it('says so when the folder cannot be written', async ({ skip }) => {
    const disk = smallDisk(100);
    if (disk === undefined) return skip();
    disk.readonly(true);

    await expect(take(join(disk.folder, 'nightshift.lock'))).rejects.toMatchObject({
      code: 'STATE_UNWRITABLE',
      context: { reason: 'EROFS' },
    });
  });

  it.runIf(process.platform === 'linux')(
    'gives a killed owner’s folder to exactly one of those who come together',
    { timeout: 60_000 },
    async () => {
      const file = lockFile();
      const owner = await racer(file);
      expect(await race([owner])).toEqual(['held']);
      owner.kill('SIGKILL');
      await once(owner, 'exit');

      const words = await race(await Promise.all([racer(file), racer(file), racer(file), racer(file)]));

      expect(words.toSorted()).toEqual(['DATA_LOCKED', 'DATA_LOCKED', 'DATA_LOCKED', 'held']);
      expect(readdirSync(join(file, '..'))).toEqual(['nightshift.lock']);
    },
  );
});

describe('readLock', () => {
  it('finds the running bot and its address', async () => {
    const file = lockFile();
    const processes = createProcessTable({ proc: createProcReader() });
    const lock = await acquireLock({ file, host: 'web-1', clock: createFakeClock(), processes });
    await lock.describe({ url: 'http://127.0.0.1:8787' });

    expect(await readLock(file, processes)).toMatchObject({
      owner: { pid: process.pid, url: 'http://127.0.0.1:8787', host: 'web-1' },
      liveness: 'alive',
    });
  });

  it('finds nobody where there is no lock', async () => {
    expect(await readLock(lockFile(), table('alive'))).toBeUndefined();
  });
});

async function racer(file: string): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('../../support/children/lock-racer.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await nextWord(child);
  return child;
}

async function race(children: readonly ChildProcess[]): Promise<readonly string[]> {
  const words = children.map(nextWord);
  for (const child of children) child.stdin?.write('go\n');
  return Promise.all(words);
}

async function nextWord(child: ChildProcess): Promise<string> {
  const [chunk] = await once(child.stdout ?? child, 'data');
  return String(chunk).trim();
}
