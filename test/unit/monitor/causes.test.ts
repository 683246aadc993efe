import { describe, expect, it } from 'vitest';
import { type EpochMs, epochMs } from '../../../src/domain/units.ts';
import { type CauseInput, likelyCauses } from '../../../src/monitor/causes.ts';
import { START } from '../../support/builders.ts';

const earlier = (minutes: number): EpochMs => epochMs(START - minutes * 60_000);
const noBand = { centre: null, low: null, high: null, warn: null, critical: null };

function input(over: Partial<CauseInput>): CauseInput {
  return {
    kind: 'high_latency',
    metric: 'latency:api',
    since: START,
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

    expect(causes.map((cause) => cause.text)).toEqual(['configuration reloaded', 'deploy api 1.4.2']);
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
      'Disk traffic left its range 2 min before (250 MB/s, normal is 0 bytes/s to 9 MB/s).',
    );
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
      'cc1plus (pid 7) uses 98 % of a core.',
    );
    expect(likelyCauses(input({ kind: 'high_memory', metric: 'memory', processes }))[0]?.text).toBe(
      'postgres (pid 9) uses 9 GB of memory.',
    );
    expect(likelyCauses(input({ processes }))).toEqual([]);
  });
});
