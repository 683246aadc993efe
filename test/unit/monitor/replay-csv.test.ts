import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { minutes, toIso } from '../../../src/domain/units.ts';
import type { DetectorRow } from '../../../src/monitor/detect/judgement.ts';
import { summaryText } from '../../../src/monitor/replay/summary.ts';
import { type ReplayProgress, replayCsv } from '../../../src/monitor/replay-csv.ts';
import { hostRows, ROWS_START } from '../../support/detector-rows.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'));
});
afterAll(() => rm(folder, { recursive: true }));

function csvOf(rows: readonly DetectorRow[]): string {
  const names = [...(rows[0]?.values.keys() ?? [])];
  const lines = rows.map((row) =>
    [toIso(row.at), ...names.map((name) => row.values.get(name) ?? '')].join(','),
  );
  return `${['time', ...names].join(',')}\n${lines.join('\n')}\n`;
}

async function replay(
  text: string | Buffer,
  options: { readonly train?: string; readonly name?: string } = {},
) {
  const input = join(folder, options.name ?? 'in.csv');
  const output = join(folder, 'out.jsonl');
  await writeFile(input, text);
  if (options.train !== undefined) await writeFile(join(folder, 'train.csv'), options.train);
  const summary = await replayCsv({
    input,
    output,
    ...(options.train === undefined ? {} : { train: join(folder, 'train.csv') }),
  });
  return { summary, lines: (await readFile(output, 'utf8')).split('\n').slice(0, -1) };
}

const faultFrom = ROWS_START + 3.5 * 86_400_000;
const rows = hostRows({
  days: 4,
  step: minutes(5),
  metrics: 5,
  fault: (metric, at, value) => (metric === 'metric_1' && at >= faultFrom ? value * 2 : value),
});

describe('replayCsv', () => {
  it('prints one line a row, exactly as specified', async () => {
    const { lines, summary } = await replay(csvOf(rows));
    const parsed = lines.map((line) => JSON.parse(line));

    expect(lines).toHaveLength(rows.length);
    expect(Object.keys(parsed[0])).toEqual(['time', 'score', 'alarm', 'severity', 'incident', 'metrics']);
    expect(parsed[7].time).toBe(toIso(rows[7]?.at ?? (0 as never)));
    const found = parsed.find((line) => Date.parse(line.time) >= faultFrom && line.alarm > 0);
    expect(found.metrics).toContain('metric_1');
    expect(found.incident).toMatch(/^inc-\d+$/);
    expect(summary.incidents.info + summary.incidents.warning).toBeGreaterThan(0);
  });

  it('prints the same bytes for the rows before a cut, wherever the input is cut', async () => {
    const text = csvOf(rows);
    const { lines } = await replay(text);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: rows.length }), async (count) => {
        const cut = text
          .split('\n')
          .slice(0, count + 1)
          .join('\n');

        expect((await replay(cut)).lines).toEqual(lines.slice(0, count));
      }),
      { numRuns: 5, seed: 2 },
    );
  });

  it('learns from a history first and raises nothing from it', async () => {
    const text = csvOf(rows.slice(3 * 288));
    const { lines, summary } = await replay(text, { train: csvOf(rows.slice(0, 3 * 288)) });

    expect(lines).toHaveLength(288);
    expect(summary.modelled).toBe(5);
    expect(lines.some((line) => JSON.parse(line).alarm > 0)).toBe(true);
  });

  it('counts bad rows, names them by line and judges the rest as if they were not there', async () => {
    const good = csvOf(rows.slice(0, 400)).split('\n');
    const bad = [...good.slice(0, 100), 'no time,1,2,3,4,5', '2026-11-02T08:15:01Z,1,2', ...good.slice(100)];
    bad[3] = `${bad[3]?.split(',')[0]},x,2,3,4,5`;
    const { summary, lines } = await replay(bad.join('\n'));

    expect(summary).toMatchObject({ badRows: 2, unreadable: 1, rows: 400 });
    expect(summary.named.map((one) => one.line)).toEqual([4, 101, 102]);
    expect(lines).toHaveLength(400);
    expect(summaryText(summary)).toContain('line 102: expected 6 columns, found 3');
  });

  it('reads gzipped files, CRLF and a byte-order mark alike', async () => {
    const text = csvOf(rows.slice(0, 300));
    const plain = (await replay(text)).lines;

    expect((await replay(gzipSync(text), { name: 'in.csv.gz' })).lines).toEqual(plain);
    expect((await replay(`\uFEFF${text.replaceAll('\n', '\r\n')}`)).lines).toEqual(plain);
  });

  it('gives late and repeated rows a line too, and teaches nothing from them', async () => {
    const good = csvOf(rows.slice(0, 300)).split('\n');
    const { lines, summary } = await replay(
      [...good.slice(0, 200), good[199], good[150], ...good.slice(200)].join('\n'),
    );

    expect(lines).toHaveLength(302);
    expect(summary.late).toBe(2);
  });

  it('refuses what is no CSV of metrics with a clear reason', async () => {
    await expect(replay('')).rejects.toMatchObject({ code: 'USAGE' });
    await expect(replay('2026-11-02,1\n')).rejects.toThrow('header line');
    await expect(replay('time,cpu,cpu\n')).rejects.toThrow('twice');
    await expect(
      replayCsv({ input: join(folder, 'none.csv'), output: join(folder, 'x') }),
    ).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(replay('not gzip', { name: 'bad.csv.gz' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(
      replayCsv({ input: join(folder, 'in.csv'), output: join(folder, 'no', 'folder', 'x') }),
    ).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
  });

  it('says how far it is, and tells each judged row', async () => {
    await writeFile(join(folder, 'in.csv'), csvOf(rows));
    const seen: ReplayProgress[] = [];
    let judged = 0;
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
    await replayCsv({
      input: join(folder, 'in.csv'),
      output: sink,
      onProgress: (progress) => seen.push(progress),
      onRow: () => {
        judged += 1;
      },
    });

    expect(seen.at(-1)).toMatchObject({ phase: 'judge', rows: rows.length });
    expect(seen.at(-1)?.bytes).toBe(seen.at(-1)?.totalBytes);
    expect(judged).toBe(rows.length);
    expect(sink.writableEnded).toBe(false);
  });
});
