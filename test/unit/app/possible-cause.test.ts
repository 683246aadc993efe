import { describe, expect, it } from 'vitest';
import { possibleCause } from '../../../src/app/possible-cause.ts';
import type { OpsEvent } from '../../../src/domain/events.ts';
import { epochMs, ms } from '../../../src/domain/units.ts';
import { actor, START } from '../../support/builders.ts';

const by = actor();
const until = epochMs(START + 3_600_000);

describe('possibleCause', () => {
  it.each<readonly [OpsEvent, string]>([
    [
      { type: 'maintenance.changed', target: 'shop', window: { until, reason: 'new disk' }, by },
      'maintenance of shop began (new disk)',
    ],
    [
      { type: 'maintenance.changed', target: null, window: null, by },
      `maintenance of this host was ended by ${by.person}`,
    ],
    [
      { type: 'freeze.changed', freeze: { scope: 'healing', until, by: 'ada', reason: 'deploy' }, by },
      'healing was frozen by ada (deploy)',
    ],
    [
      { type: 'freeze.changed', freeze: { scope: 'all', until, by: 'ada', reason: '' }, by },
      'everything was frozen by ada',
    ],
    [{ type: 'freeze.changed', freeze: null, by: null }, 'the freeze was lifted'],
    [{ type: 'mode.changed', mode: 'dry-run', by: null }, 'the mode became dry-run'],
    [{ type: 'config.reloaded', oldHash: 'a', newHash: 'b' }, 'the configuration of Nightshift was reloaded'],
    [{ type: 'worker.exited', worker: 'web', pid: 7, how: 'code 1' }, 'worker web ended (code 1)'],
    [{ type: 'deploy.changed', text: 'deploy api 1.4.2', target: 'api' }, 'deploy api 1.4.2'],
  ])('says of %o what a person understands', (event, text) => {
    expect(possibleCause(event)?.text).toBe(text);
  });

  it('says nothing of what cannot be a cause', () => {
    expect(possibleCause({ type: 'clock.jumped', by: ms(60_000), at: START })).toBeNull();
    expect(possibleCause({ type: 'incident.opened', incident: {} as never })).toBeNull();
  });
});
