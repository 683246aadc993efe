import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { after, days, type EpochMs, epochMs, minutes, seconds } from '../../../src/domain/units.ts';
import { createHistory, type History } from '../../../src/monitor/history.ts';
import { createHistoryFiles, type HistoryFiles } from '../../../src/monitor/history-files.ts';
import { START } from '../../support/builders.ts';
import { createMemoryLogger, type MemoryLogger } from '../../support/memory-ports.ts';

let folder: string;
let log: MemoryLogger;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightshift-history-'));
  log = createMemoryLogger();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function open(files: HistoryFiles = createHistoryFiles(folder), keepDays = 7): History {
  return createHistory({ files, log, step: seconds(10), keepDays: () => keepDays });
}

const at = (index: number): EpochMs => after(START, seconds(index * 10));

function fill(
  history: History,
  count: number,
  values: (index: number) => Record<string, number | null>,
): void {
  for (let index = 0; index < count; index += 1) {
    history.record(at(index), new Map(Object.entries(values(index))), true);
  }
}

const everything = (history: History, metric: string) =>
  history.between(metric, epochMs(START - 1), after(START, days(1))).map((sample) => sample.value);

describe('createHistory', () => {
  it('gives back what was recorded, unknown as unknown and a gap as no sample', () => {
    const history = open();
    history.record(at(0), new Map([['cpu', 0.5]]), true);
    history.record(at(1), new Map([['cpu', null]]), true);
    history.record(at(5), new Map([['cpu', 0.25]]), true);

    expect(history.between('cpu', epochMs(START - 1), at(9))).toEqual([
      { metric: 'cpu', at: at(0), value: 0.5 },
      { metric: 'cpu', at: at(1), value: null },
      { metric: 'cpu', at: at(5), value: 0.25 },
    ]);
  });

  it('comes back after a restart as it was, from a file with a header and one line a slot', async () => {
    const first = open();
    fill(first, 3, (index) => ({ cpu: index / 4, memory: null }));
    await first.flush();

    const text = await readFile(join(folder, '2026-11-22.jsonl'), 'utf8');
    const again = open();
    await again.load();

    expect(text.split('\n').slice(0, 2)).toEqual([
      '{"metrics":["cpu","memory"]}',
      '{"t":"2026-11-22T02:00:00.000Z","v":[0,null]}',
    ]);
    expect(everything(again, 'cpu')).toEqual([0, 0.25, 0.5]);
    expect(everything(again, 'memory')).toEqual([null, null, null]);
  });

  it('writes a new header when the set of metrics changes, and reads both', async () => {
    const first = open();
    fill(first, 1, () => ({ cpu: 0.5 }));
    first.record(
      at(1),
      new Map([
        ['cpu', 0.25],
        ['swap', 0.75],
      ]),
      true,
    );
    await first.flush();

    const again = open();
    await again.load();

    expect(everything(again, 'cpu')).toEqual([0.5, 0.25]);
    expect(everything(again, 'swap')).toEqual([null, 0.75]);
  });

  it('drops a torn last line and goes on in a line of its own', async () => {
    const first = open();
    fill(first, 2, () => ({ cpu: 0.5 }));
    await first.flush();
    await appendFile(join(folder, '2026-11-22.jsonl'), '{"t":"2026-11-22T02:00:20.0');

    const second = open();
    await second.load();
    second.record(at(3), new Map([['cpu', 0.75]]), true);
    await second.flush();
    const third = open();
    await third.load();

    expect(everything(third, 'cpu')).toEqual([0.5, 0.5, 0.75]);
    expect(log.lines.map((line) => line.message)).toContain('history has lines that cannot be read');
  });

  it('keeps what is sampled now when the files are read later', async () => {
    const first = open();
    fill(first, 1, () => ({ cpu: 0.5 }));
    await first.flush();

    const second = open();
    second.record(at(0), new Map([['cpu', 0.75]]), true);
    await second.load();

    expect(everything(second, 'cpu')).toEqual([0.75]);
  });

  it('goes on in memory on a full disk, says so once, and writes all of it when there is room', async () => {
    const files = createHistoryFiles(folder);
    let full = true;
    const history = open({
      ...files,
      append: (day, text) =>
        full ? Promise.reject(new Error('ENOSPC: no space left')) : files.append(day, text),
    });
    fill(history, 2, () => ({ cpu: 0.5 }));
    await history.flush();
    await history.flush();

    expect(history.complaint()).toContain('ENOSPC');
    expect(everything(history, 'cpu')).toEqual([0.5, 0.5]);
    expect(log.lines.filter((line) => line.level === 'warn')).toHaveLength(1);

    full = false;
    await history.flush();
    const again = open();
    await again.load();

    expect(history.complaint()).toBeNull();
    expect(everything(again, 'cpu')).toEqual([0.5, 0.5]);
  });

  it('unlinks the oldest days beyond those kept, and leaves strangers alone', async () => {
    for (let day = 10; day <= 20; day += 1) await writeFile(join(folder, `2026-11-${day}.jsonl`), '');
    await writeFile(join(folder, 'notes.txt'), 'mine');

    await open(createHistoryFiles(folder), 7).load();

    const left = (await readdir(folder)).sort();
    expect(left).toHaveLength(9);
    expect(left[0]).toBe('2026-11-13.jsonl');
    expect(left).toContain('notes.txt');
  });

  it('starts with nothing, and without a complaint, where there is no folder', async () => {
    const history = open(createHistoryFiles(join(folder, 'new', 'history')));

    await history.load();

    expect(history.metrics()).toEqual([]);
    expect(log.lines).toEqual([]);
  });

  it('answers across midnight', () => {
    const history = open();
    const midnight = epochMs(Date.parse('2026-11-23T00:00:00.000Z'));
    history.record(epochMs(midnight - 10_000), new Map([['cpu', 0.25]]), true);
    history.record(midnight, new Map([['cpu', 0.5]]), true);

    expect(
      history.between('cpu', epochMs(midnight - 60_000), midnight).map((sample) => sample.value),
    ).toEqual([0.25, 0.5]);
  });

  it('takes no more than 500 metrics, and keeps those it has', () => {
    const history = open();
    const many = new Map(Array.from({ length: 700 }, (_, index) => [`pushed_${index}`, index] as const));

    history.record(at(0), many, true);

    expect(history.metrics()).toHaveLength(500);
  });
});

describe('minutes', () => {
  it('gives the mean of each minute, and nothing of incident time, also after a restart', async () => {
    const history = open();
    for (let index = 0; index < 18; index += 1) {
      history.record(at(index), new Map([['cpu', index < 6 ? 0.25 : 0.75]]), index < 12);
    }
    await history.flush();
    const again = open();
    await again.load();

    for (const one of [history, again]) {
      const { first, values } = one.minutes('cpu', START, after(START, minutes(4)), 'teaching');
      const known = [...values].flatMap((value, minute) =>
        Number.isNaN(value) ? [] : [[(first + minute * 60_000 - START) / 60_000, value]],
      );
      expect(known).toEqual([
        [0, 0.25],
        [1, 0.75],
      ]);
    }
  });
});
