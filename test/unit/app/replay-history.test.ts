import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../../src/app/config-shape.ts';
import { replayHistory } from '../../../src/app/replay-history.ts';
import type { ReplaySummary } from '../../../src/domain/rehearsal.ts';
import { hours, minutes, ms } from '../../../src/domain/units.ts';
import { DOWN, ROWS, replayInput, rowTime, shippedWithWorker, writePast } from '../../support/stored-past.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const doors = { monotonic: () => ms(0) };

describe('replayHistory', () => {
  let config: Config;
  let folder = '';
  let full: ReplaySummary;

  function past(rows?: number): string {
    const made = temporaryFolder();
    writePast(made, rows);
    return made;
  }

  beforeAll(async () => {
    config = await shippedWithWorker();
  });

  async function replayAll(): Promise<ReplaySummary> {
    folder = past();
    full ??= await replayHistory(replayInput(folder, config), doors);
    return full;
  }

  it('finds what was there, tries what the strategies say and tells what the samples said afterwards', async () => {
    const { rows, metrics, from, to, incidents } = await replayAll();

    expect({ rows, metrics, from, to }).toEqual({
      rows: ROWS,
      metrics: 4,
      from: rowTime(0),
      to: rowTime(ROWS - 1),
    });
    const down = incidents.find(({ kind }) => kind === 'worker_down');
    expect(down).toMatchObject({
      target: 'web',
      severity: 'critical',
      strategy: 'worker_down',
      state: 'Over',
    });
    expect(down?.openedAt).toBe(rowTime(DOWN.from));
    expect(down?.actions[0]).toMatchObject({ rung: 0, action: 'restart_worker', target: 'web' });
    expect(down?.actions[0]?.verification).toBe('no_effect');
    expect(down?.paged).toBe(true);
  });

  it('counts an incident as what it was at its worst, however it faded', async () => {
    const { incidents } = await replayAll();

    const scarce = incidents.find(({ kind }) => kind === 'high_memory');
    expect(scarce).toMatchObject({ severity: 'critical', state: 'Over' });
    expect(scarce?.timeline.map(({ text }) => text)).toContain('Severity is warning now.');
    for (const { paged, severity } of incidents) if (paged) expect(severity).not.toBe('info');
  });

  it('looks at the window alone, and runs only the strategy that was asked for', async () => {
    const request = { window: minutes(30), strategy: 'high_cpu', config: 'current' } as const;

    const summary = await replayHistory(replayInput(past(), config, { request }), doors);

    expect(summary.rows).toBe(180);
    expect(summary.incidents).toEqual([]);
  });

  it('is empty where nothing is stored', async () => {
    const summary = await replayHistory(replayInput(temporaryFolder(), config), doors);

    expect(summary).toMatchObject({ rows: 0, incidents: [] });
  });

  it('changes nothing of what is stored', async () => {
    const made = past();
    const files = (): readonly string[] => readdirSync(join(made, 'history'));
    const [day = ''] = files();
    const before = readFileSync(join(made, 'history', day), 'utf8');

    await replayHistory(replayInput(made, config), doors);

    expect(files()).toEqual([day]);
    expect(readFileSync(join(made, 'history', day), 'utf8')).toBe(before);
  });

  it('never looks ahead: cut anywhere, all that was said before is the same, byte for byte', async () => {
    const whole = await replayAll();

    for (const rows of [75, 133, DOWN.from + 1, DOWN.from + 3, 270, 305, 420]) {
      const cut = await replayHistory(replayInput(past(rows), config), doors);
      const until = rowTime(rows - 1);
      expect(said(cut, until)).toBe(said(whole, until));
    }
  });

  it('gives the same ids and words in every run', async () => {
    const again = await replayHistory(replayInput(past(), config), doors);

    expect(JSON.stringify(again)).toBe(JSON.stringify(await replayAll()));
  });

  it('says how far it is', async () => {
    const seen: (readonly number[])[] = [];

    await replayHistory(
      replayInput(past(), config, { request: { window: hours(9), strategy: null, config: 'current' } }),
      {
        ...doors,
        onProgress: (rows, of) => seen.push([rows, of]),
      },
    );

    expect(seen).toEqual([
      [500, ROWS],
      [ROWS, ROWS],
    ]);
  });
});

/** Everything that was said up to a moment. */
function said({ incidents }: ReplaySummary, until: number): string {
  const told = incidents
    .filter(({ openedAt }) => openedAt <= until)
    .map(({ id, title, target, kind, openedAt, actions, timeline }) => ({
      id,
      title,
      target,
      kind,
      openedAt,
      actions: actions
        .filter(({ at }) => at <= until)
        .map(({ at, rung, action, effect }) => ({ at, rung, action, effect })),
      timeline: timeline.filter(({ at }) => at <= until),
    }));
  return JSON.stringify(told, null, 1);
}
