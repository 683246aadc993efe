import { describe, expect, it } from 'vitest';
import {
  attemptWord,
  countWords,
  surfaceWord,
  toneOf,
  workerWord,
} from '../../../../../src/bot/web/page/words.ts';
import { stateWord } from '../../../../../src/domain/incident.ts';
import { epochMs } from '../../../../../src/domain/units.ts';

describe('toneOf', () => {
  it('has a colour for every word of a state', () => {
    const states = [
      { kind: 'open' },
      { kind: 'held', gate: 'mode', reason: '', retryAt: null },
      { kind: 'escalated', at: epochMs(0), reason: '' },
      { kind: 'resolved', at: epochMs(0), how: 'healed', reason: '' },
    ] as const;

    expect(states.map((state) => toneOf(stateWord(state)))).toEqual(['info', 'warn', 'crit', 'ok']);
    expect(toneOf('Unknown')).toBe('none');
  });
});

describe('attemptWord', () => {
  it.each([
    [null, null, 'Under way'],
    ['succeeded', null, 'Checking'],
    ['succeeded', 'helped', 'Helped'],
    ['succeeded', 'no_effect', 'No effect'],
    ['succeeded', 'worse', 'Worse'],
    ['succeeded', 'unknown', 'Unknown'],
    ['unknown', null, 'Unknown'],
    ['failed', null, 'Failed'],
    ['dry-run', null, 'Dry run'],
  ])('calls %s and %s %s', (outcome, verification, word) => {
    expect(attemptWord({ outcome, verification }).word).toBe(word);
  });
});

describe('workerWord', () => {
  it('never shows what it does not know as running', () => {
    expect(workerWord('running')).toEqual({ word: 'Running', tone: 'ok' });
    expect(workerWord('something new')).toEqual({ word: 'Unknown', tone: 'none' });
    expect(surfaceWord('something new')).toEqual({ word: 'Unknown', tone: 'none' });
  });
});

describe('countWords', () => {
  it('writes small numbers as words', () => {
    expect([countWords(1, 'worker'), countWords(2, 'worker'), countWords(12, 'worker')]).toEqual([
      'One worker',
      'Two workers',
      '12 workers',
    ]);
  });
});
