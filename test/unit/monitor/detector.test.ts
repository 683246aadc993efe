import { describe, expect, it } from 'vitest';
import type { AnomalyKind } from '../../../src/domain/anomaly.ts';
import type { MetricName } from '../../../src/domain/metric.ts';
import { epochMs, ms } from '../../../src/domain/units.ts';
import { MonitorConfig } from '../../../src/monitor/config.ts';
import { type AnomalyEvent, type Combiner, createCombiner } from '../../../src/monitor/detector.ts';
import { bandOf } from '../../../src/monitor/judgement.ts';
import { createLimitDetector } from '../../../src/monitor/limit-detector.ts';
import { createSilenceDetector } from '../../../src/monitor/silence-detector.ts';
import { beat } from '../../support/beats.ts';
import { live } from '../../support/memory-ports.ts';

type Values = Readonly<Record<MetricName, number | null>>;

function setUp(file: unknown = {}) {
  const config = live(MonitorConfig.parse(file));
  const targetOf = (metric: MetricName) =>
    metric.endsWith(':rpa') ? ({ name: 'rpa', kind: 'worker' } as const) : null;
  const combiner = createCombiner({
    host: 'web-1',
    config,
    detectors: [createLimitDetector({ config, targetOf }), createSilenceDetector(config)],
    evidence: {
      band: (metric) => bandOf(metric, config.current(), null),
      metrics: () => [],
      needs: () => [],
      targetOf: () => null,
      chart: () => [],
      course: () => [],
      topProcesses: () => [],
      notes: () => [],
      reason: () => 'exited with code 1',
    },
  });
  return { config, combiner };
}

/** Beats from `first` on with the same values; gives what was told at which beat. */
function run(
  combiner: Combiner,
  count: number,
  values: Values,
  first = 0,
): readonly (readonly [number, AnomalyEvent])[] {
  return Array.from({ length: count }, (_, index) => first + index).flatMap((index) =>
    combiner.judge(beat(index, values)).map((event) => [index, event] as const),
  );
}

function told([index, event]: readonly [number, AnomalyEvent]): readonly [
  number,
  string,
  AnomalyKind | string,
  string,
] {
  if (event.type === 'anomaly.cleared') return [index, event.type, event.fingerprint, event.text];
  return [index, event.type, event.anomaly.kind, event.anomaly.severity];
}

/** A host that builds for ten minutes now and then, and drops a packet now and then. */
function normalHost(index: number): Values {
  const now = (every: number, lasts: number, then: number, otherwise: number): number =>
    index % every < lasts ? then : otherwise;
  return {
    cpu: now(2_000, 120, 0.99, 0.05 + 0.02 * Math.sin(index)),
    memory: now(2_000, 120, 0.7, 0.4),
    load_per_core: now(2_000, 120, 2.4, 0.2),
    pressure_cpu: now(2_000, 120, 0.7, 0.01),
    'disk:/': 0.61,
    'latency:api': now(500, 1, 1_590, 90),
    'success_rate:api': now(700, 12, 11 / 12, 1),
    'probe_up:api': now(3_000, 1, 0, 1),
    'target_up:rpa': 1,
    loop_lag: now(100, 1, 700, 2),
  };
}

describe('createCombiner', () => {
  it('says a dead worker at the first sure row, and is certain at the second', () => {
    const { combiner } = setUp();

    expect(run(combiner, 3, { 'target_up:rpa': 0 }).map(told)).toEqual([
      [0, 'anomaly.detected', 'worker_down', 'warning'],
      [1, 'anomaly.updated', 'worker_down', 'critical'],
    ]);
    expect(combiner.active()[0]).toMatchObject({
      fingerprint: 'web-1/rpa/worker_down',
      summary: 'rpa is down: exited with code 1.',
      witnesses: ['supervisor'],
    });
  });

  it('does not believe one probe without an answer, and does believe two of three', () => {
    const { combiner } = setUp();

    expect(run(combiner, 1, { 'probe_up:home': 0 })).toEqual([]);
    expect(run(combiner, 1, { 'probe_up:home': 1 }, 1)).toEqual([]);
    expect(run(combiner, 1, { 'probe_up:home': 0 }, 2).map(told)).toEqual([
      [2, 'anomaly.detected', 'service_down', 'critical'],
    ]);
  });

  it('confirms a soft fault within 60 s and clears it after six good samples, with what it came back to', () => {
    const { combiner } = setUp();

    expect(run(combiner, 12, { 'latency:api': 1_800 }).map(told)).toEqual([
      [5, 'anomaly.detected', 'high_latency', 'warning'],
      [9, 'anomaly.updated', 'high_latency', 'warning'],
    ]);
    expect(run(combiner, 8, { 'latency:api': 120 }, 12).map(told)).toEqual([
      [17, 'anomaly.cleared', 'web-1/-/high_latency', 'Latency of api is back at 120 ms after 85 s.'],
    ]);
  });

  it('raises the severity when the critical limit is crossed as well', () => {
    const { combiner } = setUp();

    expect(run(combiner, 8, { 'disk:/': 0.92 }).map(told)).toEqual([
      [5, 'anomaly.detected', 'disk_filling', 'warning'],
    ]);
    expect(run(combiner, 8, { 'disk:/': 0.98 }, 8).map(told)).toEqual([
      // Who writes may only be known by now.
      [9, 'anomaly.updated', 'disk_filling', 'warning'],
      [13, 'anomaly.updated', 'disk_filling', 'critical'],
    ]);
  });

  it('keeps a build at full use at info, and makes it a warning only after a quarter of an hour', () => {
    const { combiner } = setUp();

    const events = run(combiner, 200, { cpu: 1 }).map(told);

    expect(events[0]).toEqual([5, 'anomaly.detected', 'high_cpu', 'info']);
    expect(events.filter(([index]) => index < 180).every(([, , , severity]) => severity === 'info')).toBe(
      true,
    );
    expect(events.find(([, , , severity]) => severity === 'warning')?.[0]).toBe(180);
    expect(events.some(([, , , severity]) => severity === 'critical')).toBe(false);
  });

  it('tells an anomaly that lasts about once a minute', () => {
    const { combiner } = setUp();

    const events = run(combiner, 60, { memory: 0.99 }).map(told);

    expect(events.filter(([, type]) => type === 'anomaly.updated').length).toBeGreaterThanOrEqual(4);
    expect(events.length).toBeLessThanOrEqual(7);
  });

  it('lets unknown samples neither confirm nor clear anything', () => {
    const { combiner } = setUp();
    run(combiner, 8, { 'latency:api': 1_800 });

    const events = run(combiner, 30, { 'latency:api': null }, 8).map(told);

    expect(events.every(([, type]) => type === 'anomaly.updated')).toBe(true);
    expect(combiner.active()).toHaveLength(1);
  });

  it('says nothing of metrics that are unknown from the start, until they have been so for three minutes', () => {
    const { combiner } = setUp();

    const events = run(combiner, 40, { cpu: null, memory: null, 'target_up:rpa': null }).map(told);

    expect(events[0]).toEqual([36, 'anomaly.detected', 'probe_silent', 'warning']);
    expect(combiner.active().map((one) => one.summary)).toEqual([
      'Processor use, Memory use cannot be read: what they show is unknown.',
    ]);
    expect(run(combiner, 1, { cpu: 0.1, memory: 0.2 }, 40).map(told)[0]?.[1]).toBe('anomaly.cleared');
  });

  it('does not say that a dead worker is slow as well', () => {
    const { combiner } = setUp();

    const kinds = run(combiner, 20, { 'target_up:rpa': 0, 'latency:rpa': 9_000 }).map((one) => told(one)[2]);

    expect(new Set(kinds)).toEqual(new Set(['worker_down']));
  });

  it('judges nothing for one window after a clock jump, and ends nothing because of it', () => {
    const { combiner } = setUp();
    run(combiner, 3, { 'target_up:rpa': 0 });
    run(combiner, 5, { 'latency:api': 1_800 }, 3);

    combiner.discardWindow({ at: epochMs(0), monotonic: beat(8, {}).monotonic });
    const quiet = run(combiner, 8, { 'latency:api': 1_800, 'target_up:rpa': 1 }, 8).map(told);
    const after = run(combiner, 7, { 'latency:api': 1_800, 'target_up:rpa': 0 }, 16).map(told);

    expect(quiet.filter(([, type]) => type !== 'anomaly.updated')).toEqual([]);
    expect(combiner.active().map((one) => one.kind)).toContain('worker_down');
    expect(after.find(([, type]) => type === 'anomaly.detected')?.[0]).toBe(21);
  });

  it('ends what is watched no more a while after the configuration changed', () => {
    const { combiner, config } = setUp();
    run(combiner, 8, { 'latency:api': 1_800 });
    config.set(MonitorConfig.parse({}));

    combiner.configChanged(beat(8, {}));
    const events = run(combiner, 200, { cpu: 0.1 }, 8).map(told);

    expect(events.find(([, type]) => type === 'anomaly.cleared')?.[0]).toBe(188);
    expect(combiner.active()).toEqual([]);
  });

  it('finds nothing in a day of a quiet or normally busy host', () => {
    const { combiner } = setUp();
    const severities = new Set<string>();

    for (let index = 0; index < 17_280; index += 1) {
      for (const event of combiner.judge(beat(index, normalHost(index)))) {
        if (event.type !== 'anomaly.cleared') severities.add(event.anomaly.severity);
      }
    }

    expect([...severities]).toEqual(['info']);
    expect(combiner.active()).toEqual([]);
  });

  it('holds what a metric was, in ms of the monotonic clock, whatever the wall clock does', () => {
    const { combiner } = setUp();
    const first = beat(0, { 'target_up:rpa': 0 });
    const second = { ...beat(1, { 'target_up:rpa': 0 }), at: epochMs(0) };

    combiner.judge(first);
    combiner.judge(second);

    expect(combiner.active()[0]?.evidence.lasted).toBe(ms(5_000));
  });
});
