import { describe, expect, it } from 'vitest';
import type { Band } from '../../../src/domain/metric.ts';
import { minutes, seconds } from '../../../src/domain/units.ts';
import {
  clearedSentence,
  downSentence,
  figure,
  spanText,
  valueSentence,
} from '../../../src/monitor/sentences.ts';

const band = (over: Partial<Band> = {}): Band => ({
  centre: null,
  low: null,
  high: null,
  warn: null,
  critical: null,
  ...over,
});

describe('valueSentence', () => {
  it('says the value against normal', () => {
    expect(valueSentence('latency:billing-api', 2_340, band({ low: 80, high: 190 }), null)).toBe(
      'Latency of billing-api is 2,340 ms; normal is 80 to 190 ms.',
    );
  });

  it('says the limit where one was crossed', () => {
    expect(valueSentence('memory', 0.97, band({ low: 0.4, high: 0.55 }), 0.9)).toBe(
      'Memory use is 97 %; normal is 40 to 55 %, the limit is 90 %.',
    );
    expect(valueSentence('disk:/var', 0.913, band(), 0.9)).toBe(
      'Disk use of /var is 91 %; the limit is 90 %.',
    );
  });

  it('says the value alone where nothing is known to compare with', () => {
    expect(valueSentence('orders_open', 12, band(), null)).toBe('orders_open is 12.');
  });
});

describe('downSentence', () => {
  it('gives the reason its supervisor or probe gave', () => {
    expect(downSentence('target_up:rpa-worker', 'rpa-worker', 'exited with code 1')).toBe(
      'rpa-worker is down: exited with code 1.',
    );
    expect(downSentence('probe_up:home', null, 'no answer within 3000 ms.')).toBe(
      'home does not answer: no answer within 3000 ms.',
    );
    expect(downSentence('target_up:web', 'web', '')).toBe('web is down.');
  });
});

describe('clearedSentence', () => {
  it('says how long it lasted', () => {
    expect(clearedSentence('latency:api', null, 120, minutes(4))).toBe(
      'Latency of api is back at 120 ms after 4 min.',
    );
    expect(clearedSentence('target_up:rpa', 'rpa', 1, seconds(35))).toBe('rpa is up again after 35 s.');
    expect(clearedSentence('cpu', null, null, seconds(35))).toBe(
      'Processor use is no longer out of its limits after 35 s.',
    );
  });
});

describe('figure', () => {
  it('gives every unit its own words', () => {
    expect([
      figure(0.034, 'ratio'),
      figure(12_000, 'ms'),
      figure(1_500_000_000, 'bytes'),
      figure(12_400, 'bytes/s'),
      figure(3, 'per-min'),
      figure(90, 's'),
      figure(2.345, 'per-core'),
      figure(0, 'up'),
    ]).toEqual(['3.4 %', '12 s', '1.5 GB', '12 kB/s', '3 a minute', '2 min', '2.3', 'down']);
  });
});

describe('spanText', () => {
  it('takes the unit that reads best', () => {
    expect([45_000, 720_000, 12_600_000].map(spanText)).toEqual(['45 s', '12 min', '3.5 h']);
  });
});
