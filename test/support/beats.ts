/** Beats and claims for the tests of the monitor: a test says only what matters to it. */
import type { Beat } from '../../src/domain/metric.ts';
import { epochMs, ms } from '../../src/domain/units.ts';
import type { Claim } from '../../src/monitor/claim.ts';
import { START } from './builders.ts';

export const BEAT_SPAN = 5_000;

/** The beat number `index` after `START`, 5 s apart, with these values. */
export function beat(index: number, values: Readonly<Record<string, number | null>>): Beat {
  const at = epochMs(START + index * BEAT_SPAN);
  const samples = Object.entries(values).map(([metric, value]) => ({ metric, at, value }));
  return { at, monotonic: ms(1_000_000 + index * BEAT_SPAN), samples };
}

export function claim(over: Partial<Claim> = {}): Claim {
  return {
    key: 'limit:cpu:warning',
    metric: 'cpu',
    kind: 'high_cpu',
    target: null,
    witness: 'limit',
    severity: 'warning',
    hold: ms(0),
    verdict: 'bad',
    value: 0.97,
    score: 0.6,
    confirm: { badOf: 1, outOf: 1, clearAfterGood: 1, sayFirst: false },
    text: null,
    ...over,
  };
}
