import { describe, expect, it } from 'vitest';
import { openPings, type Pings } from '../../../../src/bot/webhook/pings.ts';
import { type EpochMs, minutes, after as plus } from '../../../../src/domain/units.ts';
import { START } from '../../../support/builders.ts';
import { createMemoryStateStore } from '../../../support/memory-ports.ts';

const job = {
  id: 'nightly',
  everySeconds: minutes(60),
  graceSeconds: minutes(5),
  severity: 'critical',
} as const;
const at = (minute: number): EpochMs => plus(START, minutes(minute));

async function open(begunAt: EpochMs = START, states = createMemoryStateStore()): Promise<Pings> {
  return openPings({ states, configured: () => [job], begunAt });
}

const states = (pings: Pings, minute: number): readonly (readonly [string, string])[] =>
  pings.alerts(at(minute)).map(({ state, text }) => [state, text] as const);

describe('openPings', () => {
  it('is late only after period and grace', async () => {
    const pings = await open();
    await pings.take('nightly', 'success', at(10));
    expect(states(pings, 74)[0]?.[0]).toBe('resolved');
    expect(states(pings, 76)[0]).toEqual(['firing', 'nightly did not report in time.']);
    await pings.take('nightly', 'success', at(80));
    expect(states(pings, 81)[0]?.[0]).toBe('resolved');
  });

  it('says a failure at once, with its exit code, until it ends well', async () => {
    const pings = await open();
    await pings.take('nightly', { exitCode: 3 }, at(1));
    expect(states(pings, 1)[0]).toEqual(['firing', 'nightly reported a failure with exit code 3.']);
    await pings.take('nightly', { exitCode: 0 }, at(2));
    expect(states(pings, 2)[0]?.[0]).toBe('resolved');
  });

  it('notices a job that began and did not end', async () => {
    const pings = await open();
    await pings.take('nightly', 'start', at(1));
    expect(states(pings, 5)[0]?.[0]).toBe('resolved');
    expect(states(pings, 7)[0]).toEqual(['firing', 'nightly began and did not report its end in time.']);
  });

  it('does not blame a job for the time in which nobody listened', async () => {
    const kept = createMemoryStateStore();
    await (await open(START, kept)).take('nightly', 'success', START);
    const later = await open(at(600), kept);
    expect(states(later, 601)[0]?.[0]).toBe('resolved');
    expect(states(later, 666)[0]?.[0]).toBe('firing');
  });

  it('blames no job for a clock that was set forward, and forgives none for one set back', async () => {
    const kept = createMemoryStateStore();
    const pings = await open(START, kept);
    await pings.take('nightly', 'success', at(10));
    await pings.clockJumped(minutes(300));
    expect(states(pings, 374)[0]?.[0]).toBe('resolved');
    expect(states(pings, 376)[0]?.[0]).toBe('firing');
    await pings.clockJumped(minutes(-300));
    expect(states(pings, 74)[0]?.[0]).toBe('resolved');
    expect(states(await open(at(20), kept), 86)[0]?.[0]).toBe('firing');
  });

  it('does not know other names', async () => {
    expect(await (await open()).take('other', 'success', START)).toBe(false);
  });
});
