import { describe, expect, it } from 'vitest';
import { after, type EpochMs, ms, seconds } from '../../../src/domain/units.ts';
import { createLiveSamples, type LiveSamples } from '../../../src/monitor/live-samples.ts';
import { START } from '../../support/builders.ts';

const at = (index: number): EpochMs => after(START, seconds(index * 5));

function add(samples: LiveSamples, index: number, value: number | null): void {
  const judged = { metric: 'cpu', at: at(index), value, verdict: 'good' } as const;
  samples.add({ judged, validUntil: ms(index * 5_000 + 15_000) });
}

describe('createLiveSamples', () => {
  it('knows the newest sample, and calls it unknown once it does not stand for now', () => {
    const samples = createLiveSamples();
    add(samples, 0, 0.25);
    add(samples, 1, 0.5);

    expect(samples.latest('cpu', ms(20_000))?.value).toBe(0.5);
    expect(samples.latest('cpu', ms(20_001))).toMatchObject({ value: null, verdict: 'unknown' });
    expect(samples.latest('memory', ms(0))).toBeUndefined();
    expect([...samples.known(ms(60_000))]).toEqual([['cpu', null]]);
  });

  it('gives what is strictly newer, for a quarter of an hour at most', () => {
    const samples = createLiveSamples();
    for (let index = 0; index < 400; index += 1) add(samples, index, index);

    expect(samples.since('cpu', at(397)).map((sample) => sample.value)).toEqual([398, 399]);
    expect(samples.since('cpu', START)).toHaveLength(181);
  });

  it('forgets metrics that are gone', () => {
    const samples = createLiveSamples();
    add(samples, 0, 1);

    samples.forget(at(180));
    expect(samples.metrics()).toEqual(['cpu']);
    samples.forget(at(181));
    expect(samples.metrics()).toEqual([]);
  });
});
