import { describe, expect, it } from 'vitest';
import { ANOMALY_KINDS } from '../../../src/domain/anomaly.ts';
import { titleOf } from '../../../src/healing/titles.ts';
import { anomaly } from '../../support/builders.ts';

const { evidence } = anomaly();

describe('titleOf', () => {
  it.each(ANOMALY_KINDS)('says %s in a few plain words', (kind) => {
    expect(titleOf(anomaly({ kind }))).toMatch(/^[A-Za-z][\w :/-]{5,60}$/);
  });

  it('names the target, else the host, and the disk', () => {
    expect(titleOf(anomaly({ kind: 'high_latency', target: 'billing-api' }))).toBe('billing-api is slow');
    const disk = { target: null, kind: 'disk_filling' as const };
    expect(titleOf(anomaly({ ...disk, evidence: { ...evidence, metric: 'disk:/var' } }))).toBe(
      'Disk /var of web-1 is filling',
    );
    const unusual = (metric: string): string =>
      titleOf(anomaly({ target: null, kind: 'out_of_band', evidence: { ...evidence, metric } }));
    expect(unusual('disk_io')).toBe('Disk traffic of web-1 is unusual');
    expect(unusual('orders')).toBe('orders of web-1 is unusual');
    expect(titleOf(anomaly({ ...disk, evidence: { ...evidence, metric: 'disk' } }))).toBe(
      'Disk of web-1 is filling',
    );
  });
});
