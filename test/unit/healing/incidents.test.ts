import { describe, expect, it } from 'vitest';
import type { OpsEvent } from '../../../src/domain/events.ts';
import { epochMs, incidentId, minutes } from '../../../src/domain/units.ts';
import { announcementsOf } from '../../../src/healing/announcements.ts';
import { resolved, withIncident, withLine } from '../../../src/healing/incident-record.ts';
import { newIncidentId, openIncidents } from '../../../src/healing/incidents.ts';
import { createEventBus } from '../../../src/platform/event-bus.ts';
import { anomaly, incident, START } from '../../support/builders.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { record } from '../../support/healing-builders.ts';
import { createMemoryAudit, createMemoryLogger, createMemoryStateStore } from '../../support/memory-ports.ts';

function stage() {
  const clock = createFakeClock();
  const states = createMemoryStateStore();
  const log = createMemoryLogger();
  const audit = createMemoryAudit();
  const bus = createEventBus(log);
  const events: OpsEvent[] = [];
  bus.onAny((event) => void events.push(event));
  return { clock, states, log, audit, events, open: () => openIncidents({ clock, states, log, audit, bus }) };
}
const withChart = anomaly({
  evidence: { ...anomaly().evidence, chart: [{ metric: 'cpu', at: START, value: 1 }] },
});

describe('openIncidents', () => {
  it('saves first, then announces, and counts the version up with every change', async () => {
    const { open, states, events } = stage();
    const incidents = await open();
    await incidents.changeAll(() => [record()]);
    await incidents.change('inc-7f3a', (one) => withLine(one, START, 'note', 'a'));
    await incidents.change('inc-7f3a', (one) => one);
    await incidents.change('inc-none', (one) => withLine(one, START, 'note', 'a'));

    expect(events.map(({ type }) => type)).toEqual(['incident.opened', 'incident.updated']);
    expect(incidents.get('inc-7f3a')?.incident.version).toBe(2);
    expect(states.saved.get('incidents')).toContain('"version":2');
  });

  it('announces each new line once, in order, and the last one with what the change was', async () => {
    const { open, events } = stage();
    const incidents = await open();
    await incidents.changeAll(() => [record()]);
    await incidents.change('inc-7f3a', (one) =>
      resolved(withLine(one, START, 'act', 'done'), 'healed', 'x', START),
    );
    expect(
      events.slice(1).map((event) => ('line' in event ? `${event.type} ${event.line?.text}` : '')),
    ).toEqual(['incident.updated done', 'incident.resolved Healed: x.']);
  });

  it('announces also when the log cannot take the line', async () => {
    const { open, events, audit, log } = stage();
    const incidents = await open();
    audit.fail(true);
    await incidents.changeAll(() => [record()]);
    expect(events).toHaveLength(1);
    expect(log.lines).toMatchObject([{ message: 'incident could not be logged' }]);
  });

  it('moves what can no longer reopen into history, bounded, with charts for the newest only', async () => {
    const { open, clock } = stage();
    const incidents = await open();
    const many = Array.from({ length: 520 }, (_, index) => {
      const base = withIncident(record(), { id: incidentId(`inc-${index}`), anomalies: [withChart] });
      return { ...resolved(base, 'healed', 'x', START), pending: [] };
    });
    await incidents.changeAll(() => many);
    await incidents.archive(minutes(30));
    expect(incidents.records()).toHaveLength(520);
    clock.jump(minutes(31));
    await incidents.archive(minutes(30));

    expect(incidents.records()).toHaveLength(0);
    expect(incidents.closed()).toHaveLength(500);
    const charts = incidents.closed().filter(({ anomalies }) => anomalies[0]?.evidence.chart.length === 1);
    expect(charts).toHaveLength(50);
    expect((await open()).closed()).toHaveLength(500);
  });

  it('keeps the first lines of a long timeline and the newest', async () => {
    const { open } = stage();
    const incidents = await open();
    await incidents.changeAll(() => [record()]);
    for (let count = 0; count < 230; count += 1) {
      await incidents.change('inc-7f3a', (one) => withLine(one, START, 'note', `line ${count}`));
    }
    const texts = incidents.get('inc-7f3a')?.incident.timeline.map(({ text }) => text) ?? [];
    expect(texts).toHaveLength(200);
    expect(texts[0]).toBe('line 0');
    expect(texts.at(-1)).toBe('line 229');
  });
});

describe('announcementsOf', () => {
  it('calls it escalated when people are called, or it is handed over', () => {
    const before = incident();
    const kinds = (after: typeof before) => announcementsOf(before, after).map(({ kind }) => kind);
    expect(kinds(incident({ pagedAt: START }))).toEqual(['escalated']);
    expect(kinds(incident({ state: { kind: 'escalated', at: START, reason: 'x' } }))).toEqual(['escalated']);
    expect(kinds(incident({ severity: 'warning' }))).toEqual(['updated']);
    expect(announcementsOf(undefined, before)).toEqual([{ kind: 'opened', line: null }]);
    expect(
      announcementsOf(incident({ pagedAt: epochMs(1) }), incident({ pagedAt: epochMs(1) }))[0]?.kind,
    ).toBe('updated');
  });
});

describe('newIncidentId', () => {
  it('is short, and longer when the short ones are taken', () => {
    expect(
      newIncidentId(
        (bytes) => '7f'.repeat(bytes),
        () => false,
      ),
    ).toBe('inc-7f7f');
    expect(
      newIncidentId(
        (bytes) => '7f'.repeat(bytes),
        () => true,
      ),
    ).toBe(`inc-${'7f'.repeat(8)}`);
  });
});
