import { describe, expect, it } from 'vitest';
import { type AutonomyInput, judgeAutonomy } from '../../../src/healing/autonomy.ts';
import { strategy } from '../../support/healing-builders.ts';

const judged = (over: Partial<AutonomyInput>) =>
  judgeAutonomy({
    strategy: strategy({ autonomy: 'ask' }),
    target: 'api',
    locked: null,
    rules: [],
    earned: { enabled: false, afterSuccesses: 3 },
    successes: 9,
    ...over,
  });
const rule = (target: string | null, autonomy: 'suggest' | 'auto') => ({
  strategy: 'worker_down',
  target,
  autonomy,
});

describe('judgeAutonomy', () => {
  it('is what the strategy says, unless the file has a rule, the narrower one first', () => {
    expect(judged({})).toBe('ask');
    expect(judged({ rules: [rule(null, 'suggest')] })).toBe('suggest');
    expect(judged({ rules: [rule(null, 'suggest'), rule('api', 'auto')] })).toBe('auto');
    expect(judged({ rules: [rule('db', 'auto')] })).toBe('ask');
    expect(judged({ rules: [{ ...rule(null, 'auto'), strategy: 'other' }] })).toBe('ask');
  });

  it('is earned only where that is on, only from ask, and only after enough successes', () => {
    const earned = { enabled: true, afterSuccesses: 3 };
    expect(judged({ earned })).toBe('auto');
    expect(judged({ earned, successes: 2 })).toBe('ask');
    expect(judged({ earned, rules: [rule('api', 'suggest')] })).toBe('suggest');
  });

  it('is what an operator locked, whatever was earned', () => {
    expect(judged({ locked: 'suggest', earned: { enabled: true, afterSuccesses: 1 } })).toBe('suggest');
  });
});
