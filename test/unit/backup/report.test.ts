import { describe, expect, it } from 'vitest';
import { reportText } from '../../../src/backup/report.ts';
import type { BackupStatus, BackupView, DrillReport } from '../../../src/domain/backup.ts';
import { epochMs, ms } from '../../../src/domain/units.ts';

const NOW = epochMs(1_795_400_000_000);
const HOUR = 3_600_000;
const NONE: BackupStatus = {
  newest: null,
  newestVerified: null,
  lastDrill: null,
  drills: [],
  running: null,
  complaints: [],
};

function drill(over: Partial<DrillReport> = {}): DrillReport {
  const at = epochMs(NOW - HOUR);
  return {
    id: '20261122T033000Z',
    at,
    good: true,
    reasons: [],
    bytes: 1,
    took: ms(9_000),
    projected: ms(40_000),
    ...over,
  };
}

function linesOf(status: BackupStatus): readonly string[] {
  return reportText('web-1', status, [], status.drills, NOW).split('\n').slice(0, 3);
}

describe('reportText', () => {
  const newest = { id: '20261122T033000Z', at: epochMs(NOW - 3 * HOUR) } as BackupView;

  it('says in its first three lines whether one can restore, how old it is and how long it takes', () => {
    const good = drill();
    const [can, old, long] = linesOf({
      ...NONE,
      newest,
      newestVerified: newest,
      lastDrill: good,
      drills: [good],
    });

    expect(can).toMatch(/^- Can I restore: \*\*yes\*\*, from 20261122T033000Z/);
    expect(old).toMatch(/^- How old: 3\.0 h, since /);
    expect(long).toBe('- How long: about 40 s for everything; the drill took 9.0 s.');
  });

  it('doubts a backup whose drill failed, and takes the time from the drill before', () => {
    const bad = drill({ good: false, reasons: ['a.db: SQLite finds it damaged'], projected: ms(1) });
    const [can, , long] = linesOf({
      ...NONE,
      newest,
      newestVerified: newest,
      lastDrill: bad,
      drills: [drill(), bad],
    });

    expect(can).toContain('**in doubt**');
    expect(can).toContain('a.db: SQLite finds it damaged');
    expect(long).toContain('about 40 s');
  });

  it('knows nothing where nothing was read in full', () => {
    expect(linesOf(NONE)).toEqual([
      '- Can I restore: **not known**. No backup was read in full and found good.',
      '- How old: there is no backup.',
      '- How long: not measured yet.',
    ]);
    expect(linesOf({ ...NONE, newest })[1]).toContain('3.0 h old and not proven');
  });
});
