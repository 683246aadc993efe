import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { MetricReader } from '../../../src/domain/ports.ts';
import { incidentId } from '../../../src/domain/units.ts';
import {
  listProcesses,
  parseSockets,
  readOpenFiles,
  readSockets,
} from '../../../src/healing/proc-snapshot.ts';
import { createSnapshotTaker, type SnapshotDeps } from '../../../src/healing/snapshot.ts';
import type { Targets } from '../../../src/healing/targets/registry.ts';
import { START } from '../../support/builders.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function stage(
  over: Partial<SnapshotDeps> = {},
  logLines: () => Promise<readonly string[]> = async () => ['started', 'token=abc'],
) {
  const dataFolder = await mkdtemp(join(tmpdir(), 'snapshot-'));
  folders.push(dataFolder);
  const target = { name: 'rpa', kind: 'process', worker: 'w' };
  const deps: SnapshotDeps = {
    clock: createFakeClock(),
    metrics: {
      metrics: () => ['cpu'],
      recent: () => [{ metric: 'cpu', at: START, value: null }],
    } as unknown as MetricReader,
    targets: {
      states: () => [],
      get: (name: string) =>
        name === 'rpa'
          ? { target, logLines, state: () => ({ name, up: true, pids: [process.pid], reason: '' }) }
          : undefined,
    } as unknown as Targets,
    dataFolder,
    host: 'web-1',
    redact: (text) => text.replaceAll('abc', '[redacted]'),
    configHash: () => 'h4sh',
    ...over,
  };
  const root = join(dataFolder, 'snapshots');
  const read = async (name: string, file: string): Promise<unknown> =>
    JSON.parse(await readFile(join(root, name, file), 'utf8'));
  return { taker: createSnapshotTaker(deps), root, read };
}
const signal = new AbortController().signal;
const INC = incidentId('inc-7f3a');

describe('createSnapshotTaker', () => {
  it('keeps what a person needs at four in the morning, redacted, readable by its owner alone', async () => {
    const { taker, root, read } = await stage();
    expect(await taker.take(INC, 'rpa', signal)).toEqual({ kind: 'succeeded', note: 'snapshots/inc-7f3a-1' });
    await taker.take(INC, null, signal);

    expect((await readdir(root)).sort()).toEqual(['inc-7f3a-1', 'inc-7f3a-2']);
    expect(await read('inc-7f3a-1', 'about.json')).toMatchObject({
      target: 'rpa',
      configHash: 'h4sh',
      host: 'web-1',
    });
    expect(await read('inc-7f3a-1', 'log.json')).toEqual({ lines: ['started', 'token=[redacted]'] });
    expect(await read('inc-7f3a-2', 'log.json')).toMatchObject({ lines: [] });
    expect(await read('inc-7f3a-1', 'metrics.json')).toEqual({ cpu: [['2026-11-22T02:00:00.000Z', null]] });
    expect(JSON.stringify(await read('inc-7f3a-1', 'processes.json'))).toContain(`"pid":${process.pid}`);
    expect((await stat(join(root, 'inc-7f3a-1'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(root, 'inc-7f3a-1/log.json'))).mode & 0o777).toBe(0o600);
  });

  it('keeps the other parts when one cannot be read, and leaves no half folder when it is ended', async () => {
    const { taker, read, root } = await stage({}, () => Promise.reject(new Error('EIO')));
    await taker.take(INC, 'rpa', signal);
    expect(await read('inc-7f3a-1', 'log.json')).toEqual({ unknown: 'EIO' });
    await expect(taker.take(INC, 'rpa', AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
    expect((await readdir(root)).filter((name) => !name.endsWith('.partial'))).toEqual(['inc-7f3a-1']);
  });

  it('keeps the newest fifty', async () => {
    const { taker, root } = await stage();
    for (let count = 0; count < 52; count += 1) await taker.take(INC, null, signal);
    expect((await readdir(root)).length).toBe(50);
  }, 60_000);
});

describe.runIf(process.platform === 'linux')('reading /proc', () => {
  it('lists processes with their command line and skips those that ended', async () => {
    const child = spawn('/bin/sleep', ['30'], { stdio: 'ignore' });
    try {
      const found = (await listProcesses()).find(({ pid }) => pid === child.pid);
      expect(found).toMatchObject({ command: '/bin/sleep 30', parent: process.pid });
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('tells open files and sockets of a process', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      expect((await readOpenFiles([process.pid]))[0]?.files.length).toBeGreaterThan(2);
      expect(await readSockets([process.pid])).toContainEqual({
        pid: process.pid,
        local: `127.0.0.1:${port}`,
        remote: '0.0.0.0:0',
        state: 'listen',
      });
      expect(await readOpenFiles([999_999_999])).toEqual([{ pid: 999_999_999, files: [] }]);
      expect(await readSockets([999_999_999])).toEqual([]);
    } finally {
      server.close();
    }
  });
});

describe('parseSockets', () => {
  it('keeps the sockets of the process, IPv6 in its own form', () => {
    const row = (inode: string, state: string, local: string) =>
      `  0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000 0 0 ${inode} 1`;
    const text = [
      'header',
      row('7', '01', '0100007F:1F90'),
      row('8', '0A', '0100007F:0001'),
      row('7', 'FF', `${'0'.repeat(32)}:0050`),
      '',
    ].join('\n');
    expect(parseSockets(text, 4, new Set(['7']))).toEqual([
      { pid: 4, local: '127.0.0.1:8080', remote: '0.0.0.0:0', state: 'established' },
      { pid: 4, local: `${'0'.repeat(32)}:80`, remote: '0.0.0.0:0', state: 'FF' },
    ]);
  });
});
