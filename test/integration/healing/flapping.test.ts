import { describe, expect, it } from 'vitest';
import { hours, type Ms, minutes, seconds } from '../../../src/domain/units.ts';
import { actor } from '../../support/builders.ts';
import { createWorld, type World } from '../../support/healing-world.ts';

/** Down and up in turn, each for `phase`; every restart looks as if it had helped. */
async function flap(world: World, span: Ms, phase: Ms): Promise<void> {
  const until = world.clock.monotonic() + span;
  while (world.clock.monotonic() < until) {
    const found = await world.sicken();
    await world.advance(phase);
    world.setMetric('target_up:rpa-worker', 'good');
    await world.clear(found.fingerprint);
    await world.advance(phase);
  }
}

describe('flapping for an hour', () => {
  it('is acted on three times at most, opens the breaker, and is handed to a person', async () => {
    const world = createWorld();
    await world.boot();
    await flap(world, hours(1), seconds(15));

    expect(world.restarts.length).toBeGreaterThanOrEqual(1);
    expect(world.restarts.length).toBeLessThanOrEqual(3);
    const [incident, ...others] = world.healer.incidents({ limit: 100 });
    expect(others).toEqual([]);
    expect(incident?.pagedAt).not.toBeNull();
    // Nobody is called each time it comes back.
    const called = new Set(
      world.events.flatMap((event) => ('incident' in event ? [event.incident.pagedAt] : [])),
    );
    called.delete(null);
    expect(called.size).toBe(1);
    expect(world.lines('refusal').some(({ text }) => /attempts|breaker/.test(text))).toBe(true);

    // The attempts of the first hour are old now; the breaker is what holds, and lets one try through.
    const before = world.restarts.length;
    await flap(world, minutes(40), seconds(15));
    expect(world.restarts.length - before).toBeLessThanOrEqual(1);
  });

  it('calls a person at the fourth time within half an hour, not after an hour', async () => {
    const world = createWorld();
    await world.boot();
    await flap(world, minutes(3), seconds(15));

    expect(world.only().pagedAt).not.toBeNull();
    expect(world.only().timeline.some(({ text }) => /come back 3 times/.test(text))).toBe(true);
    expect(world.restarts).toHaveLength(1);
  });

  it('loses what was earned as soon as a heal does not last', async () => {
    const world = createWorld({
      healing: {
        limits: { gracePeriodSeconds: 0 },
        autonomy: [{ strategy: 'worker_down', autonomy: 'ask' }],
        earnedAutonomy: { enabled: true, afterSuccesses: 1 },
      },
    });
    await world.boot();
    const found = await world.sicken();
    const [asked] = world.healer.approvals('pending');
    await world.healer.decide(asked?.id ?? '', 'approve', actor(), '');
    await world.advance(seconds(30));
    await world.clear(found.fingerprint);
    await world.advance(minutes(40));
    expect(world.healer.incidents({ limit: 1 })[0]?.state.kind).toBe('resolved');

    await world.sicken();
    await world.advance(seconds(30));
    expect(world.restarts).toHaveLength(2);

    const again = await world.sicken();
    await world.advance(seconds(5));
    expect(world.find('rpa-worker')?.state.kind).toBe('awaiting_approval');
    expect(again.target).toBe('rpa-worker');
  });
});
