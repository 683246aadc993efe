import { describe, expect, it } from 'vitest';
import { epochMs, minutes, ms } from '../../../src/domain/units.ts';
import type { Claim } from '../../../src/monitor/claim.ts';
import {
  downSubjects,
  type GroupingRules,
  groupRaised,
  type Raised,
  severityNow,
} from '../../../src/monitor/grouping.ts';
import { claim } from '../../support/beats.ts';
import { START } from '../../support/builders.ts';

function raised(over: Partial<Claim> = {}, rest: Partial<Raised> = {}): Raised {
  return {
    claim: claim(over),
    since: { at: START, monotonic: ms(0) },
    confirmed: true,
    lasted: ms(60_000),
    ...rest,
  };
}

const rules = (over: Partial<GroupingRules> = {}): GroupingRules => ({
  ceilings: {},
  isTold: () => false,
  shadowed: new Set(),
  ...over,
});

describe('groupRaised', () => {
  it('makes one anomaly of what has the same target and kind, as severe as its worst claim', () => {
    const groups = groupRaised(
      [
        raised({ key: 'a', metric: 'disk:/', kind: 'disk_filling' }),
        raised({ key: 'b', metric: 'disk:/var', kind: 'disk_filling', severity: 'critical' }),
        raised({ key: 'c', metric: 'memory', kind: 'high_memory' }),
      ],
      rules(),
    );

    expect(groups.map((group) => [group.kind, group.severity, group.claim.metric])).toEqual([
      ['disk_filling', 'critical', 'disk:/var'],
      ['high_memory', 'warning', 'memory'],
    ]);
  });

  it('is as old as its oldest claim', () => {
    const groups = groupRaised(
      [
        raised({ key: 'a' }, { since: { at: epochMs(START + 9), monotonic: ms(9) } }),
        raised({ key: 'b', severity: 'critical' }, { since: { at: START, monotonic: ms(0) } }),
      ],
      rules(),
    );

    expect(groups[0]?.since.at).toBe(START);
  });

  it('puts the baseline beside the limit of the same metric as a second witness', () => {
    const baseline = { witness: 'baseline', kind: 'out_of_band', severity: 'info' } as const;

    const groups = groupRaised(
      [
        raised({ key: 'a' }),
        raised({ key: 'b', ...baseline }),
        raised({ key: 'c', metric: 'net_rx', ...baseline }),
      ],
      rules(),
    );

    expect(groups.map((group) => [group.kind, group.witnesses])).toEqual([
      ['high_cpu', ['limit', 'baseline']],
      ['out_of_band', ['baseline']],
    ]);
  });

  it('does not say that a dead target is also slow, unless it was said before', () => {
    const both = [
      raised({ key: 'a', kind: 'worker_down', target: 'rpa', severity: 'critical' }),
      raised({ key: 'b', kind: 'high_latency', target: 'rpa' }),
      raised({ key: 'c', kind: 'high_latency', target: 'web' }),
    ];

    const shadowed = new Set(downSubjects(both));

    expect(groupRaised(both, rules({ shadowed })).map((group) => group.target)).toEqual(['rpa', 'web']);
    expect(groupRaised(both, rules({ shadowed, isTold: (_, kind) => kind === 'high_latency' }))).toHaveLength(
      3,
    );
  });

  it('takes a probe that belongs to no target for itself', () => {
    const all = [
      raised({ key: 'a', metric: 'probe_up:home', kind: 'service_down' }),
      raised({ key: 'b', metric: 'success_rate:home', kind: 'low_success_rate' }),
      raised({ key: 'c', metric: 'success_rate:shop', kind: 'low_success_rate' }),
      raised({ key: 'd', metric: 'cpu' }),
    ];

    const groups = groupRaised(all, rules({ shadowed: new Set(downSubjects(all)) }));

    expect(groups.map((group) => group.claim.metric)).toEqual(['probe_up:home', 'success_rate:shop', 'cpu']);
  });

  it('keeps to the ceiling of the kind', () => {
    const [group] = groupRaised(
      [raised({ severity: 'critical' })],
      rules({ ceilings: { high_cpu: 'warning' } }),
    );

    expect(group?.severity).toBe('warning');
  });
});

describe('severityNow', () => {
  it('is a warning while only suspected, and info until it has lasted its hold', () => {
    const severe = { severity: 'critical', hold: minutes(15) } as const;

    expect(severityNow(raised(severe, { confirmed: false }))).toBe('warning');
    expect(severityNow(raised(severe, { lasted: minutes(14) }))).toBe('info');
    expect(severityNow(raised(severe, { lasted: minutes(15) }))).toBe('critical');
  });
});
