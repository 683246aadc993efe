import { describe, expect, it } from 'vitest';
import type { Card } from '../../../src/bot/card.ts';
import { cardText } from '../../../src/bot/card-text.ts';
import { incidentCard } from '../../../src/bot/messages.ts';
import type { Approval } from '../../../src/domain/approval.ts';
import type { Incident, IncidentState } from '../../../src/domain/incident.ts';
import { actionId, after, approvalId, minutes, seconds } from '../../../src/domain/units.ts';
import { actor } from '../../support/builders.ts';
import {
  APPROVAL_ID,
  approval,
  attempt,
  slowAnomaly,
  slowIncident,
  TROUBLE,
} from '../../support/night-builders.ts';

const context = { timezone: 'Europe/Berlin', consoleUrl: 'https://ops.example/' };

const card = (incident: Incident, asked: Approval | null = null): Card =>
  incidentCard(incident, asked, context);

const golden = (name: string): string => `../../golden/cards/${name}.txt`;

const shown = (made: Card): string => `${cardText(made)}\n\n${JSON.stringify(made, null, 2)}\n`;

const ADA = actor({ surface: 'slack', id: 'U1', display: 'ada', person: 'ada' });

const decided = approval({
  state: { kind: 'approved', at: after(TROUBLE, minutes(10)) },
  decisions: [{ verdict: 'approve', by: ADA, at: after(TROUBLE, minutes(10)), reason: '' }],
});

const states: readonly [string, IncidentState, Approval | null][] = [
  ['open', { kind: 'open' }, null],
  ['healing', { kind: 'healing', actionId: actionId('act-1') }, decided],
  ['waiting', { kind: 'awaiting_approval', approvalId: approvalId(APPROVAL_ID) }, approval()],
  [
    'held',
    {
      kind: 'held',
      gate: 'freeze',
      reason: 'Frozen by ada: moving the database',
      retryAt: after(TROUBLE, minutes(60)),
    },
    null,
  ],
  [
    'checking',
    { kind: 'verifying', actionId: actionId('act-1'), until: after(TROUBLE, minutes(12)) },
    decided,
  ],
  [
    'paged',
    { kind: 'escalated', at: after(TROUBLE, minutes(23)), reason: 'nobody answered by 03:29' },
    approval({ state: { kind: 'expired', at: after(TROUBLE, minutes(23)) } }),
  ],
  [
    'healed',
    {
      kind: 'resolved',
      at: after(TROUBLE, minutes(12)),
      how: 'healed',
      reason: 'Latency is 140 ms, 2 of 3 samples good',
    },
    decided,
  ],
  ['over', { kind: 'resolved', at: after(TROUBLE, minutes(4)), how: 'recovered', reason: '' }, null],
];

describe('incidentCard', () => {
  it.each(states)('reads as drawn when %s', async (name, state, asked) => {
    await expect(shown(card(slowIncident({ state }), asked))).toMatchFileSnapshot(golden(name));
  });

  it('asks for two different people in words', async () => {
    const asked = approval({
      approversNeeded: 2,
      requestedBy: ADA,
      decisions: [{ verdict: 'approve', by: ADA, at: TROUBLE, reason: '' }],
    });

    await expect(shown(card(slowIncident({ reopened: 2 }), asked))).toMatchFileSnapshot(golden('two-people'));
  });

  it('says when what was asked is no longer asked', () => {
    const gone = approval({ state: { kind: 'void', at: TROUBLE, reason: 'the target was changed' } });

    expect(card(slowIncident({ state: { kind: 'open' } }), gone).stamp?.text).toBe(
      'Restart billing-api: no longer asked, the target was changed.',
    );
  });

  it('says that an answer is being carried out when nothing waits any more', () => {
    expect(card(slowIncident(), decided).next).toBe('The answer is being carried out.');
  });

  it('shows an unknown value as unknown, never as a number', () => {
    const evidence = { ...slowAnomaly().evidence, value: null };

    const made = card(slowIncident({ anomalies: [slowAnomaly({ evidence })] }));

    expect(made.facts[0]?.value).toBe('unknown, normal 80–190 ms');
  });

  it('says the state in one word and takes the buttons away once it is over', () => {
    const over = card(
      slowIncident({ state: { kind: 'resolved', at: TROUBLE, how: 'by_hand', reason: 'rolled back' } }),
    );

    expect(over.word).toBe('Over');
    expect(over.buttons).toEqual([]);
    expect(over.page).toBe(false);
  });

  it('has at most four buttons, whose subjects are ids alone', () => {
    const made = card(slowIncident(), approval());

    expect(made.buttons.map(({ verb, subject }) => [verb, subject])).toEqual([
      ['approve', APPROVAL_ID],
      ['deny', APPROVAL_ID],
      ['ack', 'inc-7f3a'],
      ['more', 'inc-7f3a'],
    ]);
  });

  it('leaves Acknowledge out once somebody is on it', () => {
    const made = card(slowIncident({ ack: { by: 'ada', at: TROUBLE } }), approval());

    expect(made.buttons.map(({ verb }) => verb)).toEqual(['approve', 'deny', 'more']);
  });

  it('grows its version with every step of an approval and of the incident', () => {
    const yes = { verdict: 'approve', by: ADA, at: TROUBLE, reason: '' } as const;
    const versions = [
      card(slowIncident({ version: 5 }), null),
      card(slowIncident({ version: 6 }), approval()),
      card(slowIncident({ version: 6 }), approval({ approversNeeded: 2, decisions: [yes] })),
      card(slowIncident({ version: 6 }), decided),
      card(slowIncident({ version: 7 }), decided),
    ].map(({ version }) => version);

    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    expect(new Set(versions).size).toBe(versions.length);
  });

  it('stays small when the incident is not: texts are cut and say so, attempts are counted', () => {
    const huge = slowIncident({
      title: 'x'.repeat(5_000),
      anomalies: [
        slowAnomaly({ summary: 'y'.repeat(10_000) }),
        ...Array.from({ length: 59 }, () => slowAnomaly()),
      ],
      attempts: Array.from({ length: 60 }, () => attempt()),
    });

    const made = card(huge, approval());

    expect(JSON.stringify(made).length).toBeLessThan(5_000);
    expect(made.lead).toMatch(/\(cut…\)$/);
    expect(made.facts.find(({ label }) => label === 'Done')?.value).toContain('57 earlier.');
    expect(made.facts.find(({ label }) => label === 'Also')?.value).toContain('59 more signs');
  });

  it('is the same card whenever it is made: nothing in it depends on now', () => {
    expect(card(slowIncident(), approval())).toEqual(card(slowIncident(), approval()));
  });

  it('says how long it took to find it, on which host', () => {
    const since = card(slowIncident()).facts.find(({ label }) => label === 'Since')?.value;

    expect(since).toBe('03:06 CET, found after 22 s, on web-1');
    expect(slowIncident().openedAt - TROUBLE).toBe(seconds(22));
  });
});
