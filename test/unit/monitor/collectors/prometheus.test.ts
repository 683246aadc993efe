import { describe, expect, it } from 'vitest';
import type { HttpResult } from '../../../../src/domain/ports.ts';
import { epochMs, ms, seconds } from '../../../../src/domain/units.ts';
import { createPrometheusCollector } from '../../../../src/monitor/collectors/prometheus.ts';
import { MonitorConfig } from '../../../../src/monitor/config.ts';
import { createPrometheusApi } from '../../../../src/monitor/prometheus-api.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { createMemoryLogger } from '../../../support/memory-ports.ts';

const config = MonitorConfig.parse({
  prometheus: [
    {
      url: 'http://prom:9090/',
      queries: [
        { metric: 'orders', query: 'sum(orders)' },
        { metric: 'latency:checkout', query: 'p95' },
      ],
    },
  ],
});

const vector = (...values: string[]): HttpResult => ({
  kind: 'answered',
  status: 200,
  took: ms(2),
  body: JSON.stringify({
    status: 'success',
    data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1, value] })) },
  }),
});

function bench(answer: (query: string) => HttpResult | Promise<HttpResult>) {
  const clock = createFakeClock();
  const asked: string[] = [];
  const collector = createPrometheusCollector({
    clock,
    log: createMemoryLogger(),
    config: { current: () => config },
    http: {
      async request({ url }) {
        const query = new URL(url).searchParams.get('query') ?? '';
        asked.push(query);
        return answer(query);
      },
    },
  });
  const beat = async () => {
    const found = await collector.collect(
      { at: clock.now(), monotonic: clock.monotonic() },
      new AbortController().signal,
    );
    await clock.settle();
    return found.map(({ metric, value }) => [metric, value]);
  };
  return { clock, collector, asked, beat };
}

describe('createPrometheusCollector', () => {
  it('delivers the answer of each query in the beat after it came, at its own interval', async () => {
    const { clock, asked, beat } = bench((query) => vector(query === 'p95' ? '120' : '7'));

    expect(await beat()).toEqual([]);
    await clock.advance(seconds(5));
    expect(await beat()).toEqual([
      ['orders', 7],
      ['latency:checkout', 120],
    ]);
    await clock.advance(seconds(5));
    expect(await beat()).toEqual([]);
    expect(asked).toHaveLength(2);
    await clock.advance(seconds(5));
    await beat();
    expect(asked).toHaveLength(4);
  });

  it('makes unknown what fails, is no number or is more than one series', async () => {
    const { clock, beat } = bench((query) => (query === 'p95' ? vector('1', '2') : vector('NaN')));
    await beat();
    await clock.advance(seconds(5));

    expect(await beat()).toEqual([
      ['orders', null],
      ['latency:checkout', null],
    ]);
  });

  it('never holds a beat, and asks a server that hangs only once', async () => {
    const { clock, asked, beat } = bench(() => new Promise<HttpResult>(() => {}));
    for (let turn = 0; turn < 6; turn += 1) {
      expect(await beat()).toEqual([]);
      await clock.advance(seconds(15));
    }

    expect(asked).toHaveLength(2);
  });
});

describe('createPrometheusApi', () => {
  const api = (body: unknown, status = 200) =>
    createPrometheusApi(
      { request: async () => ({ kind: 'answered', status, body: JSON.stringify(body), took: ms(1) }) },
      { url: 'http://prom:9090', timeLimit: seconds(1) },
    );

  it('reads a range, unknown where the server has no number', async () => {
    const answer = await api({
      status: 'success',
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: {},
            values: [
              [60, '1.5'],
              [120, '+Inf'],
            ],
          },
        ],
      },
    }).range('up', { from: epochMs(0), to: epochMs(120_000), step: seconds(60) });

    expect(answer).toEqual({
      kind: 'answered',
      value: [
        { at: 60_000, value: 1.5 },
        { at: 120_000, value: null },
      ],
    });
  });

  it('gives the words of the server for a query that it cannot read', async () => {
    expect(await api({ status: 'error', error: 'parse error at char 4' }, 400).now('su(')).toEqual({
      kind: 'failed',
      reason: 'parse error at char 4',
    });
  });
});

describe('prometheus in the configuration', () => {
  it('refuses a metric that this host measures itself', () => {
    const queries = [{ metric: 'cpu', query: 'x' }];

    expect(MonitorConfig.safeParse({ prometheus: [{ url: 'http://p', queries }] }).success).toBe(false);
  });
});
