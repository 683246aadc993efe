import { describe, expect, it } from 'vitest';
import { actionDone, actionPhrase, attemptSentence, sentenceEnd } from '../../../src/bot/action-words.ts';
import { ACTION_KINDS, type Attempt } from '../../../src/domain/strategy.ts';
import { attempt } from '../../support/night-builders.ts';

describe('attemptSentence', () => {
  it.each<[Partial<Attempt>, string]>([
    [{ outcome: null }, 'Enable the cache of billing-api: under way.'],
    [{ verification: 'helped' }, 'Enabled the cache of billing-api: helped.'],
    [{ verification: 'no_effect' }, 'Enabled the cache of billing-api: no effect.'],
    [{ verification: 'worse' }, 'Enabled the cache of billing-api: it got worse.'],
    [{ verification: 'unknown' }, 'Enabled the cache of billing-api: unknown whether it helped.'],
    [{ verification: null }, 'Enabled the cache of billing-api: being checked.'],
    [{ outcome: { kind: 'dry-run' } }, 'Enable the cache of billing-api: dry run, nothing was done.'],
    [
      { outcome: { kind: 'failed', reason: 'exit code 1' } },
      'Enable the cache of billing-api: failed, exit code 1.',
    ],
    [
      { outcome: { kind: 'unknown', reason: 'the bot was restarted' } },
      'Enable the cache of billing-api: nobody knows whether it ran, the bot was restarted.',
    ],
  ])('says %j as: %s', (over, sentence) => {
    expect(attemptSentence(attempt(over))).toBe(sentence);
  });
});

describe('actionPhrase', () => {
  it('has words for every kind of action, on a target and on the host', () => {
    for (const kind of ACTION_KINDS) {
      expect(actionPhrase(kind, 'x')).toContain(' x');
      expect(actionDone(kind, null)).toContain('this host');
    }
  });
});

describe('sentenceEnd', () => {
  it('ends with exactly one mark', () => {
    expect([sentenceEnd('a'), sentenceEnd('a.'), sentenceEnd(' a? ')]).toEqual(['a.', 'a.', 'a?']);
  });
});
