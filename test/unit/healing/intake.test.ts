import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Anomaly } from '../../../src/domain/anomaly.ts';
import { incidentId, after as later, minutes, seconds } from '../../../src/domain/units.ts';
import { absorb } from '../../../src/healing/absorb.ts';
import { createGraph, type Wellness } from '../../../src/healing/dependencies.ts';
import { type IncidentRecord, resolved } from '../../../src/healing/incident-record.ts';
import { type Arrival, type IntakeContext, takeIn } from '../../../src/healing/intake.ts';
import { anomaly, START } from '../../support/builders.ts';

const graph = createGraph([
  { name: 'db', dependsOn: [] },
  { name: 'api', dependsOn: ['db'] },
  { name: 'web', dependsOn: ['db'] },
  { name: 'mail', dependsOn: [] },
]);

function context(over: Partial<IntakeContext> = {}): IntakeContext {
  let next = 0;
  return {
    now: START,
    joinWithin: minutes(1),
    reopenWithin: minutes(30),
    graph,
    wellness: () => 'well',
    isSettling: () => false,
    commonCause: null,
    newId: () => {
      next += 1;
      return incidentId(`inc-${next}`);
    },
    ...over,
  };
}

function sick(target: string | null, over: Partial<Anomaly> = {}): Anomaly {
  const kind = over.kind ?? 'service_down';
  return anomaly({
    target,
    kind,
    fingerprint: `web-1/${target}/${kind}`,
    summary: `${target} ${kind}`,
    ...over,
  });
}

const detected = (found: Anomaly): Arrival => ({ kind: 'detected', anomaly: found });
const all = (
  arrivals: readonly Arrival[],
  over: Partial<IntakeContext> = {},
  from: readonly IncidentRecord[] = [],
) => {
  const fixed = context(over);
  return arrivals.reduce((records, arrival) => takeIn(records, arrival, fixed), from);
};

type Kind = 'detected' | 'updated' | 'cleared';

const arrivalOf = (kind: Kind, found: Anomaly): Arrival =>
  kind === 'cleared' ? { kind, fingerprint: found.fingerprint, text: 'ok' } : { kind, anomaly: found };

/** What must be active after an arrival; an update that changed nothing was no news. */
function follow(active: Set<string>, kind: Kind, fingerprint: string, isChanged: boolean): void {
  if (kind === 'cleared') active.delete(fingerprint);
  else if (kind === 'detected' || isChanged) active.add(fingerprint);
}

describe('takeIn', () => {
  it('opens one incident for an anomaly, with its evidence and likely causes', () => {
    const causes = [{ text: 'deploy a1b9f3', at: null }];
    const found = sick('api', { evidence: { ...sick('api').evidence, causes } });
    const [record] = all([detected(found), detected(found)]);
    expect(record?.incident).toMatchObject({
      title: 'api is down',
      state: { kind: 'open' },
      severity: 'critical',
    });
    expect(record?.incident.timeline.map(({ text }) => text)).toEqual([
      'api service_down',
      'Likely cause: deploy a1b9f3.',
    ]);
  });

  it('joins children to the incident of their parent, and a parent to that of its child', () => {
    const wellness = (name: string): Wellness => (name === 'db' ? 'sick' : 'well');
    expect(
      all([detected(sick('db')), detected(sick('api')), detected(sick('web'))], { wellness }),
    ).toHaveLength(1);
    const [late] = all([detected(sick('api')), detected(sick('db'))]);
    expect(late?.incident).toMatchObject({ target: 'db', title: 'db is down' });
    expect(late?.incident.anomalies).toHaveLength(2);
  });

  it('joins siblings within the minute or while what they share is not well, else not', () => {
    const [first] = all([detected(sick('api'))]);
    const at = (span: number, wellness: Wellness) =>
      all(
        [detected(sick('web'))],
        { now: later(START, seconds(span)), wellness: () => wellness },
        first ? [first] : [],
      );
    expect(at(50, 'well')).toHaveLength(1);
    expect(at(70, 'well')).toHaveLength(2);
    expect(at(70, 'unknown')).toHaveLength(1);
  });

  it('joins the same target within a minute only, and the whole host is a target of its own', () => {
    expect(all([detected(sick('mail')), detected(sick('mail', { kind: 'high_cpu' }))])).toHaveLength(1);
    expect(all([detected(sick(null)), detected(sick(null, { kind: 'high_cpu' }))])).toHaveLength(1);
    expect(all([detected(sick(null)), detected(sick('mail'))])).toHaveLength(2);
    const [first] = all([detected(sick('mail'))]);
    const late = { now: later(START, seconds(61)) };
    expect(all([detected(sick('mail', { kind: 'high_cpu' }))], late, first ? [first] : [])).toHaveLength(2);
  });

  it('is about the worst of what joined: that stands first, and its causes are told', () => {
    const causes = [{ text: 'node fill.mjs (pid 7) writes 4 MB/s', at: null }];
    const [record] = all([
      detected(sick(null, { kind: 'high_load', severity: 'info' })),
      detected(
        sick(null, {
          kind: 'disk_filling',
          severity: 'warning',
          evidence: { ...sick(null).evidence, causes },
        }),
      ),
      detected(sick(null, { kind: 'high_cpu', severity: 'info' })),
    ]);

    expect(record?.incident.anomalies.map(({ kind }) => kind)).toEqual([
      'disk_filling',
      'high_load',
      'high_cpu',
    ]);
    expect(record?.incident.kind).toBe('disk_filling');
    expect(record?.incident.timeline.map(({ text }) => text)).toContain(
      'Likely cause: node fill.mjs (pid 7) writes 4 MB/s.',
    );
  });

  it('is not led by what is only info, though the one that is down needs it', () => {
    const [record] = all([
      detected(sick('db', { kind: 'high_latency', severity: 'info' })),
      detected(sick('api', { severity: 'critical' })),
    ]);

    expect(record?.incident).toMatchObject({ target: 'api', kind: 'service_down' });
    expect(record?.incident.anomalies.map(({ target }) => target)).toEqual(['api', 'db']);
  });

  it('opens one incident for a common cause, whoever comes first', () => {
    const commonCause = { sick: ['api', 'db', 'mail'], total: 4 };
    const records = all(
      ['api', 'mail', 'db'].map((name) => detected(sick(name))),
      { commonCause },
    );
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      commonCause: true,
      incident: { target: null, title: '3 of 4 targets are sick' },
    });
    expect(all([detected(sick(null))], { commonCause })[0]?.commonCause).toBe(false);
  });

  it('opens it again within the time, not after it, and not when it was part of another', () => {
    const [open] = all([detected(sick('mail'))]);
    if (open === undefined) throw new Error('nothing opened');
    const over = (how: 'healed' | 'joined') => resolved({ ...open, active: [] }, how, 'x', START);
    const again = (how: 'healed' | 'joined', after: number) =>
      all([detected(sick('mail'))], { now: later(START, minutes(after)) }, [over(how)]);
    expect(again('healed', 30)[0]?.incident).toMatchObject({
      state: { kind: 'open' },
      reopened: 1,
      rung: 0,
      pagedAt: null,
    });
    expect(again('healed', 31)).toHaveLength(2);
    expect(again('joined', 5)).toHaveLength(2);
  });

  it('takes updates for news only when severity changes or half a minute has gone by', () => {
    const [open] = all([detected(sick('mail', { severity: 'warning' }))]);
    if (open === undefined) throw new Error('nothing opened');
    const update = (severity: 'warning' | 'critical', after: number) =>
      all([{ kind: 'updated', anomaly: sick('mail', { severity }) }], { now: later(START, seconds(after)) }, [
        open,
      ])[0];
    expect(update('warning', 10)).toBe(open);
    expect(update('warning', 30)).not.toBe(open);
    expect(update('critical', 10)?.incident).toMatchObject({ severity: 'critical' });
    expect(update('critical', 10)?.criticalSince).not.toBeNull();
    expect(all([{ kind: 'updated', anomaly: sick('mail') }])).toHaveLength(1);
  });

  it('lets updates of what is believed over pass, a new detection not', () => {
    const [open] = all([detected(sick('mail'))]);
    if (open === undefined) throw new Error('nothing opened');
    const healed = resolved({ ...open, active: [] }, 'healed', 'x', START);
    const inactive = { ...open, active: ['other'] };
    const update: Arrival = { kind: 'updated', anomaly: sick('mail') };
    expect(all([update], {}, [healed])).toEqual([healed]);
    expect(all([update], {}, [inactive])).toEqual([inactive]);
    const [back] = all([detected(sick('mail'))], {}, [inactive]);
    expect(back?.active).toEqual(['other', 'web-1/mail/service_down']);
    expect(back?.incident.timeline.at(-1)?.text).toMatch(/^Again/);
  });

  it('clears by fingerprint and leaves the state to the step', () => {
    const clear: Arrival = { kind: 'cleared', fingerprint: 'web-1/mail/service_down', text: 'back' };
    const [record] = all([detected(sick('mail')), clear]);
    expect(record).toMatchObject({ active: [], incident: { state: { kind: 'open' } } });
    expect(all([clear])).toEqual([]);
  });

  it('hands over what must go to a person, also what is known already', () => {
    const found = sick('mail', { kind: 'crash_loop' });
    const over: Arrival = { kind: 'handed_over', anomaly: found, reason: 'too many exits' };
    expect(all([over])[0]?.handOver).toBe('too many exits');
    expect(all([detected(found), over])[0]?.handOver).toBe('too many exits');
  });

  it('never loses an anomaly and never keeps one twice, whatever comes in which order', () => {
    const names = fc.constantFrom('db', 'api', 'web', 'mail', null);
    const kinds = fc.constantFrom('service_down' as const, 'high_cpu' as const);
    const arrival = fc.record({
      kind: fc.constantFrom('detected' as const, 'updated' as const, 'cleared' as const),
      target: names,
      what: kinds,
      gap: fc.integer({ min: 0, max: 100 }),
      state: fc.constantFrom<Wellness>('well', 'sick', 'unknown'),
    });
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 40 }), (arrivals) => {
        let records: readonly IncidentRecord[] = [];
        let now = START;
        const { newId } = context();
        const active = new Set<string>();
        for (const { kind, target, what, gap, state } of arrivals) {
          now = later(now, seconds(gap));
          const found = sick(target, { kind: what });
          const before = records;
          const ctx = context({ now, wellness: () => state, newId });
          records = takeIn(records, arrivalOf(kind, found), ctx);
          follow(active, kind, found.fingerprint, before !== records);
          expect(records.flatMap((record) => record.active).sort()).toEqual([...active].sort());
        }
      }),
    );
  });
});

describe('absorb', () => {
  it('moves what is active and ends the child in one change', () => {
    const [child] = all([detected(sick('mail'))]);
    const [root] = all([detected(sick('db', { severity: 'warning' }))], {
      newId: () => incidentId('inc-root'),
    });
    if (child === undefined || root === undefined) throw new Error('nothing opened');
    const after = absorb([child, root], child, root, { now: START, graph });
    expect(after[0]?.incident.state).toMatchObject({ kind: 'resolved', how: 'joined' });
    expect(after[1]).toMatchObject({
      incident: { severity: 'critical' },
      active: [...root.active, ...child.active],
    });
    expect(after[1]?.incident.anomalies).toHaveLength(2);
  });
});
