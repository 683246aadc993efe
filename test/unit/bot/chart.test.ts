import { describe, expect, it } from 'vitest';
import { chartOf } from '../../../src/bot/chart.ts';
import type { ChartLook } from '../../../src/bot/chart-looks.ts';
import { chartSvg as drawn } from '../../../src/bot/chart-svg.ts';
import { chartText } from '../../../src/bot/chart-text.ts';
import type { Incident } from '../../../src/domain/incident.ts';
import type { Sample } from '../../../src/domain/metric.ts';
import { after as later, minutes } from '../../../src/domain/units.ts';
import { attempt, slowAnomaly, slowIncident, TROUBLE } from '../../support/night-builders.ts';

function chartSvg(
  incident: Incident,
  timezone: string,
  look: ChartLook = 'tokens',
  newer: readonly Sample[] = [],
): string | null {
  const chart = chartOf(incident, newer, timezone);
  const [anomaly] = incident.anomalies;
  return chart === null || anomaly === undefined
    ? null
    : drawn(chart, chartText(anomaly, timezone), timezone, look);
}

describe('chartSvg', () => {
  it('draws the value against its band and limits, when it began and what was done', async () => {
    await expect(chartSvg(slowIncident(), 'UTC')).toMatchFileSnapshot('../../golden/chart.svg');
  });

  it.each(['light', 'dark'] as const)('stands alone in %s: no name of a token is left', (look) => {
    const svg = chartSvg(slowIncident(), 'UTC', look);

    expect(svg).not.toContain('var(');
    expect(svg?.match(/font-size="\d+"/g)).not.toContain('font-size="12"');
  });

  it('shows what came after, and when it was healed', () => {
    const at = later(TROUBLE, minutes(15));
    const healed = slowIncident({
      state: { kind: 'resolved', at, how: 'healed', reason: '' },
      updatedAt: at,
      attempts: [attempt()],
    });
    const newer = [12, 14, 16].map((minute) => ({
      metric: slowAnomaly().evidence.metric,
      at: later(TROUBLE, minutes(minute)),
      value: 120,
    }));

    const svg = chartSvg(healed, 'UTC', 'light', newer) ?? '';

    expect(svg).toContain('began 02:06');
    expect(svg).toContain('healed 02:21');
    expect(svg).toContain('>120 ms<');
    expect(svg).toMatch(/>02:09 [^<]+<\/text><\/g>/);
  });

  it('draws each time against its own band', () => {
    const incident = slowIncident();
    const from = incident.anomalies[0]?.evidence.chart[0]?.at ?? TROUBLE;
    const half = later(from, minutes(30));
    const bands = [
      { from, to: half, low: 80, high: 190 },
      { from: half, to: later(from, minutes(600)), low: 400, high: 700 },
    ];

    const svg = drawn(chartOf(incident, [], 'UTC', bands) ?? expect.fail(), 'said', 'UTC');

    const drawnBands = [...svg.matchAll(/chart-band" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"/g)];
    const [first, second] = drawnBands.map(([, ...figures]) => figures.map(Number));
    expect(drawnBands).toHaveLength(2);
    expect((first?.[0] ?? 0) + (first?.[2] ?? 0)).toBeCloseTo(second?.[0] ?? 0, 0);
    expect(second?.[1]).toBeLessThan(first?.[1] ?? 0);
    expect((second?.[0] ?? 0) + (second?.[2] ?? 0)).toBeCloseTo(696, 0);
  });

  it('stands under a strict policy: no style, no script, no handler', () => {
    expect(chartSvg(slowIncident(), 'UTC')).not.toMatch(/style=|<style|<script|\son\w+=/);
  });

  it('breaks the line where a value is unknown', () => {
    expect(chartSvg(slowIncident(), 'UTC')?.match(/<path class="chart-value"/g)).toHaveLength(2);
  });

  it('keeps foreign text inert', () => {
    const evil = '"><script>alert(1)</script>\u0007';
    const evidence = {
      ...slowAnomaly().evidence,
      metric: `latency:${evil}`,
      causes: [{ text: evil, at: slowAnomaly().since }],
    };

    const svg = chartSvg(slowIncident({ anomalies: [slowAnomaly({ evidence })] }), 'UTC');

    expect(svg).not.toContain('<script');
    expect(svg).not.toContain('\u0007');
  });

  it.each([
    ['no sample', []],
    ['one sample', slowAnomaly().evidence.chart.slice(0, 1)],
    ['unknown values only', slowAnomaly().evidence.chart.map((sample) => ({ ...sample, value: null }))],
  ])('draws nothing from %s', (_, chart) => {
    const evidence = { ...slowAnomaly().evidence, chart };

    expect(chartSvg(slowIncident({ anomalies: [slowAnomaly({ evidence })] }), 'UTC')).toBeNull();
  });

  it('draws a flat line without dividing by nothing', () => {
    const flat = slowAnomaly().evidence.chart.map((sample) => ({ ...sample, value: 0 }));
    const band = { centre: null, low: null, high: null, warn: null, critical: null };
    const evidence = { ...slowAnomaly().evidence, chart: flat, band };

    expect(chartSvg(slowIncident({ anomalies: [slowAnomaly({ evidence })] }), 'UTC')).not.toMatch(
      /NaN|Infinity/,
    );
  });
});

describe('chartText', () => {
  it('says the same in a sentence', () => {
    expect(chartText(slowAnomaly(), 'UTC')).toBe(
      'Latency of billing-api, last 59 min: normal 80–190 ms, out of it since 02:06 UTC, now 2,340 ms.',
    );
    expect(chartText(slowAnomaly(), 'UTC', true)).toMatch(/out of it from 02:06 UTC, was 2,340 ms\.$/);
  });
});
