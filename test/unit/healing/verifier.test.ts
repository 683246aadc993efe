import { describe, expect, it } from 'vitest';
import { after as later, seconds } from '../../../src/domain/units.ts';
import { judgeRecovery, type VerifierInput } from '../../../src/healing/verifier.ts';
import { START } from '../../support/builders.ts';
import { samples } from '../../support/healing-builders.ts';

const verdict = (letters: string, over: Partial<VerifierInput> = {}): string =>
  judgeRecovery({
    samples: samples(letters),
    actionEndedAt: START,
    isOverdue: false,
    severityBefore: 'warning',
    severityNow: 'warning',
    newlyCritical: [],
    ...over,
  }).verification;

describe('judgeRecovery', () => {
  it('wants two good ones among the last three fresh samples', () => {
    expect(verdict('gg')).toBe('helped');
    expect(verdict('gbg')).toBe('helped');
    expect(verdict('bbbgg')).toBe('helped');
    expect(verdict('g')).toBe('waiting');
    expect(verdict('ggbb')).toBe('waiting');
    expect(verdict('')).toBe('waiting');
  });

  it('does not count what was sampled before the action had ended', () => {
    expect(verdict('ggg', { actionEndedAt: later(START, seconds(10)) })).toBe('waiting');
    expect(verdict('gggg', { actionEndedAt: later(START, seconds(10)) })).toBe('helped');
  });

  it('takes a missing value for neither good nor bad', () => {
    expect(verdict('guu')).toBe('waiting');
    expect(verdict('uuu', { isOverdue: true })).toBe('unknown');
    expect(verdict('', { isOverdue: true })).toBe('unknown');
    expect(verdict('guu', { isOverdue: true })).toBe('unknown');
    expect(verdict('buu', { isOverdue: true })).toBe('no_effect');
  });

  it('says no effect when the time is over and the last samples are bad', () => {
    expect(verdict('bbb', { isOverdue: true })).toBe('no_effect');
    expect(verdict('gbb', { isOverdue: true })).toBe('no_effect');
    expect(verdict('gg', { isOverdue: true })).toBe('helped');
  });

  it('says at once that what depends on it broke, whatever the metric shows', () => {
    expect(verdict('gg', { newlyCritical: ['web'] })).toBe('worse');
  });

  it('calls a severity that rose worse only when fresh samples are bad too', () => {
    expect(verdict('', { severityNow: 'critical' })).toBe('waiting');
    expect(verdict('b', { severityNow: 'critical' })).toBe('waiting');
    expect(verdict('bb', { severityNow: 'critical' })).toBe('worse');
    expect(verdict('bgg', { severityNow: 'critical' })).toBe('helped');
    expect(verdict('gg', { severityBefore: 'critical', severityNow: 'warning' })).toBe('helped');
  });
});
