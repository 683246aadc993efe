import { describe, expect, it } from 'vitest';
import { MonitorConfig } from '../../../src/monitor/config.ts';
import { bandOf, judgeSample } from '../../../src/monitor/judgement.ts';
import type { Normal } from '../../../src/monitor/normals.ts';
import { START } from '../../support/builders.ts';

const config = MonitorConfig.parse({});
const normal: Normal = {
  centre: 100,
  low: 70,
  high: 130,
  sigmas: 3,
  deviation: (value) => (value - 100) / 10,
};
const calm = () => false;

const sample = (metric: string, value: number | null) => ({ metric, at: START, value });

describe('judgeSample', () => {
  it('calls a missing value unknown, never good', () => {
    expect(judgeSample(sample('cpu', null), config, null, calm)).toBe('unknown');
    expect(judgeSample(sample('target_up:web', null), config, null, calm)).toBe('unknown');
  });

  it('judges by the limits where there are any, whatever the past says', () => {
    expect(judgeSample(sample('latency:api', 300), config, normal, calm)).toBe('good');
    expect(judgeSample(sample('latency:api', 1_200), config, normal, calm)).toBe('bad');
  });

  it('asks for the way back while the limit counts as crossed', () => {
    expect(judgeSample(sample('latency:api', 980), config, null, calm)).toBe('good');
    expect(
      judgeSample(sample('latency:api', 980), config, null, (key) => key === 'limit:latency:api:warning'),
    ).toBe('bad');
  });

  it('judges by its own past where there is no limit', () => {
    expect(judgeSample(sample('net_rx', 500), config, normal, calm)).toBe('bad');
    expect(judgeSample(sample('net_rx', 20), config, normal, calm)).toBe('bad');
    expect(judgeSample(sample('disk_io', 20), config, normal, calm)).toBe('good');
    expect(judgeSample(sample('orders', 5), config, null, calm)).toBe('good');
  });

  it('knows down from up', () => {
    expect(judgeSample(sample('target_up:web', 0), config, null, calm)).toBe('bad');
    expect(judgeSample(sample('probe_up:web', 1), config, null, calm)).toBe('good');
  });
});

describe('bandOf', () => {
  it('joins the limits with the normal range', () => {
    expect(bandOf('latency:api', config, normal)).toEqual({
      centre: 100,
      low: 70,
      high: 130,
      warn: 1_000,
      critical: 2_500,
    });
    expect(bandOf('orders', config, null)).toEqual({
      centre: null,
      low: null,
      high: null,
      warn: null,
      critical: null,
    });
  });
});
