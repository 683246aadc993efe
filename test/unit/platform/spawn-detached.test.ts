import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SpawnRequest, spawnDetached } from '../../../src/platform/spawn-detached.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightshift-spawn-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const request = (over: Partial<SpawnRequest> = {}): SpawnRequest => ({
  argv: [process.execPath, '-e', ''],
  cwd: null,
  env: {},
  outputPath: join(folder, 'out.log'),
  ...over,
});

describe('spawnDetached', () => {
  it('appends the output, passes arguments as they are, and tells how it ended', async () => {
    const script =
      'console.log(process.argv[1]); console.error(Object.keys(process.env).length); process.exit(7)';

    const spawned = await spawnDetached(
      request({ argv: [process.execPath, '-e', script, '; echo $(id)'], env: { ONE: '1' } }),
    );

    expect(spawned.kind === 'started' && (await spawned.exited)).toEqual({ code: 7, signal: null });
    expect(await readFile(join(folder, 'out.log'), 'utf8')).toBe('; echo $(id)\n1\n');
  });

  it('gives it a group of its own', async () => {
    const spawned = await spawnDetached(
      request({ argv: [process.execPath, '-e', 'setInterval(() => {}, 99)'] }),
    );
    if (spawned.kind !== 'started') throw new Error(spawned.reason);

    process.kill(-spawned.pid, 'SIGKILL');

    expect(await spawned.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it.each([
    ['is missing', ['/nonexistent'], {}],
    ['may not be run', ['/etc/passwd'], {}],
    ['has no folder to run in', ['/bin/true'], { cwd: '/nonexistent' }],
  ])('says so when the program %s', async (_, argv, over) => {
    expect(await spawnDetached(request({ argv, ...over }))).toMatchObject({ kind: 'failed' });
  });

  it('runs it without its output where that cannot be kept', async () => {
    const spawned = await spawnDetached(request({ outputPath: join(folder, 'missing', 'out.log') }));

    expect(spawned).toMatchObject({ kind: 'started', outputLost: expect.stringContaining('ENOENT') });
  });
});
