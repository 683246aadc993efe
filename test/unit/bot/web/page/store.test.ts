import { beforeEach, describe, expect, it } from 'vitest';
import { type IncidentView, incidentView } from '../../../../../src/bot/views.ts';
import { incidents, liveIncidents, take } from '../../../../../src/bot/web/page/store.ts';
import { incident } from '../../../../support/builders.ts';

const view = (over: Parameters<typeof incident>[0] = {}): IncidentView =>
  incidentView(incident(over), { chart: false });

beforeEach(() => take({ incidents: [] }, 'snapshot'));

describe('take', () => {
  it('adds what a patch brings, and forgets all but a snapshot', () => {
    take({ incidents: [view()] }, 'snapshot');
    take({ incidents: [view({ id: 'inc-2' as never })] }, 'patch');
    expect(incidents.value.map(({ id }) => id).sort()).toEqual(['inc-2', 'inc-7f3a']);

    take({ incidents: [view()] }, 'snapshot');
    expect(incidents.value.map(({ id }) => id)).toEqual(['inc-7f3a']);
  });

  it('never goes back to an older version of an incident', () => {
    const over = { state: { kind: 'resolved', at: 0, how: 'healed', reason: '' } } as never;
    take({ incidents: [view({ version: 5, ...(over as object) })] }, 'patch');
    take({ incidents: [view({ version: 4 })] }, 'patch');

    expect(incidents.value.map(({ version }) => version)).toEqual([5]);
    expect(liveIncidents.value).toEqual([]);
  });
});
