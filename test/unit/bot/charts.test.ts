import { describe, expect, it } from 'vitest';
import { chartSvg, chartText } from '../../../src/bot/charts.ts';
import { slowAnomaly, slowIncident } from '../../support/night-builders.ts';

describe('chartSvg', () => {
  it('draws the value against its band and limits, when it began and what was done', async () => {
    await expect(chartSvg(slowIncident(), 'UTC')).toMatchFileSnapshot('../../golden/chart.svg');
  });

  it('stands under a strict policy: no style, no script, no handler', () => {
    expect(chartSvg(slowIncident(), 'UTC')).not.toMatch(/style=|<style|<script|\son\w+=/);
  });

  it('breaks the line where a value is unknown', () => {
    expect(chartSvg(slowIncident(), 'UTC')?.match(/<polyline/g)).toHaveLength(2);
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
      'Latency of billing-api, last 59 min: normal 80–190 ms, out of it since 02:06, now 2,340 ms.',
    );
  });
});
