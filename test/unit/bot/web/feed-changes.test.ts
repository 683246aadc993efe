import { describe, expect, it } from 'vitest';
import { type Changes, hasChanges, noChanges, noteEvent } from '../../../../src/bot/web/feed-changes.ts';
import type { OpsEvent } from '../../../../src/domain/events.ts';
import { ms, seconds } from '../../../../src/domain/units.ts';
import { anomaly, incident, START } from '../../../support/builders.ts';

function changesOf(event: OpsEvent): Changes {
  const changes = noChanges();
  noteEvent(changes, event);
  return changes;
}

describe('noteEvent', () => {
  it.each<[OpsEvent, Partial<Changes>]>([
    [{ type: 'sample.taken', beat: { at: START, monotonic: ms(0), samples: [] } }, { metrics: true }],
    [
      { type: 'incident.opened', incident: incident() },
      { status: true, incidents: new Set(['inc-7f3a']) },
    ],
    [{ type: 'worker.exited', worker: 'a', pid: 1, how: 'code 1' }, { workers: true }],
    [{ type: 'freeze.changed', freeze: null, by: null }, { status: true }],
    [{ type: 'anomaly.detected', anomaly: anomaly() }, {}],
  ])('%j', (event, expected) => {
    expect(changesOf(event)).toEqual({ ...noChanges(), ...expected });
  });
});

describe('hasChanges', () => {
  it('tells a quiet moment from one to talk about', () => {
    expect(hasChanges(noChanges())).toBe(false);
    expect(hasChanges(changesOf({ type: 'clock.jumped', by: seconds(40), at: START }))).toBe(false);
    expect(hasChanges(changesOf({ type: 'incident.opened', incident: incident() }))).toBe(true);
  });
});
