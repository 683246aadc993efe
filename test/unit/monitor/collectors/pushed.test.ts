import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../../src/domain/metric.ts';
import { after, seconds } from '../../../../src/domain/units.ts';
import { createPushedCollector } from '../../../../src/monitor/collectors/pushed.ts';
import { START } from '../../../support/builders.ts';

const sample = (metric: string, value: number | null = 1, ago = 0): Sample => ({
  metric,
  value,
  at: after(START, seconds(-ago)),
});
const now = { at: START, monotonic: seconds(1) };

async function taken(collector: ReturnType<typeof createPushedCollector>) {
  const readings = await collector.collect(now, new AbortController().signal);
  return readings.map((reading) => [reading.metric, reading.value]);
}

describe('createPushedCollector', () => {
  it('delivers what was pushed in the next beat, the newest value of each, and then no more', async () => {
    const collector = createPushedCollector();
    collector.push([sample('orders_open', 7), sample('orders_open', 9), sample('orders_open', 3, 60)], START);

    expect(await taken(collector)).toEqual([['orders_open', 9]]);
    expect(await taken(collector)).toEqual([]);
  });

  it('refuses what is measured here, what is no name or number, and what is old or ahead', () => {
    const result = createPushedCollector().push(
      [
        sample('cpu'),
        sample('latency:api'),
        sample('no spaces'),
        sample('orders', Number.NaN),
        sample('orders', 1, 600),
        sample('orders', 1, -120),
        sample('queue_depth:mail', 4),
        sample('orders', null),
      ],
      START,
    );

    expect(result.accepted).toBe(2);
    expect(result.refused.map((one) => one.reason)).toEqual([
      'this name is measured here',
      'this name is measured here',
      'not a metric name',
      'not a number',
      'older than 5 minutes',
      'more than a minute ahead',
    ]);
  });

  it('takes no more than 200 names, and keeps those it knows', () => {
    const collector = createPushedCollector();
    const many = Array.from({ length: 210 }, (_, index) => sample(`m${index}`));

    expect(collector.push(many, START).accepted).toBe(200);
    expect(collector.push([sample('m0'), sample('m205')], START)).toMatchObject({ accepted: 1 });
  });

  it('refuses a name that another collector delivers', () => {
    const result = createPushedCollector((metric) => metric === 'orders').push([sample('orders')], START);

    expect(result.refused).toEqual([{ metric: 'orders', reason: 'this name is measured here' }]);
  });

  it('gives the room of names that are no longer pushed to new ones after a day', () => {
    const collector = createPushedCollector();
    const names = Array.from({ length: 200 }, (_, index) => sample(`m${index}`));
    collector.push(names, START);

    expect(collector.push([sample('late')], START).accepted).toBe(0);
    const dayLater = after(START, seconds(90_000));
    expect(collector.push([{ ...sample('late'), at: dayLater }], dayLater).accepted).toBe(1);
  });
});
