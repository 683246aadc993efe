import { describe, expect, it } from 'vitest';
import { PARAMETERS } from '../../../../src/monitor/detect/parameters.ts';
import { confirmed, type Testimony, weigh, witnessesOf } from '../../../../src/monitor/detect/severity.ts';

const { alarm } = PARAMETERS;

function testimony(over: Partial<Testimony> = {}): Testimony {
  return { host: 1.5, isTrusted: true, metric: false, forest: false, limit: null, ...over };
}

describe('weigh', () => {
  it('leaves one model alone at info, however loud', () => {
    expect(weigh(testimony({ host: 50 }), alarm)).toBe('info');
    expect(weigh(testimony({ host: null, metric: true, forest: true }), alarm)).toBe('info');
  });

  it('makes a warning of a sure host score and one more witness', () => {
    expect(weigh(testimony({ metric: true }), alarm)).toBe('warning');
    expect(weigh(testimony({ forest: true }), alarm)).toBe('warning');
    expect(weigh(testimony({ host: 1.05, forest: true }), alarm)).toBe('info');
  });

  it('makes it critical only when all three agree and the score is at twice its limit', () => {
    expect(weigh(testimony({ host: 2, metric: true, forest: true }), alarm)).toBe('critical');
    expect(weigh(testimony({ host: 1.9, metric: true, forest: true }), alarm)).toBe('warning');
  });

  it('stays at info while the model knows less than a week', () => {
    expect(weigh(testimony({ host: 9, isTrusted: false, metric: true, forest: true }), alarm)).toBe('info');
  });

  it('is never below a broken hard limit', () => {
    expect(weigh(testimony({ host: null, limit: 'critical' }), alarm)).toBe('critical');
    expect(witnessesOf(testimony({ host: null, limit: 'critical' }))).toEqual(['limit']);
  });
});

describe('confirmed', () => {
  it('needs two of the last three rows', () => {
    expect(confirmed(['critical'], alarm)).toBe('info');
    expect(confirmed(['warning', 'info', 'critical'], alarm)).toBe('warning');
    expect(confirmed(['critical', 'critical', 'info', 'info'], alarm)).toBe('info');
  });
});
