import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMs, minutes, seconds } from '../../../../src/domain/units.ts';
import type { DetectorState } from '../../../../src/monitor/detect/detector.ts';
import type { DetectorRow, Judgement } from '../../../../src/monitor/detect/judgement.ts';
import { PARAMETERS } from '../../../../src/monitor/detect/parameters.ts';
import { decodeState, encodeState } from '../../../../src/monitor/detect/state-codec.ts';
import { hostRows, judgeAll, newDetector, ROWS_START } from '../../../support/detector-rows.ts';

const DAY = 86_400_000;
const FIVE = minutes(5);

function alarms(judgements: readonly Judgement[]): number {
  return judgements.filter((judgement) => judgement.alarm > 0).length;
}

/** Quiet days, then a fault of two hours at noon of day `day` that breaks the correlation of one metric. */
function broken(
  day: number,
  over: { readonly step?: typeof FIVE; readonly days?: number } = {},
): DetectorRow[] {
  const from = ROWS_START + day * DAY + DAY / 2;
  return hostRows({
    days: over.days ?? day + 1,
    step: over.step ?? FIVE,
    fault: (metric, at, value) => {
      const isFault = at >= from && at < from + 2 * 3_600_000;
      return isFault && (metric === 'metric_2' || metric === 'metric_5') ? value * 1.9 : value;
    },
  });
}

describe('createDetector', () => {
  it('raises an alarm inside a fault, names the metrics, and closes the incident after it', () => {
    const rows = broken(6);
    const judged = judgeAll(newDetector(), rows);

    const start = rows.findIndex((row) => row.at === ROWS_START + 6.5 * DAY);
    const inside = judged.slice(start, start + 24);
    expect(alarms(inside)).toBeGreaterThan(0);
    expect(inside.findIndex((judgement) => judgement.severity !== null)).toBeLessThan(4);
    expect(inside.at(-1)?.metrics).toEqual(expect.arrayContaining(['metric_2', 'metric_5']));
    expect(judged.at(-1)?.severity).toBeNull();
  });

  it('keeps one incident id from its first row to its last', () => {
    const judged = judgeAll(newDetector(), broken(6));

    const during = judged.slice(6.5 * 288, 6.5 * 288 + 24).flatMap((one) => one.incident ?? []);
    expect(new Set(during).size).toBe(1);
  });

  it('stays quiet on ten ordinary days', () => {
    const judged = judgeAll(newDetector(), hostRows({ days: 10, step: FIVE, seed: 5 }));

    expect(alarms(judged.slice(2 * 288))).toBeLessThanOrEqual(3);
    expect(judged.some((one) => one.severity === 'warning' || one.severity === 'critical')).toBe(false);
  });

  it('scores between 0 and 1 whatever comes in', () => {
    const wild = fc.oneof(
      fc.double({ noNaN: false }),
      fc.constantFrom(null, 0, -0, 1e308, -1e308, Number.MIN_VALUE, Number.POSITIVE_INFINITY),
    );
    const row = fc.record({
      gap: fc.integer({ min: -600_000, max: 7_200_000 }),
      a: wild,
      b: wild,
      c: wild,
      d: wild,
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 400 }), (steps) => {
        const detector = newDetector();
        let at = ROWS_START;
        for (const { gap, ...values } of steps) {
          at += gap;
          const judgement = detector.judge({ at: epochMs(at), values: new Map(Object.entries(values)) });
          expect(judgement.score).toBeGreaterThanOrEqual(0);
          expect(judgement.score).toBeLessThanOrEqual(1);
          expect(judgement.alarm).toBeGreaterThanOrEqual(0);
          expect(judgement.alarm).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 60, seed: 11 },
    );
  });

  it('says the same of the same rows, however often', () => {
    const rows = broken(4);

    expect(judgeAll(newDetector(), rows)).toEqual(judgeAll(newDetector(), rows));
  });
});

describe('causality', () => {
  const rows = broken(3);
  const whole = judgeAll(newDetector(), rows).map((one) => JSON.stringify(one));

  it('says nothing else of a row when the rows after it are cut off', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: rows.length }), (length) => {
        const cut = judgeAll(newDetector(), rows.slice(0, length)).map((one) => JSON.stringify(one));

        expect(cut).toEqual(whole.slice(0, length));
      }),
      { numRuns: 8, seed: 3 },
    );
  });
});

describe('restart', () => {
  const encoded = async (state: DetectorState): Promise<Buffer> =>
    Buffer.concat(await encodeState(state, PARAMETERS, async () => {}));

  it('goes on to the same digit after it was saved as bytes and read back, anywhere', async () => {
    const rows = broken(4);
    const whole = judgeAll(newDetector(), rows);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: rows.length - 1 }), async (cut) => {
        const before = newDetector();
        const first = judgeAll(before, rows.slice(0, cut));
        const saved = decodeState(await encoded(before.save()), PARAMETERS);
        const rest = judgeAll(newDetector(saved ?? undefined), rows.slice(cut));

        expect(saved).not.toBeNull();
        expect([...first, ...rest]).toEqual(whole);
      }),
      { numRuns: 6, seed: 4 },
    );
  });

  it('is not disturbed by what happens to the detector it was saved from', async () => {
    const rows = broken(3);
    const detector = newDetector();
    judgeAll(detector, rows.slice(0, 500));
    const saved = detector.save();
    const bytes = await encoded(saved);
    judgeAll(detector, rows.slice(500));

    expect((await encoded(saved)).equals(bytes)).toBe(true);
  });
});

describe('robustness', () => {
  const quiet = hostRows({ days: 6, step: FIVE, seed: 9 });
  const plain = judgeAll(newDetector(), quiet);

  it('leaves out repeated and late rows: nothing is raised and nothing is learnt', () => {
    const doubled = quiet.flatMap((row, index) => {
      const earlier = quiet[index - 4];
      return earlier === undefined ? [row, row] : [row, row, earlier];
    });
    const judged = judgeAll(newDetector(), doubled);

    const fresh = judged.filter((one) => one.taken !== 'late');
    expect(fresh).toEqual(plain);
    expect(judged.filter((one) => one.taken === 'late').every((one) => one.alarm === 0)).toBe(true);
  });

  it('raises nothing when a metric falls silent, and nothing when it comes back', () => {
    const rows = quiet.map((row, index) => {
      const isSilent = index > 4 * 288 && index < 5 * 288;
      return isSilent ? { ...row, values: new Map(row.values).set('metric_3', null) } : row;
    });
    const judged = judgeAll(newDetector(), rows);

    expect(alarms(judged)).toBeLessThanOrEqual(alarms(plain));
  });

  it('takes NaN and infinities for unknown', () => {
    const spoilt = (value: number | null) =>
      quiet.map((row, index) =>
        index % 50 === 49 ? { ...row, values: new Map(row.values).set('metric_1', value) } : row,
      );

    const asNull = judgeAll(newDetector(), spoilt(null));
    expect(judgeAll(newDetector(), spoilt(Number.NaN))).toEqual(asNull);
    expect(judgeAll(newDetector(), spoilt(Number.NEGATIVE_INFINITY))).toEqual(asNull);
    expect(alarms(asNull)).toBeLessThanOrEqual(alarms(plain) + 1);
  });

  it('raises nothing for a gap of hours or for a clock set back by an hour', () => {
    const gap = [...quiet.slice(0, 1_300), ...quiet.slice(1_340)];
    const back = quiet.map((row, index) =>
      index < 1_300 ? row : { ...row, at: epochMs(row.at - 3_600_000) },
    );

    expect(alarms(judgeAll(newDetector(), gap))).toBeLessThanOrEqual(alarms(plain));
    const judged = judgeAll(newDetector(), back);
    expect(alarms(judged)).toBeLessThanOrEqual(alarms(plain));
    expect(judged.filter((one) => one.taken === 'clock_jump')).toHaveLength(1);
  });

  it('raises nothing for a metric that appears', () => {
    const rows = quiet.map((row, index) =>
      index < 1_000 ? row : { ...row, values: new Map(row.values).set('newcomer', 5 + (index % 7)) },
    );

    expect(alarms(judgeAll(newDetector(), rows))).toBeLessThanOrEqual(alarms(plain));
  });

  it('raises nothing on values that never change', () => {
    const rows = quiet.map((row) => ({
      ...row,
      values: new Map([...row.values.keys()].map((key) => [key, 5] as const)),
    }));

    expect(alarms(judgeAll(newDetector(), rows))).toBe(0);
  });

  it('neither opens nor closes an incident while everything is unknown', () => {
    const rows = broken(4).slice(0, 4.5 * 288 + 8);
    const detector = newDetector();
    const open = judgeAll(detector, rows).at(-1);
    const last = rows.at(-1)?.at ?? 0;
    const silent = Array.from({ length: 60 }, (_, index) => ({
      at: epochMs(last + (index + 1) * FIVE),
      values: new Map<string, number | null>([['metric_0', null]]),
    }));

    expect(open?.severity).not.toBeNull();
    expect(judgeAll(detector, silent).at(-1)?.incident).toBe(open?.incident);
  });
});

describe('time', () => {
  it('finds the same fault in rows of 10 s, 1 min and 5 min within a quarter of an hour', () => {
    for (const step of [seconds(10), minutes(1), FIVE]) {
      const rows = broken(2, { step });
      const judged = judgeAll(newDetector(), rows);
      const start = rows.findIndex((row) => row.at >= ROWS_START + 2.5 * DAY);

      const found = judged.slice(start).findIndex((one) => one.severity !== null);
      expect(found).toBeGreaterThanOrEqual(0);
      expect(found * step).toBeLessThanOrEqual(minutes(15));
    }
  });
});

describe('hard limits', () => {
  const broke = [{ metric: 'disk:/', severity: 'critical' as const }];

  it('opens at the row that breaks one, with its severity, and says which', () => {
    const detector = newDetector();
    const values = new Map([['disk:/', 0.97]]);
    detector.judge({ at: epochMs(ROWS_START), values, limits: [] });

    const judgement = detector.judge({ at: epochMs(ROWS_START + 5_000), values, limits: broke });
    expect(judgement).toMatchObject({ severity: 'critical', metrics: ['disk:/'], witnesses: ['limit'] });
    expect(judgement.alarm).toBeGreaterThan(0.8);
  });

  it('is not ended by rows that no limit could judge', () => {
    const detector = newDetector();
    const values = new Map([['disk:/', 0.97]]);
    detector.judge({ at: epochMs(ROWS_START), values, limits: broke });

    const later = Array.from({ length: 300 }, (_, index) =>
      detector.judge({ at: epochMs(ROWS_START + (index + 1) * 60_000), values: new Map() }),
    );
    expect(later.at(-1)?.severity).toBe('critical');
  });
});
