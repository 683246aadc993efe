/**
 * Runs the whole monitor (limits, probes, baseline, models, shapes, confirming, grouping) over a made-up host in
 * virtual time: what it tells in quiet weeks, and which faults it finds how soon.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Anomaly } from '../../src/domain/anomaly.ts';
import type { Clock } from '../../src/domain/ports.ts';
import { epochMs, type Ms, ms } from '../../src/domain/units.ts';
import { assembleMonitor } from '../../src/monitor/assembly.ts';
import { MonitorConfig } from '../../src/monitor/config.ts';
import { createSameThreadFit } from '../../src/monitor/detect/same-thread-fit.ts';
import { createEventBus } from '../../src/platform/event-bus.ts';
import {
  createSyntheticHost,
  FAULT_KINDS,
  type Fault,
  type FaultKind,
  type HostHabits,
  type HostMoment,
} from './synthetic-host.ts';

/** A Monday. */
const START = Date.parse('2026-03-02T00:00:00Z');
const MINUTE = 60_000;
const DAY = 86_400_000;
/** As a replay does: normal moves slowly, and four weeks at the live pace are four thousand refits of every metric. */
const REFIT_MINUTES = 360;
/** What a fault left behind may still be told as its own for so long. */
const AFTERMATH = 60 * MINUTE;

export interface Told {
  /** Milliseconds since the start. */
  readonly at: number;
  readonly anomaly: Anomaly;
}

export interface SyntheticRun extends HostHabits {
  readonly days: number;
  readonly stepSeconds: number;
  /** Takes the milliseconds of processor that each beat cost. */
  readonly onBeat?: (cost: number) => void;
}

export interface FaultResult {
  readonly kind: FaultKind;
  /** Seconds until it was first told at all, and as a warning or worse; `null` = never. */
  readonly told: number | null;
  readonly warned: number | null;
  /** The kind of anomaly it was first told as. */
  readonly as: string | null;
}

/** Everything told in the run, once for each rise of severity of an anomaly. */
export async function runHost(run: SyntheticRun): Promise<readonly Told[]> {
  const told: Told[] = [];
  const time = { now: START, monotonic: 1_000_000 };
  const clock = virtualClock(time);
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const bus = createEventBus(log);
  const host = createSyntheticHost(run);
  let moment: HostMoment = host.at(0);
  const config = MonitorConfig.parse({
    intervalSeconds: run.stepSeconds,
    storeIntervalSeconds: run.stepSeconds,
    baseline: { refitMinutes: REFIT_MINUTES },
    probes: [{ name: 'web', url: 'http://127.0.0.1:1/', target: 'web', intervalSeconds: run.stepSeconds }],
  });
  const targets = {
    states: () => [{ name: 'web', up: moment.pids.length > 0, pids: moment.pids, reason: '' }],
  };
  const parts = assembleMonitor(
    {
      clock,
      bus,
      log,
      config: { current: () => config },
      host: 'made-up',
      dataFolder: join(tmpdir(), 'nightshift-made-up-host'),
      timezone: 'UTC',
      names: { find: async () => [] },
      http: { request: async () => answerOf(moment) },
      targets,
      targetOf: (metric) => (metric.endsWith(':web') ? { name: 'web', kind: 'service' } : null),
      fitThread: createSameThreadFit(),
      sources: {
        collectors: [],
        readProcess: () => null,
        processes: { top: () => [] },
        inventory: async () => null,
        stop: () => {},
      },
    },
    () => 8e9,
  );
  for (const type of ['anomaly.detected', 'anomaly.updated'] as const) {
    bus.on(type, ({ anomaly }) => void told.push({ at: time.now - START, anomaly }));
  }
  const step = run.stepSeconds * 1_000;
  for (let since = 0; since < run.days * DAY; since += step) {
    time.now = START + since;
    time.monotonic += step;
    moment = host.at(since);
    const at = { at: clock.now(), monotonic: clock.monotonic() };
    const probed = await parts.probes.collect(at, new AbortController().signal);
    const up = { metric: 'target_up:web', value: Number(moment.pids.length > 0) };
    const readings = [...moment.values].map(([metric, value]) => ({ metric, value }));
    const began = process.cpuUsage();
    parts.book.take({ ...at, late: false, readings: [...readings, ...probed, up] });
    const { user, system } = process.cpuUsage(began);
    run.onBeat?.((user + system) / 1_000);
    await Promise.resolve();
  }
  return firstOfEach(told);
}

/** Thirty faults, three of each kind, spread over the days after `quietDays` at odd hours. */
export function faultPlan(days: number, quietDays: number, each: number): readonly Fault[] {
  const count = FAULT_KINDS.length * each;
  const spread = ((days - quietDays) * DAY) / count;
  return Array.from({ length: count }, (_, index) => {
    const kind = FAULT_KINDS[(index * 7) % FAULT_KINDS.length] as FaultKind;
    const from = Math.round((quietDays * DAY + (index + 0.2) * spread) / MINUTE) * MINUTE;
    const lasts = kind === 'memory_leak' || kind === 'disk_filling' ? 120 : kind === 'crash_loop' ? 45 : 20;
    return { kind, from, to: from + lasts * MINUTE };
  });
}

export function faultResults(faults: readonly Fault[], told: readonly Told[]): readonly FaultResult[] {
  return faults.map((fault) => {
    const during = told.filter(({ at }) => at >= fault.from && at < fault.to);
    const first = during[0];
    const warned = during.find(({ anomaly }) => anomaly.severity !== 'info');
    const seconds = (one: Told | undefined): number | null =>
      one === undefined ? null : (one.at - fault.from) / 1_000;
    return {
      kind: fault.kind,
      told: seconds(first),
      warned: seconds(warned),
      as: warned?.anomaly.kind ?? null,
    };
  });
}

/** Warnings and criticals outside every fault and its aftermath. */
export function falseAlarms(faults: readonly Fault[], told: readonly Told[]): readonly Told[] {
  return told.filter(
    ({ at, anomaly }) =>
      anomaly.severity !== 'info' && !faults.some((fault) => at >= fault.from && at < fault.to + AFTERMATH),
  );
}

/** Repeats are left out: an anomaly counts when it is new and when its severity rises. */
function firstOfEach(told: readonly Told[]): readonly Told[] {
  const seen = new Set<string>();
  return told.filter(({ anomaly }) => {
    const key = `${anomaly.fingerprint} ${anomaly.since} ${anomaly.severity}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

function answerOf({ answer }: HostMoment) {
  return answer.status === null
    ? ({ kind: 'failed', reason: 'connect ECONNREFUSED', took: ms(1) } as const)
    : ({ kind: 'answered', status: answer.status, body: '', took: ms(answer.latency) } as const);
}

/** Only what the monitor asks of it between beats; timers never fire. */
function virtualClock(time: { readonly now: number; readonly monotonic: number }): Clock {
  const never = (): (() => void) => () => {};
  return {
    now: () => epochMs(time.now),
    monotonic: (): Ms => ms(time.monotonic),
    sleep: () => Promise.resolve(),
    every: never,
    in: never,
    deadline: () => new AbortController().signal,
  };
}
