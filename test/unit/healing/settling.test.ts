import { describe, expect, it } from 'vitest';
import type { Anomaly } from '../../../src/domain/anomaly.ts';
import type { JudgedSample } from '../../../src/domain/metric.ts';
import { type EpochMs, incidentId, after as later, seconds } from '../../../src/domain/units.ts';
import { createGraph } from '../../../src/healing/dependencies.ts';
import { type IncidentRecord, newRecord, resolved } from '../../../src/healing/incident-record.ts';
import { SETTLING, settlingRootOf } from '../../../src/healing/settling.ts';
import { anomaly, START } from '../../support/builders.ts';
import { samples } from '../../support/healing-builders.ts';

const graph = createGraph([
  { name: 'db', dependsOn: [] },
  { name: 'shop', dependsOn: ['db'] },
  { name: 'pages', dependsOn: ['shop'] },
  { name: 'mail', dependsOn: [] },
]);

function pastTrouble(target: string, how: 'healed' | 'recovered' | 'by_hand' | 'joined'): IncidentRecord {
  const found = anomaly({ target, fingerprint: `web-1/${target}/service_down` });
  const record = newRecord(incidentId('inc-1'), found, START, { title: `${target} is down`, target });
  return resolved({ ...record, active: [] }, how, 'so it was', START);
}

function failingRequests(over: Partial<Anomaly> = {}): Anomaly {
  return anomaly({ target: 'pages', kind: 'low_success_rate', witnesses: ['limit'], ...over });
}

/** @param letters what the samples since the dependency recovered are: g, b or u, five seconds apart. */
function rootAt(
  letters: string,
  options: {
    readonly found?: Anomaly;
    readonly past?: readonly IncidentRecord[];
    readonly now?: EpochMs;
  } = {},
): string | null {
  const fresh: readonly JudgedSample[] = samples(letters);
  return settlingRootOf(options.found ?? failingRequests(), options.past ?? [pastTrouble('db', 'healed')], {
    now: options.now ?? later(START, seconds(30)),
    graph,
    judgedSince: (_, since) => fresh.filter(({ at }) => at > since),
  });
}

describe('settlingRootOf', () => {
  it('names the dependency that has just recovered, near or far, until there is fresh evidence', () => {
    expect(rootAt('')).toBe('db');
    expect(rootAt('uu')).toBe('db');
    expect(rootAt('b')).toBe('db');
    expect(rootAt('bgg')).toBe('db');
  });

  it('lets what is bad in fresh samples stand for itself', () => {
    expect(rootAt('bb')).toBeNull();
    expect(rootAt('gbb')).toBeNull();
  });

  it('explains nothing that needs another dependency, or none', () => {
    expect(rootAt('', { past: [pastTrouble('mail', 'healed')] })).toBeNull();
    expect(rootAt('', { found: failingRequests({ target: 'db' }) })).toBeNull();
    expect(rootAt('', { found: failingRequests({ target: null }) })).toBeNull();
  });

  it('takes a recovery for one only where samples showed it', () => {
    expect(rootAt('', { past: [pastTrouble('db', 'recovered')] })).toBe('db');
    expect(rootAt('', { past: [pastTrouble('db', 'by_hand')] })).toBeNull();
    expect(rootAt('', { past: [pastTrouble('shop', 'joined')] })).toBeNull();
  });

  it('ends after two minutes, whatever is known', () => {
    expect(rootAt('', { now: later(START, SETTLING) })).toBe('db');
    expect(rootAt('', { now: later(START, seconds(121)) })).toBeNull();
  });

  it('does not explain a process that ended after the dependency had recovered', () => {
    const witnesses = ['supervisor'] as const;
    expect(rootAt('', { found: failingRequests({ witnesses, since: later(START, seconds(5)) }) })).toBeNull();
    expect(rootAt('', { found: failingRequests({ witnesses, since: START }) })).toBe('db');
  });
});
