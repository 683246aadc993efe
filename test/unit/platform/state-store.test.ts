import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isOpsError } from '../../../src/domain/errors.ts';
import type { OpenedDocument } from '../../../src/domain/ports.ts';
import { createStateStore } from '../../../src/platform/state-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { killChild } from '../../support/kill-child.ts';
import { createMemoryLogger } from '../../support/memory-ports.ts';
import { fillDisk, smallDisk, temporaryFolder } from '../../support/temp-folder.ts';

interface Counter {
  readonly n: number;
}
const parse = (data: unknown): Counter => {
  if (typeof (data as Counter).n !== 'number') throw new Error('n: expected a number');
  return data as Counter;
};
const open = (folder: string, log = createMemoryLogger()): Promise<OpenedDocument<Counter>> =>
  createStateStore({ folder, clock: createFakeClock(), log }).open('counter', parse, { n: 0 });
const add = (value: Counter): Counter => ({ n: value.n + 1 });
const names = (folder: string): string[] => readdirSync(folder).sort();

describe('createStateStore', () => {
  it('gives the defaults of a fresh folder, and after a restart what was saved', async () => {
    const folder = join(temporaryFolder(), 'state');

    const first = await open(folder);
    await first.document.update(add);
    const second = await open(folder);

    expect([first.origin, second.origin]).toEqual(['fresh', 'main']);
    expect(second.document.value).toEqual({ n: 1 });
    expect(second.warning).toBe('');
  });

  it('applies concurrent updates in order, each with its own result, in few writes', async () => {
    const folder = temporaryFolder();
    const { document } = await open(folder);

    const results = await Promise.all(Array.from({ length: 50 }, () => document.update(add)));

    expect(results.map((value) => value.n)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    const { seq, data } = JSON.parse(readFileSync(join(folder, 'counter.json'), 'utf8'));
    expect(data).toEqual({ n: 50 });
    expect(seq).toBeLessThan(5);
  });

  it('fails only the update that throws', async () => {
    const { document } = await open(temporaryFolder());

    const results = await Promise.allSettled([
      document.update(add),
      document.update(() => {
        throw new Error('already decided');
      }),
      document.update(add),
    ]);

    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(document.value).toEqual({ n: 2 });
  });

  it('shows a change only when it is on disk', async () => {
    const { document } = await open(temporaryFolder());

    const saving = document.update(add);

    expect(document.value).toEqual({ n: 0 });
    await saving;
    expect(document.value).toEqual({ n: 1 });
  });

  it('writes nothing when nothing changed', async () => {
    const folder = temporaryFolder();
    const { document } = await open(folder);
    await document.update(add);
    const before = readFileSync(join(folder, 'counter.json'), 'utf8');

    await document.update((value) => ({ ...value }));

    expect(readFileSync(join(folder, 'counter.json'), 'utf8')).toBe(before);
  });

  it.each([
    ['empty', ''],
    ['truncated', '{"v":1,"savedAt":"2026'],
    ['full of NULs', '\0'.repeat(200)],
    ['of the wrong shape', '[]'],
  ])('uses the backup when the file is %s, and keeps the bad one', async (_, content) => {
    const folder = temporaryFolder();
    const { document } = await open(folder);
    await document.update(add);
    await document.update(add);
    writeFileSync(join(folder, 'counter.json'), content);

    const again = await open(folder);

    expect(again.origin).toBe('backup');
    expect(again.document.value).toEqual({ n: 1 });
    expect(again.warning).toContain('counter.json cannot be used');
    expect(again.warning).toContain('kept as counter.json.corrupt-2026-11-22T020000000Z');
    expect(readFileSync(join(folder, 'counter.json.corrupt-2026-11-22T020000000Z'), 'utf8')).toBe(content);
    expect((await open(folder)).origin).toBe('main');
  });

  it('notices an old copy by its sequence and takes the newer backup', async () => {
    const folder = temporaryFolder();
    const { document } = await open(folder);
    await document.update(add);
    copyFileSync(join(folder, 'counter.json'), join(folder, 'old'));
    for (let turn = 0; turn < 4; turn += 1) await document.update(add);
    copyFileSync(join(folder, 'old'), join(folder, 'counter.json'));

    const again = await open(folder);

    expect(again.origin).toBe('backup');
    expect(again.document.value).toEqual({ n: 4 });
    expect(again.warning).toContain('older (1) than its own backup (4)');
  });

  it('falls back to defaults when both are bad, and says so until something is saved', async () => {
    const folder = temporaryFolder();
    const log = createMemoryLogger();
    writeFileSync(join(folder, 'counter.json'), 'x');
    writeFileSync(join(folder, 'counter.json.bak'), 'y');

    const first = await open(folder, log);
    const second = await open(folder);
    await second.document.update(add);
    const third = await open(folder);

    expect([first.origin, second.origin, third.origin]).toEqual(['defaults', 'defaults', 'main']);
    expect(first.document.value).toEqual({ n: 0 });
    expect(first.warning).toContain('counter.json.bak cannot be used');
    expect(log.lines.map((line) => line.level)).toEqual(['warn']);
    expect(names(folder).filter((name) => name.includes('.corrupt-'))).toHaveLength(2);
  });

  it('uses the backup when the file was deleted', async () => {
    const folder = temporaryFolder();
    const { document } = await open(folder);
    await document.update(add);
    await document.update(add);
    rmSync(join(folder, 'counter.json'));

    const again = await open(folder);

    expect([again.origin, again.document.value.n]).toEqual(['backup', 1]);
  });

  it('has not changed when the disk is full, keeps the old file, and saves again when there is room', async ({
    skip,
  }) => {
    const disk = smallDisk(300);
    if (disk === undefined) return skip();
    const log = createMemoryLogger();
    const { document } = await open(disk.folder, log);
    await document.update(add);
    fillDisk(join(disk.folder, 'ballast'));

    const failure = await document.update(add).catch((cause: unknown) => cause);
    rmSync(join(disk.folder, 'ballast'));

    expect(isOpsError(failure, 'STATE_UNWRITABLE')).toBe(true);
    expect(document.value).toEqual({ n: 1 });
    await document.update(add);
    expect((await open(disk.folder)).document.value).toEqual({ n: 2 });
    expect(log.lines.map((line) => line.message)).toEqual([
      'state could not be saved',
      'state can be saved again',
    ]);
  });

  it('opens on a read-only disk', async ({ skip }) => {
    const disk = smallDisk(300);
    if (disk === undefined) return skip();
    await (await open(disk.folder)).document.update(add);
    disk.readonly(true);

    const { document, origin } = await open(disk.folder);

    expect([origin, document.value.n]).toEqual(['main', 1]);
    await expect(document.update(add)).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
    disk.readonly(false);
  });

  it('opens a document once, under a plain name', async () => {
    const states = createStateStore({
      folder: temporaryFolder(),
      clock: createFakeClock(),
      log: createMemoryLogger(),
    });
    await states.open('counter', parse, { n: 0 });

    await expect(states.open('counter', parse, { n: 0 })).rejects.toThrow('opened once');
    await expect(states.open('../counter', parse, { n: 0 })).rejects.toThrow('plain name');
  });

  it('loses no acknowledged write and tears no file over 30 kills', { timeout: 120_000 }, async () => {
    const folder = temporaryFolder();
    let acknowledged = 0;
    for (let kill = 0; kill < 30; kill += 1) {
      const { lines, complaints } = await killChild('state-writer.ts', [folder], (kill * 7) % 60);
      expect(complaints).toBe('');
      acknowledged = Math.max(acknowledged, ...lines.map(Number));

      const { origin, document, warning } = await open(folder);

      expect([origin, warning]).toEqual(['main', '']);
      expect(document.value.n).toBeGreaterThanOrEqual(acknowledged);
      expect(document.value.n).toBeLessThanOrEqual(acknowledged + 1);
      expect(names(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    }
    expect(acknowledged).toBeGreaterThan(30);
  });
});
