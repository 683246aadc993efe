import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { after, days, type EpochMs, epochMs, minutes, seconds } from '../../../src/domain/units.ts';
import { createHistory, type History } from '../../../src/monitor/history.ts';
import { createHistoryFiles } from '../../../src/monitor/history-files.ts';
import { createRollups, type Rollups } from '../../../src/monitor/rollups.ts';
import { START } from '../../support/builders.ts';
import { createMemoryLogger } from '../../support/memory-ports.ts';

let folder: string;
const log = createMemoryLogger();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightshift-rollups-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (keepDays = 35): Rollups =>
  createRollups({ files: createHistoryFiles(folder, '.1m.jsonl'), log, keepDays: () => keepDays });
const samples = (): History =>
  createHistory({ files: createHistoryFiles(folder), log, step: seconds(10), keepDays: () => 7 });
const at = (slot: number): EpochMs => after(START, seconds(slot * 10));

function fill(rollups: Pick<Rollups, 'add'>, slots: number, value: (slot: number) => number | null): void {
  for (let slot = 0; slot < slots; slot += 1) rollups.add(at(slot), new Map([['cpu', value(slot)]]), true);
}

const all = (rollups: Rollups, which: 'all' | 'teaching' = 'all'): number[] => [
  ...rollups.minutes('cpu', START, after(START, minutes(4)), which).values,
];

describe('createRollups', () => {
  it('keeps the mean of each minute, and NaN for a minute of which nothing is known', () => {
    const rollups = open();
    fill(rollups, 19, (slot) => (slot >= 6 && slot < 12 ? null : slot));

    expect(all(rollups)).toEqual([2.5, Number.NaN, 14.5, Number.NaN]);
  });

  it('does not let a minute teach in which one sample must not', () => {
    const rollups = open();
    for (let slot = 0; slot < 13; slot += 1) rollups.add(at(slot), new Map([['cpu', 0.5]]), slot !== 7);

    expect(all(rollups).slice(0, 2)).toEqual([0.5, 0.5]);
    expect(all(rollups, 'teaching').slice(0, 2)).toEqual([0.5, Number.NaN]);
  });

  it('comes back after a restart, whatever a crash left at the end of the file', async () => {
    const first = open();
    fill(first, 13, () => 0.25);
    await first.flush();
    const file = join(folder, '2026-11-22.1m.jsonl');
    await appendFile(file, '{"t":"2026-11-22T04:0');
    const again = open();
    await again.load(samples());

    expect((await readFile(file, 'utf8')).split('\n')[0]).toBe('{"metrics":["cpu"]}');
    expect(all(again).slice(0, 2)).toEqual([0.25, 0.25]);
  });

  it('makes up minutes that were never written from the stored samples, marks included', async () => {
    const history = samples();
    for (let slot = 0; slot < 19; slot += 1)
      history.record(at(slot), new Map([['cpu', slot]]), slot < 6 || slot >= 12);
    const rollups = open();
    await rollups.load(history);

    expect(all(rollups).slice(0, 3)).toEqual([2.5, 8.5, 14.5]);
    expect(all(rollups, 'teaching').slice(0, 3)).toEqual([2.5, Number.NaN, 14.5]);
    expect(await readdir(folder)).toContain('2026-11-22.1m.jsonl');
  });

  it('unlinks days that are too old and leaves the files of the samples alone', async () => {
    const history = samples();
    history.record(START, new Map([['cpu', 1]]), true);
    await history.flush();
    const rollups = open(2);
    for (let day = 0; day < 6; day += 1) {
      const noon = after(START, days(day));
      for (const moment of [noon, epochMs(noon + 60_000)]) rollups.add(moment, new Map([['cpu', 1]]), true);
    }
    await rollups.flush();

    expect((await readdir(folder)).sort()).toEqual([
      '2026-11-22.jsonl',
      '2026-11-25.1m.jsonl',
      '2026-11-26.1m.jsonl',
      '2026-11-27.1m.jsonl',
    ]);
  });
});
