import { describe, expect, it } from 'vitest';
import { clipped, figure, localTime, metricWords, normalWords, spanWords } from '../../../src/bot/figures.ts';
import type { Band, MetricUnit } from '../../../src/domain/metric.ts';
import { fromIso, hours, minutes, ms, seconds } from '../../../src/domain/units.ts';

const none: Band = { centre: null, low: null, high: null, warn: null, critical: null };

describe('figure', () => {
  it.each<[number | null, MetricUnit, string]>([
    [null, 'ratio', 'unknown'],
    [Number.NaN, 'ms', 'unknown'],
    [0.943, 'ratio', '94 %'],
    [0.0123, 'ratio', '1.2 %'],
    [0.9951, 'ratio', '99.5 %'],
    [2_340, 'ms', '2,340 ms'],
    [3.14, 'ms', '3.1 ms'],
    [45, 's', '45 s'],
    [7_200, 's', '2 h'],
    [734_003_200, 'bytes', '700 MiB'],
    [1_536, 'bytes/s', '1.5 KiB/s'],
    [1.25, 'per-core', '1.3 per core'],
    [0, 'up', 'down'],
    [1, 'up', 'up'],
    [12_000, 'count', '12,000'],
  ])('reads %s %s as %s', (value, unit, words) => {
    expect(figure(value, unit)).toBe(words);
  });
});

describe('normalWords', () => {
  it.each<[Partial<Band>, MetricUnit, string]>([
    [{ low: 80, high: 190 }, 'ms', 'normal 80–190 ms'],
    [{ low: 0.23, high: 0.45 }, 'ratio', 'normal 23–45 %'],
    [{ low: 512, high: 5_242_880 }, 'bytes', 'normal 512 B–5 MiB'],
    [{ high: 0.5 }, 'ratio', 'normal up to 50 %'],
    [{ warn: 0.85, critical: 0.95 }, 'ratio', 'limit 85 %'],
    [{}, 'ms', ''],
    [{}, 'up', 'normal up'],
  ])('reads %j in %s as "%s"', (band, unit, words) => {
    expect(normalWords({ ...none, ...band }, unit)).toBe(words);
  });
});

describe('spanWords', () => {
  it.each([
    [ms(400), '0 s'],
    [seconds(22), '22 s'],
    [seconds(252), '4 min 12 s'],
    [minutes(38), '38 min'],
    [hours(1), '1 h'],
    [minutes(80), '1 h 20 min'],
    [hours(80), '3 d 8 h'],
  ])('reads %d ms as %s', (span, words) => {
    expect(spanWords(span)).toBe(words);
  });
});

describe('localTime', () => {
  const at = (iso: string) => fromIso(iso) ?? ms(0);

  it('shows the time alone on the same local day, with the date on another', () => {
    const reference = at('2026-11-22T02:14:00Z') as Parameters<typeof localTime>[2];
    const before = at('2026-11-21T22:30:00Z') as Parameters<typeof localTime>[0];

    expect(localTime(before, 'Europe/Berlin', reference)).toBe('21 Nov 23:30');
    expect(localTime(before, 'Asia/Tokyo', reference)).toBe('07:30');
  });
});

describe('metricWords', () => {
  it.each([
    ['cpu', 'CPU'],
    ['disk:/var', 'Disk /var'],
    ['latency:billing-api', 'Latency of billing-api'],
    ['something_pushed', 'something_pushed'],
  ])('says %s as %s', (metric, words) => {
    expect(metricWords(metric)).toBe(words);
  });
});

describe('clipped', () => {
  it('says that it cut', () => {
    expect(clipped('abcdefghijklmnop', 12)).toBe('abcde (cut…)');
    expect(clipped('short', 12)).toBe('short');
  });
});
