import { appendFile, mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytes } from '../../../src/domain/units.ts';
import { createWorkerLogs, type WorkerLogs } from '../../../src/healing/worker-logs.ts';
import { createMemoryLogger, type MemoryLogger } from '../../support/memory-ports.ts';

let folder: string;
let logs: WorkerLogs;
let log: MemoryLogger;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightshift-logs-'));
  log = createMemoryLogger();
  logs = createWorkerLogs({
    folder: join(folder, 'logs'),
    log,
    redact: (text) => text.replaceAll('hunter2', '[redacted]'),
    rotateAt: bytes(1_000),
  });
  await logs.prepare();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}\n`).join('');

describe('rotate', () => {
  it('copies the newest part aside and truncates in place, so that the writer goes on in the same file', async () => {
    const path = logs.pathOf('billing', 0);
    const writer = await open(path, 'a');
    await writer.write(lines(0, 200));

    await logs.rotate('billing', 0);
    await writer.write('after the cut\n');
    await writer.close();

    expect(await readFile(path, 'utf8')).toBe('after the cut\n');
    expect((await stat(`${path}.1`)).size).toBe(1_000);
    expect(await readFile(`${path}.1`, 'utf8')).toMatch(/line 199\n$/);
  });

  it('leaves a small log alone, and one that is not there', async () => {
    await appendFile(logs.pathOf('billing', 0), lines(0, 10));

    await logs.rotate('billing', 0);
    await logs.rotate('shipping', 0);

    expect(await readFile(logs.pathOf('billing', 0), 'utf8')).toBe(lines(0, 10));
    expect(log.lines).toEqual([]);
  });
});

describe('tail', () => {
  it('gives the newest lines, oldest first, over a rotation, without secrets', async () => {
    await appendFile(logs.pathOf('billing', 0), lines(0, 200));
    await logs.rotate('billing', 0);
    await appendFile(logs.pathOf('billing', 0), 'password is hunter2\n');

    expect(await logs.tail('billing', 0, 3)).toEqual(['line 198', 'line 199', 'password is [redacted]']);
  });

  it('gives nothing for a worker that never wrote', async () => {
    expect(await logs.tail('billing', 0, 10)).toEqual([]);
  });

  it('cuts a very long line after secrets were taken out', async () => {
    await appendFile(logs.pathOf('billing', 0), `${'x'.repeat(1_998)}hunter2${'y'.repeat(5_000)}\n`);

    const [line = ''] = await logs.tail('billing', 0, 1);

    expect(line.length).toBeLessThan(2_010);
    expect(line).not.toContain('hu');
  });

  it('keeps the instances of a worker apart', async () => {
    await appendFile(logs.pathOf('billing', 1), 'second\n');

    expect(await logs.tail('billing', 0, 1)).toEqual([]);
    expect(await logs.tail('billing', 1, 1)).toEqual(['second']);
  });
});
