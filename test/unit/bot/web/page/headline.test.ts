import { describe, expect, it } from 'vitest';
import { headline, nightWords, type Situation } from '../../../../../src/bot/web/page/headline.ts';

const QUIET: Situation = {
  pendingApprovals: 0,
  liveWords: [],
  healedTonight: 0,
  complaints: 0,
  isFrozen: false,
  knownMetrics: 12,
};

describe('headline', () => {
  it.each<[Partial<Situation>, string]>([
    [{}, 'All is well.'],
    [{ healedTonight: 3 }, 'All is well; 3 healed tonight.'],
    [{ isFrozen: true }, 'All is well, and healing is frozen.'],
    [{ pendingApprovals: 1, liveWords: ['Waiting'] }, 'One decision waits for you.'],
    [{ pendingApprovals: 2, liveWords: ['Waiting', 'Waiting'] }, 'Two decisions wait for you.'],
    [{ liveWords: ['Paged', 'Healing'] }, 'One incident needs you.'],
    [{ liveWords: ['Held', 'Healing'] }, 'One incident is held back.'],
    [{ liveWords: ['Healing', 'Open'] }, 'Two incidents are being looked after.'],
    [{ complaints: 1 }, 'Nightshift itself is not well.'],
  ])('answers %j', (over, first) => {
    expect(headline({ ...QUIET, ...over })).toBe(first);
  });

  it('never says that all is well while nothing is known', () => {
    expect(headline({ ...QUIET, knownMetrics: 0, healedTonight: 3 })).toBe('Nothing is known yet.');
  });

  it('puts a decision before everything else: it is the one that runs out', () => {
    const all = { ...QUIET, pendingApprovals: 1, complaints: 2, knownMetrics: 0, liveWords: ['Paged'] };

    expect(headline(all)).toBe('One decision waits for you.');
  });
});

describe('nightWords', () => {
  it('counts what the night came to', () => {
    expect(nightWords({ found: 4, healed: 3, paged: 0 })).toBe(
      'Tonight: 4 found, 3 healed without you, 0 pages.',
    );
    expect(nightWords({ found: 1, healed: 0, paged: 1 })).toContain('1 page.');
  });
});
