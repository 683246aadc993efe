import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { days, type EpochMs, hours, after as later, minutes } from '../../../src/domain/units.ts';
import type { NormalBand } from '../../../src/monitor/band-lines.ts';
import { type BandLog, createBandLog } from '../../../src/monitor/band-log.ts';
import { createHistoryFiles } from '../../../src/monitor/history-files.ts';
import { START } from '../../support/builders.ts';
import { createMemoryLogger } from '../../support/memory-ports.ts';

let folder: string;
const log = createMemoryLogger();
const band = (centre: number): NormalBand => ({ centre, low: centre - 10, high: centre + 10 });
const at = (minute: number): EpochMs => later(START, minutes(minute));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightshift-bands-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function open(watchedUntil: EpochMs | null = null, keepDays = 35): Promise<BandLog> {
  const files = createHistoryFiles(folder, '.bands.jsonl');
  const bands = createBandLog({ files, log, keepDays: () => keepDays });
  await bands.load(watchedUntil);
  return bands;
}

const note = (bands: BandLog, when: EpochMs, now: NormalBand | null): void =>
  bands.record(when, ['cpu'], () => now);

const told = (bands: BandLog, from: EpochMs, to: EpochMs): readonly (readonly number[])[] =>
  bands.bands('cpu', from, to).map((one) => [one.from - START, one.to - START, one.centre]);

const text = async (): Promise<string> => {
  const names = await readdir(folder);
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('');
};

describe('createBandLog', () => {
  it('tells each time its own band, and none where none was known', async () => {
    const bands = await open();
    for (let minute = 0; minute < 30; minute += 1)
      note(bands, at(minute), minute < 10 ? null : band(minute < 20 ? 50 : 80));

    expect(told(bands, at(0), at(30))).toEqual([
      [minutes(10), minutes(20), 50],
      [minutes(20), minutes(30), 80],
    ]);
    expect(told(bands, at(12), at(15))).toEqual([[minutes(12), minutes(15), 50]]);
    expect(bands.bands('memory', at(0), at(30))).toEqual([]);
  });

  it('writes only what a chart can show: a band that hardly moves is a line a day', async () => {
    const bands = await open();
    for (let minute = 0; minute < 2 * 1_440; minute += 1)
      note(bands, at(minute), band(50 + (minute % 2) * 0.1));
    await bands.flush();

    expect((await text()).trim().split('\n').length).toBeLessThanOrEqual(3);
    expect(told(bands, at(0), at(2_880))).toEqual([[0, days(2), 50]]);
  });

  it('comes back after a crash, whatever it left at the end of the file, and holds no band while no bot ran', async () => {
    const first = await open();
    note(first, at(0), band(50));
    note(first, at(5), band(70));
    await first.flush();
    const [name] = await readdir(folder);
    await appendFile(join(folder, name ?? ''), '{"t":"2026-11-22T04:0');

    const second = await open(at(10));
    note(second, at(60), band(70));
    await second.flush();
    const third = await open(at(65));

    const kept = [
      [0, minutes(5), 50],
      [minutes(5), minutes(10), 70],
    ];
    expect(told(second, at(0), at(90))).toEqual([...kept, [hours(1), minutes(90), 70]]);
    expect(told(third, at(0), at(90))).toEqual([...kept, [hours(1), minutes(65), 70]]);
  });

  it('forgets days beyond those kept, on disk and in memory', async () => {
    const bands = await open(null, 2);
    for (let day = 0; day < 5; day += 1) note(bands, later(START, days(day)), band(50));
    await bands.flush();

    expect(await readdir(folder)).toHaveLength(3);
    expect(bands.bands('cpu', START, later(START, days(6)))[0]?.from).toBe(later(START, days(2)));
  });

  it('keeps no more names than the history', async () => {
    const bands = await open();
    const names = Array.from({ length: 600 }, (_, index) => `pushed_${index}`);
    bands.record(at(0), names, () => band(1));
    bands.record(at(1), names, () => band(2));
    await bands.flush();

    expect(bands.bands('pushed_499', at(0), at(5))).toHaveLength(2);
    expect(bands.bands('pushed_500', at(0), at(5))).toEqual([]);
    expect((await text()).trim().split('\n')).toHaveLength(1_000);
  });
});
