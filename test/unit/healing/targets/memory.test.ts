import { describe, expect, it } from 'vitest';
import { openTargetMemory } from '../../../../src/healing/targets/memory.ts';
import { START } from '../../../support/builders.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { createMemoryLogger, createMemoryStateStore } from '../../../support/memory-ports.ts';

describe('openTargetMemory', () => {
  it('knows after a restart who was stopped, and forgets who is up again', async () => {
    const states = createMemoryStateStore();
    const first = await openTargetMemory(states, createMemoryLogger());
    const entry = { kind: 'stopped', at: START, why: 'was stopped by somebody' } as const;
    first.set('web', entry);
    first.set('mail', entry);
    first.set('mail', null);
    await createFakeClock().settle();

    const second = await openTargetMemory(states, createMemoryLogger());
    expect(second.get('web')).toEqual(entry);
    expect(second.get('mail')).toBeNull();
  });
});
