import { describe, expect, it } from 'vitest';
import type { TopProcess } from '../../../src/domain/anomaly.ts';
import { type EpochMs, epochMs, seconds } from '../../../src/domain/units.ts';
import { type CauseInput, likelyCauses } from '../../../src/monitor/causes.ts';
import { START } from '../../support/builders.ts';

const earlier = (minutes: number): EpochMs => epochMs(START - minutes * 60_000);
const noBand = { centre: null, low: null, high: null, warn: null, critical: null };

function input(over: Partial<CauseInput>): CauseInput {
  return {
    kind: 'high_latency',
    metric: 'latency:api',
    target: 'api',
    since: START,
    value: null,
    moved: [],
    needs: [],
    targetOf: (metric) => metric.split(':')[1] ?? null,
    notes: [],
    companions: [],
    processes: [],
    ...over,
  };
}

describe('likelyCauses', () => {
  it('names what was done just before, newest first, and nothing from hours ago', () => {
    const causes = likelyCauses(
      input({
        notes: [
          { text: 'deploy api 1.4.2', at: earlier(5) },
          { text: 'configuration reloaded', at: earlier(2) },
          { text: 'deploy api 1.4.1', at: earlier(300) },
        ],
      }),
    );

    expect(causes.map((cause) => cause.text)).toEqual([
      'configuration reloaded, 2 min before',
      'deploy api 1.4.2, 5 min before',
    ]);
  });

  it('names a metric that left its range first, with its figures', () => {
    const [cause] = likelyCauses(
      input({
        companions: [
          { metric: 'latency:api', since: START, value: 900, band: noBand },
          {
            metric: 'disk_io',
            since: earlier(2),
            value: 250_000_000,
            band: { ...noBand, low: 0, high: 9_000_000 },
          },
        ],
      }),
    );

    expect(cause?.text).toBe(
      'Disk traffic left its range (250 MB/s, normal is 0 bytes/s to 9 MB/s) 2 min before',
    );
  });

  it('puts what the thing itself says holds it up before all that was seen around it', () => {
    const ownWord = 'queue mail was paused by ada';
    const notes = [{ text: 'deploy api 1.4.2', at: earlier(0), kind: 'deploy' as const }];

    expect(likelyCauses(input({ kind: 'queue_stuck', ownWord, notes }))[0]?.text).toBe(ownWord);
  });

  it('puts what a probe was answered before all that only moved, and after what explains it', () => {
    const moved = { before: 20, now: 900, by: 40, together: 1, lead: seconds(60) };
    const down = {
      kind: 'service_down' as const,
      metric: 'probe_up:api',
      ownWord: 'nobody listens on 127.0.0.1:80',
      needs: ['db'],
      moved: [
        { ...moved, metric: 'loop_lag' },
        { ...moved, metric: 'latency:db' },
        { ...moved, metric: 'net_rx', now: 90_000 },
      ],
      notes: [
        { text: 'worker importer started', at: earlier(1), kind: 'start' as const, target: 'importer' },
      ],
    };
    const said = (over: Partial<CauseInput>): readonly string[] =>
      likelyCauses(input({ ...down, ...over })).map(({ text }) => text);

    expect(said({})).toEqual([
      'nobody listens on 127.0.0.1:80',
      'Network traffic in rose from 20 bytes/s to 90 kB/s 60 s before',
    ]);
    expect(said({ ownWord: '', moved: down.moved.slice(0, 2) })).toEqual([]);
    const deploy = { text: 'deploy api 1.4.2', at: earlier(1), kind: 'deploy' as const, target: 'api' };
    expect(said({ notes: [deploy] })[0]).toBe('deploy api 1.4.2, 60 s before');
    const gone = { ...moved, metric: 'probe_up:db', before: 1, now: 0 };
    expect(said({ moved: [gone] })[0]).toBe('db stopped answering 60 s before, and api needs db');
  });

  it('names the delay of another only where it is a fair part of the delay', () => {
    const moved = { before: 20, by: 40, together: 1, lead: seconds(60), metric: 'latency:db' };
    const said = (now: number): number =>
      likelyCauses(input({ value: 1_500, needs: ['db'], moved: [{ ...moved, now }] })).length;

    expect(said(120)).toBe(0);
    expect(said(1_400)).toBe(1);
  });

  it('does not say twice how a worker ended', () => {
    const exit = { text: 'worker rpa ended (exited with code 1)', kind: 'exit', target: 'rpa' } as const;
    const worker = { kind: 'worker_down' as const, metric: 'target_up:rpa', target: 'rpa' };

    expect(
      likelyCauses(input({ ...worker, ownWord: 'exited with code 1', notes: [{ ...exit, at: START }] })),
    ).toHaveLength(1);
  });

  it('takes a limit that is crossed every day, or less than usual, for no cause, and several readings of one thing for one', () => {
    const range = { ...noBand, low: 3, high: 16 };
    const at = (metric: string, value: number) => ({ metric, since: earlier(1), value, band: range });

    expect(likelyCauses(input({ companions: [at('load_per_core', 11)] }))).toEqual([]);
    expect(likelyCauses(input({ companions: [at('load_per_core', 1)] }))).toEqual([]);
    expect(likelyCauses(input({ companions: [at('net_rx', -9_000)] }))).toHaveLength(1);
    expect(
      likelyCauses(input({ companions: [at('load_per_core', 40), at('cpu', 30), at('pressure_cpu', 20)] })),
    ).toHaveLength(1);
  });

  it('counts the processes of one program together, and leaves a small part of a busy host unnamed', () => {
    const one = (pid: number, name: string, cpu: number) => ({ pid, name, cpu, memoryBytes: 1_000 });
    const hog = [one(7, 'stress-ng-cpu', 0.97), one(8, 'stress-ng-cpu', 0.95), one(9, 'node shop.mjs', 0.1)];
    const crowd = ['a', 'b', 'c', 'd', 'e', 'f'].map((name, pid) => one(pid + 1, name, 0.6));
    const said = (processes: readonly TopProcess[]): readonly string[] =>
      likelyCauses(input({ kind: 'high_cpu', metric: 'cpu', processes })).map(({ text }) => text);

    expect(said(hog)).toEqual(['stress-ng-cpu (pid 7 and 1 more) use 1.9 cores']);
    expect(said(crowd)).toEqual([]);
  });

  it('does not name what came after', () => {
    const later = { metric: 'cpu', since: earlier(-5), value: 1, band: noBand };

    expect(likelyCauses(input({ companions: [later] }))).toEqual([]);
  });

  it('names the process that uses what is short', () => {
    const processes = [
      { pid: 7, name: 'cc1plus', cpu: 0.98, memoryBytes: 400_000_000 },
      { pid: 9, name: 'postgres', cpu: 0.1, memoryBytes: 9_000_000_000 },
    ];

    expect(likelyCauses(input({ kind: 'high_cpu', metric: 'cpu', processes }))[0]?.text).toBe(
      'cc1plus (pid 7) uses 98 % of a core',
    );
    expect(likelyCauses(input({ kind: 'high_memory', metric: 'memory', processes }))[0]?.text).toBe(
      'postgres (pid 9) uses 9 GB of memory',
    );
    expect(likelyCauses(input({ processes }))).toEqual([]);
  });

  it('puts a deploy before the exits that followed it, and counts those', () => {
    const exit = { text: 'worker rpa ended (exited with code 1)', kind: 'exit', target: 'rpa' } as const;
    const causes = likelyCauses(
      input({
        kind: 'worker_down',
        metric: 'target_up:rpa',
        target: 'rpa',
        notes: [
          { text: 'deploy of rpa 2.0', at: earlier(2), kind: 'deploy', target: 'rpa' },
          { ...exit, at: earlier(1) },
          { ...exit, at: earlier(0.5) },
          { ...exit, at: START },
        ],
      }),
    );

    expect(causes.map((cause) => cause.text)).toEqual([
      'deploy of rpa 2.0, 2 min before',
      'worker rpa ended (exited with code 1), 3 times, the last at the same time',
    ]);
  });

  it('names what the target needs before anything that merely moved with it', () => {
    const moved = { before: 20, now: 900, by: 40, together: 0.9, lead: seconds(0) };
    const causes = likelyCauses(
      input({
        needs: ['db'],
        moved: [
          { ...moved, metric: 'net_rx', before: 1_000, now: 90_000 },
          { ...moved, metric: 'latency:db', lead: seconds(20) },
          { ...moved, metric: 'disk_io', lead: seconds(-300) },
        ],
      }),
    );

    expect(causes.map((cause) => cause.text)).toEqual([
      'Latency of db rose from 20 ms to 900 ms 20 s before, and api needs db',
      'Network traffic in rose from 1 kB/s to 90 kB/s at the same time',
    ]);
  });

  it('names the process behind a slow service where the processor became short with it', () => {
    const causes = likelyCauses(
      input({
        moved: [{ metric: 'cpu', before: 0.1, now: 0.98, by: 30, together: 0.95, lead: seconds(5) }],
        processes: [{ pid: 7, name: 'stress-ng-cpu', cpu: 0.99, memoryBytes: 1 }],
      }),
    );

    expect(causes[0]?.text).toBe('stress-ng-cpu (pid 7) uses 99 % of a core');
  });

  it('names who writes when a disk fills', () => {
    const causes = likelyCauses(
      input({
        kind: 'disk_filling',
        metric: 'disk:/var',
        target: null,
        processes: [
          { pid: 3, name: 'node', cpu: 0.9, memoryBytes: 1, writeBytesPerSecond: 2_000 },
          { pid: 5, name: 'node filler.mjs', cpu: 0.1, memoryBytes: 1, writeBytesPerSecond: 4_000_000 },
          { pid: 4, name: 'dd', cpu: 0.2, memoryBytes: 1, writeBytesPerSecond: 40_000_000 },
        ],
      }),
    );

    expect(causes.map((cause) => cause.text)).toEqual([
      'dd (pid 4) writes up to 40 MB/s',
      'node filler.mjs (pid 5) writes up to 4 MB/s',
    ]);
  });
});
