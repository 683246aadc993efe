import { describe, expect, it } from 'vitest';
import { standingSentence } from '../../../src/bot/standing-words.ts';
import type { StandingChange } from '../../../src/domain/controls.ts';
import { after, minutes, toIso } from '../../../src/domain/units.ts';
import { START } from '../../support/builders.ts';

const change: StandingChange = {
  incidentId: 'inc-7f3a',
  kind: 'llm_fallback',
  target: 'billing-api',
  effect: 'POST http://127.0.0.1/fallback',
  undo: 'DELETE http://127.0.0.1/fallback',
  since: START,
  until: null,
  goesBackAfter: minutes(15),
};
const said = (over: Partial<StandingChange>): string =>
  standingSentence({ ...change, ...over }, (moment) => toIso(moment).slice(11, 16));

describe('standingSentence', () => {
  it('says what is not as configured, since when, for which incident, and when it goes back', () => {
    expect(said({})).toBe(
      'Not as usual: Switched billing-api to its fallback at 02:00 (inc-7f3a); goes back when all was well for 15 min.',
    );
    expect(said({ kind: 'rate_limit', goesBackAfter: null, until: after(START, minutes(15)) })).toContain(
      'Limited the requests to billing-api at 02:00 (inc-7f3a); ends at 02:15.',
    );
  });

  it('names the command for what nobody takes back by itself', () => {
    expect(said({ goesBackAfter: null })).toContain(
      'stays until a person takes it back: heal undo inc-7f3a.',
    );
  });
});
