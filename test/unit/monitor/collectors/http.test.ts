import { describe, expect, it } from 'vitest';
import type { HttpResult } from '../../../../src/domain/ports.ts';
import { ms, seconds } from '../../../../src/domain/units.ts';
import type { Reading } from '../../../../src/monitor/collector.ts';
import { createHttpCollector } from '../../../../src/monitor/collectors/http.ts';
import { MonitorConfig } from '../../../../src/monitor/config.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { createMemoryHttp, live } from '../../../support/memory-ports.ts';

type Answer = Parameters<typeof createMemoryHttp>[0];

function setUp(answer?: Answer, probe: object = {}, find: () => Promise<never[]> = async () => []) {
  const clock = createFakeClock();
  const http = createMemoryHttp(answer);
  const config = live(
    MonitorConfig.parse({ probes: [{ name: 'api', url: 'http://127.0.0.1:1/', ...probe }] }),
  );
  const collector = createHttpCollector({ clock, http, config, names: { find } });
  async function beat() {
    const now = { at: clock.now(), monotonic: clock.monotonic() };
    const done = collector.collect(now, new AbortController().signal);
    const found: Reading[] = [];
    void done.then((readings) => found.push(...readings));
    await clock.advance(seconds(5));
    return Object.fromEntries(found.map((one) => [one.metric, one.value]));
  }
  return { clock, http, config, collector, beat };
}

const failed = (reason: string): HttpResult => ({ kind: 'failed', reason, took: ms(1) });

describe('createHttpCollector', () => {
  it('asks in the beat and delivers latency and being up at once, the rate from the third answer on', async () => {
    const { beat } = setUp();

    expect(await beat()).toEqual({ 'probe_up:api': 1, 'latency:api': 5 });
    await beat();
    expect(await beat()).toEqual({ 'probe_up:api': 1, 'latency:api': 5, 'success_rate:api': 1 });
  });

  it('has no latency of a service that does not answer, and says why', async () => {
    const { beat, collector } = setUp(() => failed('connect ECONNREFUSED 127.0.0.1:1'));

    expect(await beat()).toEqual({ 'probe_up:api': 0 });
    expect(collector.reason('probe_up:api')).toBe('connect ECONNREFUSED 127.0.0.1:1');
  });

  it('delivers unknown when the question could not be asked', async () => {
    const { beat } = setUp(() => failed('getaddrinfo EAI_AGAIN api'));

    expect(await beat()).toEqual({ 'probe_up:api': null, 'latency:api': null, 'success_rate:api': null });
  });

  it('does not take a name server that hangs for a service that does', async () => {
    const { beat, http, collector } = setUp(
      undefined,
      { url: 'http://api.test/' },
      () => new Promise(() => {}),
    );

    expect(await beat()).toEqual({});
    expect(await beat()).toEqual({ 'probe_up:api': null, 'latency:api': null, 'success_rate:api': null });
    expect(http.calls).toEqual([]);
    expect(collector.reason('probe_up:api')).toBe('the name server did not end within 3000 ms');
  });

  it('delivers nothing in beats in which it was not due', async () => {
    const { beat, http } = setUp(undefined, { intervalSeconds: 15 });

    const beats = [await beat(), await beat(), await beat(), await beat()];

    expect(beats.map((one) => Object.keys(one).length)).toEqual([2, 0, 0, 2]);
    expect(http.calls).toHaveLength(2);
  });

  it('does not ask again while an answer is still out, and does not hold the beat', async () => {
    const { beat, http } = setUp(() => new Promise(() => {}), { timeoutMilliseconds: 20_000 });

    expect(await beat()).toEqual({});
    expect(await beat()).toEqual({});
    expect(http.calls).toHaveLength(1);
  });

  it('ends a client that ignores its own deadline, and calls it unknown', async () => {
    const { beat } = setUp(() => new Promise(() => {}), { timeoutMilliseconds: 1_000 });

    await beat();

    expect(await beat()).toEqual({ 'probe_up:api': null, 'latency:api': null, 'success_rate:api': null });
  });

  it('keeps what it knows over a reload that leaves the probe as it is, and starts a new one at once', async () => {
    const { beat, config } = setUp();
    await beat();
    await beat();
    config.set(
      MonitorConfig.parse({
        probes: [
          { name: 'api', url: 'http://127.0.0.1:1/' },
          { name: 'web', url: 'http://127.0.0.1:2/' },
        ],
      }),
    );

    expect(await beat()).toMatchObject({ 'success_rate:api': 1, 'probe_up:web': 1 });
  });
});
