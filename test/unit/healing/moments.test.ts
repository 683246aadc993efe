import { describe, expect, it } from 'vitest';
import { fromDisk, toDisk } from '../../../src/healing/moments.ts';
import { anomaly, incident, START } from '../../support/builders.ts';

describe('toDisk', () => {
  it('writes every moment as ISO text and leaves other numbers alone', () => {
    const disk = toDisk({
      at: START,
      until: null,
      openedAt: START,
      lasted: 5,
      list: [{ since: START }],
      format: 3,
    });
    expect(disk).toEqual({
      at: '2026-11-22T02:00:00.000Z',
      until: null,
      openedAt: '2026-11-22T02:00:00.000Z',
      lasted: 5,
      list: [{ since: '2026-11-22T02:00:00.000Z' }],
      format: 3,
    });
    expect(JSON.stringify(toDisk(incident({ anomalies: [anomaly()] })))).not.toContain(String(START));
  });
});

describe('fromDisk', () => {
  it('is the inverse, and leaves what is no moment for the schema to judge', () => {
    const whole = incident({ anomalies: [anomaly()], ack: { by: 'ada', at: START } });
    expect(fromDisk(toDisk(whole))).toEqual(whole);
    expect(fromDisk({ at: 'yesterday', until: '2026-99-99T00:00:00.000Z' })).toEqual({
      at: 'yesterday',
      until: '2026-99-99T00:00:00.000Z',
    });
  });
});
