import { describe, expect, it } from 'vitest';
import { type AnomalyReportInput, anomalyMarkdown, falseAlarmsOf } from '../../../src/bot/reports/anomaly.ts';
import { seriesSvg } from '../../../src/bot/reports/series-svg.ts';
import type { Incident } from '../../../src/domain/incident.ts';
import { after, before, days, epochMs, minutes } from '../../../src/domain/units.ts';
import { START } from '../../support/builders.ts';
import { slowIncident } from '../../support/night-builders.ts';
import { someBaselines } from '../../support/tuning-desks.ts';

const period = { from: before(START, days(7)), to: after(START, days(1)) };

function over(minutesLong: number, more: Partial<Incident> = {}): Incident {
  const at = after(START, minutes(minutesLong));
  return {
    ...slowIncident(),
    openedAt: START,
    attempts: [],
    ack: null,
    state: { kind: 'resolved', at, how: 'recovered', reason: 'it came back to normal on its own' },
    ...more,
  };
}

describe('falseAlarmsOf', () => {
  it('counts what was loud, short and touched by nobody', () => {
    const incidents = [
      over(5, { severity: 'warning' }),
      over(5, { severity: 'info' }),
      over(30, { severity: 'critical' }),
      over(5, { severity: 'warning', ack: { by: 'ada', at: START } }),
      { ...slowIncident(), severity: 'warning' as const },
    ];

    expect(falseAlarmsOf(incidents, { from: before(START, days(7)), to: START })).toEqual({
      loud: 4,
      probable: 1,
      perWeek: 1,
    });
  });
});

describe('anomalyMarkdown', () => {
  const input: AnomalyReportInput = {
    host: 'web|1',
    period,
    now: after(START, minutes(60)),
    baselines: someBaselines.show(null),
    incidents: [over(30, { severity: 'warning' })],
    sampledMinutes: 10_000,
    possibleMinutes: 11_520,
    modelAt: null,
    pictures: [{ slug: 'cpu', metric: 'cpu' }],
  };

  it('says what is normal, what was found and what it covers', async () => {
    const text = anomalyMarkdown(input, (slug) => `anomaly_detection_report_2026-11-22_${slug}.svg`);

    await expect(text).toMatchFileSnapshot('../../golden/anomaly-report.md');
    expect(text).toContain('web\\|1');
  });
});

describe('seriesSvg', () => {
  const rows = (value: (minute: number) => number) => ({
    first: epochMs(START),
    values: Float32Array.from({ length: 600 }, (_, minute) => value(minute)),
  });
  const picture = {
    metric: 'cpu',
    bands: [{ from: epochMs(START), to: epochMs(START + 36_000_000), centre: 0.2, low: 0.1, high: 0.3 }],
    marks: [],
    timezone: 'UTC',
  };

  it('draws a gap as a gap', () => {
    const svg = seriesSvg({
      ...picture,
      rows: rows((minute) => (minute > 200 && minute < 300 ? Number.NaN : 0.2)),
    });

    expect(svg?.match(/<polyline/g)).toHaveLength(2);
    expect(svg).toContain('class="band"');
  });

  it('draws nothing where nothing is known', () => {
    expect(seriesSvg({ ...picture, rows: rows(() => Number.NaN) })).toBeNull();
  });
});
