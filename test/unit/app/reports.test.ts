import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createReports, dailyReports } from '../../../src/app/reports.ts';
import type { ReportKind, ReportName } from '../../../src/domain/report.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryLogger } from '../../support/memory-ports.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const SUNDAY = '2026-11-22T04:30:00.000Z';
const MONDAY = '2026-11-23T04:30:00.000Z';

function kind(file: string, draw?: () => never): ReportKind {
  const pictures = [{ slug: 'days', svg: `<svg>${file}</svg>`, alt: 'days' }];
  const body = { title: file, summary: ['fine'], markdown: () => `# ${file}`, pictures, data: {} };
  return { file, draw: draw ?? (() => body) };
}

async function setUp(start: string, post: readonly ReportName[], healing = kind('healing_report')) {
  const folder = temporaryFolder();
  const clock = createFakeClock(start);
  const told: string[] = [];
  const reports = createReports({
    folder,
    clock,
    kinds: {
      anomaly: kind('anomaly_detection_report'),
      healing,
      backup: kind('backup_verification_report'),
      resource: kind('resource_usage_report'),
      weekly: kind('weekly_report'),
    },
    post(title, _summary, picture) {
      told.push(`chat: ${title}, ${picture?.svg}`);
      return null;
    },
  });
  const run = dailyReports({
    reports,
    clock,
    timezone: 'UTC',
    told: () => post,
    async mail(title, _summary, picture) {
      told.push(`mail: ${title}, ${picture?.svg}`);
      return null;
    },
    log: createMemoryLogger(),
  });
  const written = async (): Promise<readonly string[]> =>
    (await readdir(folder)).filter((name) => name.endsWith('_latest.md')).toSorted();
  return { run, told, written };
}

describe('dailyReports', () => {
  it('writes all but the weekly one on other days, and tells nobody of them', async () => {
    const { run, told, written } = await setUp(SUNDAY, ['weekly']);

    await run();

    expect(await written()).toEqual([
      'anomaly_detection_report_latest.md',
      'backup_verification_report_latest.md',
      'healing_report_latest.md',
      'resource_usage_report_latest.md',
    ]);
    expect(told).toEqual([]);
  });

  it.each([MONDAY, '2026-11-24T00:20:00.000Z'])(
    'writes the weekly one on Monday, also when it is caught up late (%s), and tells chat and mail once',
    async (start) => {
      const { run, told, written } = await setUp(start, ['weekly']);

      await run();
      await run();

      expect(await written()).toContain('weekly_report_latest.md');
      expect(told).toEqual([
        'chat: weekly_report, <svg>weekly_report</svg>',
        'mail: weekly_report, <svg>weekly_report</svg>',
      ]);
    },
  );

  it('writes the others when one fails, and says which failed', async () => {
    const broken = kind('healing_report', () => {
      throw new Error('no log');
    });
    const { run, told, written } = await setUp(MONDAY, ['weekly'], broken);

    await expect(run()).rejects.toThrow('no log');

    expect(await written()).toHaveLength(4);
    expect(told).toContain('chat: weekly_report, <svg>weekly_report</svg>');
  });
});
