import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpsEvent } from '../../src/domain/events.ts';
import type { MetricName } from '../../src/domain/metric.ts';
import type { HttpRequest, HttpResult } from '../../src/domain/ports.ts';
import type { TargetState } from '../../src/domain/target.ts';
import { before as earlier, epochMs, minutes, ms, seconds } from '../../src/domain/units.ts';
import type { Collector } from '../../src/monitor/collector.ts';
import { MonitorConfig } from '../../src/monitor/config.ts';
import { createMonitor, type Monitor } from '../../src/monitor/monitor.ts';
import { createEventBus } from '../../src/platform/event-bus.ts';
import { START } from '../support/builders.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import {
  createMemoryAudit,
  createMemoryHttp,
  createMemoryLogger,
  createMemoryStateStore,
  live,
} from '../support/memory-ports.ts';

type Values = Record<MetricName, number | null>;

let dataFolder: string;
let running: readonly Monitor[] = [];

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'nightshift-monitor-'));
});
afterEach(async () => {
  await Promise.all(running.map((monitor) => monitor.stop()));
  running = [];
  await rm(dataFolder, { recursive: true, force: true });
});

const PROBE = { probes: [{ name: 'home', url: 'http://127.0.0.1:1/', target: 'web' }] };

interface World {
  readonly clock: FakeClock;
  readonly monitor: Monitor;
  readonly events: OpsEvent[];
  /** What the host shows; change it to break something. */
  readonly host: Values;
  readonly targets: { states: readonly TargetState[] };
  readonly answer: { give: (request: HttpRequest) => HttpResult | Promise<HttpResult> };
  found(): readonly (readonly [string, string])[];
}

function setUp(file: object = {}, extra: readonly Collector[] = [], clock = createFakeClock()): World {
  const log = createMemoryLogger();
  const bus = createEventBus(log);
  const events: OpsEvent[] = [];
  bus.onAny((event) => void events.push(event));
  const host: Values = { cpu: 0.1, memory: 0.4, 'disk:/': 0.5 };
  const targets: World['targets'] = { states: [] };
  const answer: World['answer'] = { give: () => ({ kind: 'answered', status: 200, body: '', took: ms(20) }) };
  const hostCollector: Collector = {
    name: 'host',
    metrics: () => Object.keys(host),
    collect: async () => Object.entries(host).map(([metric, value]) => ({ metric, value })),
  };
  const monitor = createMonitor({
    clock,
    bus,
    log,
    http: createMemoryHttp((request) => answer.give(request)),
    audit: createMemoryAudit(),
    states: createMemoryStateStore(),
    config: live(MonitorConfig.parse(file)),
    host: 'web-1',
    dataFolder,
    timezone: 'Europe/Berlin',
    names: { find: async () => [] },
    targets: { states: () => targets.states },
    targetOf: (metric) => {
      if (metric.endsWith(':home')) return { name: 'web', kind: 'service' };
      return metric.endsWith(':rpa') ? { name: 'rpa', kind: 'worker' } : null;
    },
    sources: {
      collectors: [hostCollector, ...extra],
      readProcess: () => null,
      processes: { top: () => [{ pid: 7, name: 'cc1plus', cpu: 0.98, memoryBytes: 1 }] },
      inventory: async () => null,
      stop: () => {},
    },
  });
  running = [...running, monitor];
  const found = () =>
    events.flatMap((event) =>
      event.type === 'anomaly.detected' || event.type === 'anomaly.updated'
        ? [[event.anomaly.kind, event.anomaly.severity] as const]
        : [],
    );
  return { clock, monitor, events, host, targets, answer, found };
}

/** Starts, and lets half a minute of health pass. */
async function inHealth(world: World): Promise<World> {
  await world.monitor.start();
  await world.clock.advance(seconds(31));
  expect(world.found()).toEqual([]);
  return world;
}

/** Seconds from now until an anomaly of this kind and severity is told, at most `limit`. */
async function secondsUntil(world: World, kind: string, severity: string, limit: number): Promise<number> {
  for (let second = 0; second <= limit; second += 1) {
    if (world.found().some((one) => one[0] === kind && one[1] === severity)) return second;
    await world.clock.advance(seconds(1));
  }
  return Number.POSITIVE_INFINITY;
}

const state = (over: Partial<TargetState> = {}): TargetState => ({
  name: 'rpa',
  up: true,
  pids: [],
  reason: '',
  ...over,
});

describe('createMonitor: sampling', () => {
  it('has the first sample at once on start, and starts once however often it is asked to', async () => {
    const { monitor, events, clock } = setUp();

    await Promise.all([monitor.start(), monitor.start()]);

    expect(monitor.firstSampleAt()).toBe(clock.now());
    expect(events.map((event) => event.type)).toEqual(['sample.taken']);
    expect(monitor.latest('cpu')?.value).toBe(0.1);
  });

  it('shows each metric against its band, and calls it unknown when beats stop coming', async () => {
    const { monitor, clock } = await inHealth(setUp());

    expect(monitor.metricsNow().find((one) => one.metric === 'cpu')).toMatchObject({
      unit: 'ratio',
      value: 0.1,
      verdict: 'good',
      band: { warn: 0.9, critical: 0.98 },
    });

    await monitor.stop();
    await clock.advance(seconds(16));

    expect(monitor.latest('cpu')?.value).toBeNull();
    expect(monitor.metricsNow().every((one) => one.verdict === 'unknown')).toBe(true);
  });

  it('puts pushed samples into the next beat', async () => {
    const { monitor, clock } = await inHealth(setUp());

    const result = monitor.push([
      { metric: 'orders_open', at: clock.now(), value: 12 },
      { metric: 'cpu', at: clock.now(), value: 0 },
    ]);
    await clock.advance(seconds(5));

    expect(result).toMatchObject({ accepted: 1, refused: [{ metric: 'cpu' }] });
    expect(monitor.latest('orders_open')?.value).toBe(12);
    expect(monitor.latest('cpu')?.value).toBe(0.1);
  });

  it('has its history back after a restart, with the pause as a gap', async () => {
    const first = await inHealth(setUp());
    await first.monitor.stop();
    await first.clock.advance(minutes(10));

    const second = setUp({}, [], first.clock);
    await second.monitor.start();
    await second.clock.advance(seconds(31));
    const samples = second.monitor.recent('cpu', minutes(30));

    expect(samples.length).toBeGreaterThanOrEqual(9);
    expect(
      Math.max(...samples.slice(1).map((one, index) => one.at - (samples[index]?.at ?? 0))),
    ).toBeGreaterThan(590_000);
    const file = await readFile(join(dataFolder, 'history', '2026-11-22.jsonl'), 'utf8');
    expect(file.startsWith('{"metrics":["cpu","memory","disk:/"]}\n{"t":"2026-11-22T02:00:')).toBe(true);
  });
});

describe('createMonitor: finding trouble', () => {
  it('says a dead worker within one beat and is certain within 15 s, with its reason', async () => {
    const world = setUp();
    world.targets.states = [state()];
    await inHealth(world);

    world.targets.states = [state({ up: false, reason: 'exited with code 1' })];

    expect(await secondsUntil(world, 'worker_down', 'warning', 60)).toBeLessThanOrEqual(5);
    expect(await secondsUntil(world, 'worker_down', 'critical', 60)).toBeLessThanOrEqual(10);
    expect(world.monitor.activeAnomalies()[0]?.summary).toBe('rpa is down: exited with code 1.');
  });

  it('finds a service that refuses within 15 s', async () => {
    const world = await inHealth(setUp(PROBE));

    world.answer.give = () => ({ kind: 'failed', reason: 'connect ECONNREFUSED 127.0.0.1:1', took: ms(1) });

    expect(await secondsUntil(world, 'service_down', 'critical', 60)).toBeLessThanOrEqual(15);
    expect(world.monitor.activeAnomalies()[0]).toMatchObject({
      target: 'web',
      summary: 'web does not answer: connect ECONNREFUSED 127.0.0.1:1.',
    });
  });

  it('finds a service that hangs within 15 s', async () => {
    const world = await inHealth(setUp(PROBE));

    world.answer.give = async (request) => {
      await world.clock.sleep(request.timeLimit);
      return { kind: 'timed_out', took: request.timeLimit };
    };

    expect(await secondsUntil(world, 'service_down', 'critical', 60)).toBeLessThanOrEqual(15);
  });

  it('finds a service that is slow, and one that answers with errors, within 60 s', async () => {
    const slow = await inHealth(setUp(PROBE));
    slow.answer.give = () => ({ kind: 'answered', status: 200, body: '', took: ms(1_900) });
    expect(await secondsUntil(slow, 'high_latency', 'warning', 90)).toBeLessThanOrEqual(60);

    const failing = await inHealth(setUp(PROBE));
    failing.answer.give = () => ({ kind: 'answered', status: 500, body: '', took: ms(20) });
    expect(await secondsUntil(failing, 'low_success_rate', 'critical', 90)).toBeLessThanOrEqual(30);
  });

  it('clears it again, and says so once', async () => {
    const world = await inHealth(setUp(PROBE));
    const well = world.answer.give;
    world.answer.give = () => ({ kind: 'failed', reason: 'ECONNREFUSED', took: ms(1) });
    await world.clock.advance(seconds(20));

    world.answer.give = well;
    await world.clock.advance(seconds(90));

    const cleared = world.events.filter((event) => event.type === 'anomaly.cleared');
    expect(cleared.map((event) => event.fingerprint)).toContain('web-1/web/service_down');
    expect(new Set(cleared.map((event) => event.fingerprint)).size).toBe(cleared.length);
    expect(world.monitor.activeAnomalies()).toEqual([]);
    const fresh = world.monitor.judgedSince('probe_up:home', earlier(world.clock.now(), seconds(12)));
    expect(fresh.length).toBeGreaterThanOrEqual(2);
    expect(fresh.every((sample) => sample.verdict === 'good')).toBe(true);
  });

  it('gives the evidence: the last hour, the top processes and what was done just before', async () => {
    const world = await inHealth(setUp());
    world.monitor.note('deploy web 1.4.2', world.clock.now());
    world.host['memory'] = 0.99;

    await secondsUntil(world, 'high_memory', 'info', 60);

    const [anomaly] = world.monitor.activeAnomalies();
    expect(anomaly?.evidence.chart.length).toBeGreaterThan(6);
    expect(anomaly?.evidence.topProcesses[0]?.name).toBe('cc1plus');
    expect(anomaly?.evidence.causes[0]?.text).toBe('deploy web 1.4.2, 5 s before');
  });

  it('keeps what one metric shows against its own past at info', async () => {
    await writeDayOfHistory(0.2);
    const world = setUp({ thresholds: [{ metric: 'memory', warnPercent: 90 }] });
    await world.monitor.start();
    await world.clock.advance(minutes(2));
    expect(world.monitor.band('cpu')).toMatchObject({ centre: expect.closeTo(0.2, 2) });

    world.host['cpu'] = 0.95;
    await world.clock.advance(minutes(30));

    const found = world.found();
    expect(found.map(([kind]) => kind)).toContain('out_of_band');
    // The whole host is unusual too: two models of one metric are still no second witness.
    expect(found.filter(([, severity]) => severity !== 'info')).toEqual([]);
    expect(found.filter(([kind]) => kind !== 'out_of_band' && kind !== 'ml_composite_anomaly')).toEqual([]);
  });
});

describe('createMonitor: what must not become an alarm', () => {
  it('unknown data starts nothing and ends nothing', async () => {
    const world = setUp();
    world.targets.states = [state({ up: false })];
    await world.monitor.start();
    await world.clock.advance(seconds(11));
    const known = world.found().length;

    world.host['memory'] = null;
    world.targets.states = [state({ up: null })];
    await world.clock.advance(minutes(2));

    expect(
      world
        .found()
        .slice(known)
        .every(([kind]) => kind === 'worker_down'),
    ).toBe(true);
    expect(world.events.some((event) => event.type === 'anomaly.cleared')).toBe(false);
    expect(world.monitor.activeAnomalies().map((one) => one.kind)).toEqual(['worker_down']);
  });

  it('dead name servers make every probe unknown: no service is called down, one warning says it', async () => {
    const world = await inHealth(setUp(PROBE));

    world.answer.give = () => ({ kind: 'failed', reason: 'getaddrinfo EAI_AGAIN home', took: ms(1) });
    await world.clock.advance(minutes(5));

    expect(new Set(world.found().map(([kind, severity]) => `${kind} ${severity}`))).toEqual(
      new Set(['probe_silent warning']),
    );
  });

  it('a jump of the wall clock, both ways, is told and raises nothing', async () => {
    const world = setUp(PROBE);
    world.targets.states = [state()];
    await inHealth(world);

    for (const jump of [3_600_000, -7_200_000, 86_400_000]) {
      world.clock.jump(ms(jump));
      await world.clock.advance(minutes(1));
    }

    const jumps = world.events.flatMap((event) => (event.type === 'clock.jumped' ? [event.by] : []));
    expect(jumps).toEqual([3_600_000, -7_200_000, 86_400_000]);
    expect(world.found()).toEqual([]);
  });

  it('a fault that was half seen before a jump is not counted on', async () => {
    const world = await inHealth(setUp(PROBE));
    world.answer.give = () => ({ kind: 'failed', reason: 'ECONNREFUSED', took: ms(1) });
    await world.clock.advance(seconds(5));

    world.clock.jump(ms(3_600_000));
    await world.clock.advance(seconds(35));
    expect(world.found()).toEqual([]);

    expect(await secondsUntil(world, 'service_down', 'critical', 60)).toBeLessThanOrEqual(20);
  });

  it('a collector that hangs costs only its own metrics', async () => {
    const stuck: Collector = {
      name: 'nfs',
      metrics: () => ['disk:/mnt'],
      collect: () => new Promise(() => {}),
    };
    const world = setUp(PROBE, [stuck]);
    void world.monitor.start();
    await world.clock.advance(seconds(31));

    world.answer.give = () => ({ kind: 'failed', reason: 'ECONNREFUSED', took: ms(1) });

    expect(await secondsUntil(world, 'service_down', 'critical', 60)).toBeLessThanOrEqual(15);
    expect(world.monitor.latest('disk:/mnt')?.value).toBeNull();
    expect(world.monitor.latest('cpu')?.value).toBe(0.1);
  });

  it('an hour of flapping is one long anomaly', async () => {
    const world = setUp();
    world.targets.states = [state()];
    await inHealth(world);

    for (let turn = 0; turn < 120; turn += 1) {
      world.targets.states = [state({ up: turn % 2 === 0 })];
      await world.clock.advance(seconds(30));
    }

    const detected = world.events.filter((event) => event.type === 'anomaly.detected');
    expect(detected.length).toBeLessThanOrEqual(4);
    expect(world.monitor.activeAnomalies().map((one) => one.kind)).toEqual(['worker_down']);
  });

  it('nothing is told after it was stopped', async () => {
    const world = await inHealth(setUp());

    await world.monitor.stop();
    const told = world.events.length;
    await world.clock.advance(minutes(5));

    expect(world.events).toHaveLength(told);
  });
});

/** Twenty hours before the start, one row a minute, cpu at this level. */
async function writeDayOfHistory(cpu: number): Promise<void> {
  const rows = new Map<string, string[]>();
  for (let minute = 20 * 60; minute > 40; minute -= 1) {
    const time = new Date(epochMs(START - minute * 60_000)).toISOString();
    const day = time.slice(0, 10);
    const lines = rows.get(day) ?? ['{"metrics":["cpu"]}'];
    lines.push(JSON.stringify({ t: time, v: [cpu + (minute % 3) / 1_000] }));
    rows.set(day, lines);
  }
  await mkdir(join(dataFolder, 'history'), { recursive: true });
  for (const [day, lines] of rows)
    await writeFile(join(dataFolder, 'history', `${day}.jsonl`), `${lines.join('\n')}\n`);
}
