import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../src/domain/metric.ts';
import { after, ms, seconds } from '../../../src/domain/units.ts';
import {
  describeFinding,
  type EvidenceSource,
  type Finding,
  thinned,
} from '../../../src/monitor/evidence.ts';
import { claim } from '../../support/beats.ts';
import { START } from '../../support/builders.ts';

function series(values: readonly (number | null)[]): readonly Sample[] {
  return values.map((value, index) => ({ metric: 'cpu', at: after(START, seconds(index * 5)), value }));
}

describe('thinned', () => {
  it('keeps at most so many, in order, and never loses the highest', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.double({ noNaN: true }), { nil: null }), { maxLength: 900 }),
        (values) => {
          const samples = series(values);
          const kept = thinned(samples, 240);
          expect(kept.length).toBeLessThanOrEqual(240);
          expect([...kept].sort((a, b) => a.at - b.at)).toEqual(kept);
          const highest = (list: readonly Sample[]) =>
            Math.max(...list.map((one) => one.value ?? Number.NEGATIVE_INFINITY));
          expect(highest(kept)).toBe(highest(samples));
        },
      ),
    );
  });
});

describe('describeFinding', () => {
  const finding: Finding = {
    host: 'web-1',
    fingerprint: 'web-1/-/high_cpu',
    kind: 'high_cpu',
    target: null,
    severity: 'warning',
    witnesses: ['limit', 'baseline'],
    confirmed: true,
    claim: claim(),
    since: START,
    detectedAt: after(START, seconds(40)),
    lasted: ms(40_000),
    companions: [],
  };
  const source: EvidenceSource = {
    band: () => ({ centre: 0.1, low: 0.02, high: 0.3, warn: 0.9, critical: 0.98 }),
    metrics: () => [],
    needs: () => [],
    targetOf: () => null,
    chart: () => series(Array.from({ length: 720 }, () => 0.5)),
    course: () => [],
    topProcesses: () => [{ pid: 7, name: 'cc1plus', cpu: 0.98, memoryBytes: 1 }],
    notes: () => [{ text: 'deploy api 1.4.2', at: START, kind: 'deploy' }],
    reason: () => '',
  };

  it('brings everything a person needs: the sentence, the band, the chart, who uses it, what came before', () => {
    const anomaly = describeFinding(finding, source, START);

    expect(anomaly.summary).toBe('Processor use is 97 %; normal is 2 to 30 %, the limit is 90 %.');
    expect(anomaly.evidence).toMatchObject({ metric: 'cpu', value: 0.97, lasted: 40_000, score: 0.6 });
    expect(anomaly.evidence.chart).toHaveLength(240);
    expect(anomaly.evidence.causes.map((cause) => cause.text)).toEqual([
      'deploy api 1.4.2, at the same time',
      'cc1plus (pid 7) uses 98 % of a core',
    ]);
  });

  it('lets a detector speak for itself', () => {
    const spoken = { ...finding, claim: claim({ text: 'Five metrics moved together.' }) };

    expect(describeFinding(spoken, source, START).summary).toBe('Five metrics moved together.');
  });
});
