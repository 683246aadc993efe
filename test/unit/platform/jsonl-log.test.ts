import {
  appendFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { days, fromIso, hours, seconds } from '../../../src/domain/units.ts';
import type { TornTail } from '../../../src/platform/append-file.ts';
import { createJsonlLog, type JsonlLog } from '../../../src/platform/jsonl-log.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { fillDisk, smallDisk, temporaryFolder } from '../../support/temp-folder.ts';

interface Rig {
  readonly log: JsonlLog<number>;
  readonly clock: FakeClock;
  readonly torn: TornTail[];
  /** Appends a line that carries the next number, and gives that number. */
  add(sync?: boolean, filler?: string): Promise<number>;
}

function rig(folder: string, clock = createFakeClock()): Rig {
  const torn: TornTail[] = [];
  const log = createJsonlLog<number>({
    folder,
    name: 'log',
    clock,
    recover: async (newestFirst) => {
      for await (const bytes of newestFirst) {
        const { n, time } = JSON.parse(bytes.toString());
        return { tip: n, writtenAt: fromIso(time) };
      }
      return { tip: 0, writtenAt: undefined };
    },
    onTorn: (tail) => void torn.push(tail),
    onRotated: () => {},
  });
  onTestFinished(() => log.close());
  return {
    log,
    clock,
    torn,
    async add(sync = true, filler = '') {
      let n = 0;
      await log.append((tip) => {
        n = tip + 1;
        return { text: JSON.stringify({ n, time: new Date(clock.now()).toISOString(), filler }), tip: n };
      }, sync);
      return n;
    },
  };
}

const numbers = (folder: string, file = 'log.jsonl'): number[] =>
  readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).n);

describe('createJsonlLog', () => {
  it('writes lines in the order they were asked for, for its owner alone, and goes on after a restart', async () => {
    const folder = join(temporaryFolder(), 'audit');
    const first = rig(folder);

    const made = await Promise.all(Array.from({ length: 100 }, () => first.add()));
    await first.log.close();
    const second = rig(folder);
    await second.add();

    expect(made).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(numbers(folder)).toEqual([...made, 101]);
    expect(statSync(join(folder, 'log.jsonl')).mode & 0o777).toBe(0o600);
  });

  it('moves a torn tail aside when it opens, and says so', async () => {
    const folder = temporaryFolder();
    const first = rig(folder);
    await first.add();
    await first.log.close();
    appendFileSync(join(folder, 'log.jsonl'), '{"n":2,"ti');

    const second = rig(folder);
    await second.add();

    expect(numbers(folder)).toEqual([1, 2]);
    expect(second.torn).toHaveLength(1);
    expect(second.torn[0]?.bytes).toBe(10);
    expect(readFileSync(second.torn[0]?.keptAs ?? '', 'utf8')).toBe('{"n":2,"ti');
  });

  it('takes a file of NULs for a torn tail', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'log.jsonl'), Buffer.alloc(200_000));

    const { add, torn } = rig(folder);

    expect(await add()).toBe(1);
    expect(torn[0]?.bytes).toBe(200_000);
    expect(numbers(folder)).toEqual([1]);
  });

  it('gives each day its file and carries the tip over', async () => {
    const folder = temporaryFolder();
    const { add, clock } = rig(folder);
    await add();
    await clock.advance(days(1));
    await add();
    await clock.advance(days(3));
    await add();
    await add();

    expect(readdirSync(folder).sort()).toEqual(['log.2026-11-22.jsonl', 'log.2026-11-23.jsonl', 'log.jsonl']);
    expect(numbers(folder, 'log.2026-11-22.jsonl')).toEqual([1]);
    expect(numbers(folder, 'log.2026-11-23.jsonl')).toEqual([2]);
    expect(numbers(folder)).toEqual([3, 4]);
  });

  it('rotates the file of an earlier day after a restart, and survives a crash in the middle of it', async () => {
    const folder = temporaryFolder();
    const first = rig(folder);
    await first.add();
    await first.log.close();

    const nextDay = rig(folder, createFakeClock('2026-11-23T02:00:00.000Z'));
    await nextDay.add();
    await nextDay.log.close();
    renameSync(join(folder, 'log.jsonl'), join(folder, 'log.2026-11-23.jsonl'));
    const third = rig(folder, createFakeClock('2026-11-24T02:00:00.000Z'));

    expect(await third.add()).toBe(3);
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it('stays in its file when the clock is set back, and keeps the order of the files', async () => {
    const folder = temporaryFolder();
    const { add, clock } = rig(folder);
    await add();
    clock.jump(days(2));
    await add();
    clock.jump(hours(-48));
    await add();
    clock.jump(days(1));
    await add();

    expect(readdirSync(folder).sort()).toEqual([
      'log.2026-11-22.2.jsonl',
      'log.2026-11-22.jsonl',
      'log.jsonl',
    ]);
    expect(numbers(folder, 'log.2026-11-22.jsonl')).toEqual([1]);
    expect(numbers(folder, 'log.2026-11-22.2.jsonl')).toEqual([2, 3]);
    expect(numbers(folder)).toEqual([4]);
  });

  it('makes a new file when the old one was deleted under its hands, and goes on counting', async () => {
    const folder = temporaryFolder();
    const { add, clock } = rig(folder);
    await add();
    rmSync(join(folder, 'log.jsonl'));
    await clock.advance(seconds(2));

    await add();

    expect(numbers(folder)).toEqual([2]);
  });

  it('fails only the line that cannot be made', async () => {
    const folder = temporaryFolder();
    const { add, log } = rig(folder);

    const results = await Promise.allSettled([
      add(),
      log.append(() => {
        throw new Error('cannot be made');
      }, true),
      add(),
    ]);

    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(numbers(folder)).toEqual([1, 2]);
  });

  it('syncs lines that nobody waits for within a second', async () => {
    const folder = temporaryFolder();
    const { add, clock } = rig(folder);

    await add(false);
    await clock.advance(seconds(2));

    expect(numbers(folder)).toEqual([1]);
    expect(await add()).toBe(2);
  });

  it('leaves whole lines only on a full disk, and goes on without a gap when there is room', async ({
    skip,
  }) => {
    const disk = smallDisk(200);
    if (disk === undefined) return skip();
    const { add } = rig(disk.folder);
    await add();
    fillDisk(join(disk.folder, 'ballast'));

    const full = await Promise.allSettled(Array.from({ length: 20 }, () => add(true, 'x'.repeat(900))));
    const whole = numbers(disk.folder);
    rmSync(join(disk.folder, 'ballast'));
    await add();

    expect(full.some((result) => result.status === 'rejected')).toBe(true);
    expect(whole).toEqual(whole.map((_, index) => index + 1));
    expect(numbers(disk.folder)).toEqual([...whole, whole.length + 1]);
  });

  it('fails on a read-only disk and opens by itself when it can be written', async ({ skip }) => {
    const disk = smallDisk(200);
    if (disk === undefined) return skip();
    disk.readonly(true);
    const { add, log } = rig(disk.folder);

    await expect(log.open()).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
    await expect(add()).rejects.toMatchObject({ context: { reason: 'EROFS' } });
    disk.readonly(false);

    expect(await add()).toBe(1);
    await log.close();
  });

  it('fails after ten seconds on a disk that hangs, and at once while it still does', async () => {
    const clock = createFakeClock();
    const log = createJsonlLog<number>({
      folder: temporaryFolder(),
      name: 'log',
      clock,
      diskClock: clock,
      recover: () => new Promise(() => {}),
      onTorn: () => {},
      onRotated: () => {},
    });
    const append = (): Promise<unknown> =>
      log.append((tip) => ({ text: '{}', tip }), true).catch((cause: unknown) => cause);

    const first = append();
    await clock.advance(seconds(10));
    const second = append();

    expect(await first).toMatchObject({ code: 'STATE_UNWRITABLE' });
    expect(await second).toMatchObject({ context: { reason: 'the write before has not ended' } });
  });
});
