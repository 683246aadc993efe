import { describe, expect, it } from 'vitest';
import type { BudgetUse } from '../../../src/domain/budget.ts';
import type { OpsEvent } from '../../../src/domain/events.ts';
import { minutes, seconds } from '../../../src/domain/units.ts';
import { OptimizerConfig } from '../../../src/optimizer/config.ts';
import { NO_THROTTLE, ThrottleShape } from '../../../src/optimizer/state-shapes.ts';
import { createThrottle, type Throttle } from '../../../src/optimizer/throttle.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import {
  createMemoryAudit,
  createMemoryLogger,
  createMemoryStateStore,
  live,
} from '../../support/memory-ports.ts';
import { createThrottleWorld } from '../../support/throttle-world.ts';

function use(
  used: number | null,
  target: string | null = null,
  resource: 'cpu' | 'memory' = 'cpu',
  source: 'config' | 'set' = 'config',
): BudgetUse {
  const state = used === null ? 'unknown' : used > 0.8 ? 'over' : 'within';
  return {
    target,
    resource,
    limit: 0.8,
    used,
    state,
    overSince: null,
    source,
    by: null,
    until: null,
  };
}

async function setUp() {
  const clock = createFakeClock();
  const audit = createMemoryAudit();
  const states = createMemoryStateStore();
  const world = createThrottleWorld();
  const events: OpsEvent[] = [];
  const switches: { held: string | null; frozen: boolean; usualMemory: number | null } = {
    held: null,
    frozen: false,
    usualMemory: null,
  };
  const log = createMemoryLogger();

  /** A new process over the same disk. */
  async function start(): Promise<Throttle> {
    const opened = await states.open('optimizer-throttle', (data) => ThrottleShape.parse(data), NO_THROTTLE);
    const throttle = createThrottle({
      clock,
      audit,
      log,
      config: live(OptimizerConfig.parse({})),
      bus: { publish: (event) => void events.push(event) },
      queues: world.queues,
      targets: world.targets,
      document: opened.document,
      interval: () => seconds(5),
      usualMemory: () => switches.usualMemory,
      held: () => (switches.frozen ? 'frozen' : switches.held),
      isFrozen: () => switches.frozen,
    });
    await throttle.resume();
    return throttle;
  }

  async function beats(throttle: Throttle, count: number, uses: readonly BudgetUse[]): Promise<void> {
    for (let beat = 0; beat < count; beat += 1) {
      throttle.take(uses);
      await throttle.settled();
      await clock.advance(seconds(5));
    }
  }
  const lines = (kind?: string): readonly string[] =>
    audit.lines.filter((line) => kind === undefined || line.kind === kind).map(({ text }) => text);
  return { world, audit, clock, states, events, switches, log, start, beats, lines };
}

describe('createThrottle', () => {
  it('delays batch work first, slows targets later, and gives all of it back, each step audited before it is done', async () => {
    const { world, start, beats, lines, events } = await setUp();
    const throttle = await start();

    await beats(throttle, 3, [use(1)]);
    expect(world.holds.at(-1)).toMatchObject({ batch: 0, others: 1 });
    expect(world.done).toEqual([]);
    await beats(throttle, 30, [use(1)]);
    expect(world.done).toEqual(['nice 10 on api', 'nice 10 on etl']);
    expect(throttle.states()[0]).toMatchObject({ rung: 'slow_targets', acting: true });
    await beats(throttle, 400, [use(0.3)]);

    expect(world.done.slice(2)).toEqual(['release api', 'release etl']);
    expect(world.holds.at(-1)).toBeNull();
    expect(throttle.states()).toEqual([]);
    expect(lines('intent')).toContain('Throttle api: nice 10, because cpu is at 100 %, its budget is 80 %');
    expect(lines('outcome')).toContain('succeeded: api: done');
    expect(events.map((event) => event.type === 'throttle.changed' && event.state.rung)).toEqual([
      'delay_batch',
      'slow_queue',
      'slow_targets',
      'slow_queue',
      'delay_batch',
      'none',
    ]);
  });

  it('writes the intent before it acts, and the plan that undoes it too', async () => {
    const { world, start, beats, audit, states } = await setUp();
    const throttle = await start();
    const seen: unknown[] = [];
    world.inApply = () =>
      void seen.push(
        audit.lines.at(-1)?.kind,
        JSON.parse(states.saved.get('optimizer-throttle') ?? '').steps.at(-1)?.state,
      );

    await beats(throttle, 27, [use(1)]);

    expect(seen.slice(0, 2)).toEqual(['intent', 'begun']);
  });

  it('does nothing when the intent cannot be written', async () => {
    const { world, start, beats, audit } = await setUp();
    const throttle = await start();
    audit.fail(true);

    await beats(throttle, 40, [use(1)]);

    expect(world.done).toEqual([]);
    expect(world.holds).toEqual([]);
  });

  it('only proposes in dry-run, once for each step', async () => {
    const { world, start, beats, switches, lines } = await setUp();
    switches.held = 'dry-run mode';
    const throttle = await start();

    await beats(throttle, 60, [use(1)]);

    expect(world.done).toEqual([]);
    expect(world.holds).toEqual([]);
    expect(lines('intent')).toEqual([]);
    const proposals = lines('proposal').filter((text) => text.startsWith('Would throttle api: nice 10'));
    expect(proposals).toEqual([
      'Would throttle api: nice 10, because cpu is at 100 %, its budget is 80 % (dry-run mode)',
    ]);
    expect(throttle.states()[0]).toMatchObject({ rung: 'slow_targets', acting: false });
  });

  it('acts on what was proposed as soon as the mode allows it', async () => {
    const { world, start, beats, switches } = await setUp();
    switches.held = 'dry-run mode';
    const throttle = await start();
    await beats(throttle, 40, [use(1)]);

    switches.held = null;
    await beats(throttle, 1, [use(1)]);

    expect(world.done).toContain('nice 10 on api');
  });

  it('goes on after a restart, and gives back what the process before it took', async () => {
    const { world, start, beats } = await setUp();
    await beats(await start(), 33, [use(1)]);
    world.done.length = 0;

    const again = await start();
    expect(again.states()[0]?.rung).toBe('slow_targets');
    await beats(again, 1, [use(1)]);
    expect(world.done).toEqual([]);
    await beats(again, 400, [use(0.2)]);

    expect(world.done).toEqual(['release api', 'release etl']);
  });

  it('does a step again whose outcome a crash hid, with the plan that knows what was there before', async () => {
    const { world, start, states, lines } = await setUp();
    const plan = { target: 'api', measure: 'slow', effect: 'nice 10', undo: 'as before', token: { nice: 3 } };
    const kept = { ladder: null, rung: 'slow_targets', state: 'begun', since: '2026-11-22T01:00:00.000Z' };
    const cache = { ...plan, measure: 'clear_cache', undo: null };
    const steps = [
      { id: 'slow/api', plan, ...kept },
      { id: 'clear_cache/api', plan: cache, ...kept },
    ];
    states.saved.set('optimizer-throttle', JSON.stringify({ ladders: [], steps, cleared: {} }));

    await start();

    expect(world.done).toEqual(['nice 10 on api']);
    expect(lines('repair')).toHaveLength(2);
    expect(states.saved.get('optimizer-throttle')).toContain('"nice":3');
  });

  it('moves nothing and releases nothing under a freeze', async () => {
    const { world, start, beats, switches } = await setUp();
    const throttle = await start();
    await beats(throttle, 33, [use(1)]);
    world.done.length = 0;

    switches.frozen = true;
    await beats(throttle, 400, [use(0.2)]);
    expect(world.done).toEqual([]);
    switches.frozen = false;
    await beats(throttle, 1, [use(0.2)]);

    expect(world.done).toEqual(['release api', 'release etl']);
  });

  it('slows a target again that was started anew', async () => {
    const { world, start, beats } = await setUp();
    const throttle = await start();
    await beats(throttle, 33, [use(1)]);
    world.done.length = 0;

    world.holdsPlan = false;
    await beats(throttle, 1, [use(1)]);
    world.holdsPlan = true;
    await beats(throttle, 60, [use(1)]);

    expect(world.done).toEqual(['nice 10 on api', 'nice 10 on etl']);
  });

  it('slows only the target whose own budget is passed', async () => {
    const { world, start, beats } = await setUp();
    const throttle = await start();

    await beats(throttle, 3, [use(0.5), use(0.9, 'etl')]);

    expect(world.done).toEqual(['nice 10 on etl']);
    expect(world.holds).toEqual([]);
  });

  it('tries again later what failed, and holds on to it for the release', async () => {
    const { world, start, beats, clock } = await setUp();
    const throttle = await start();
    world.outcome = { kind: 'failed', reason: 'no rights' };
    await beats(throttle, 10, [use(0.9, 'etl')]);
    expect(world.done).toEqual(['nice 10 on etl']);

    world.outcome = { kind: 'succeeded', note: 'done' };
    await clock.advance(minutes(5));
    await beats(throttle, 1, [use(0.9, 'etl')]);

    expect(world.done).toEqual(['nice 10 on etl', 'nice 10 on etl']);
  });

  it('passes over what there is nothing of, says so once, and writes no intent for it', async () => {
    const { world, start, beats, lines } = await setUp();
    world.load = { batch: 0, others: 0 };
    const throttle = await start();

    await beats(throttle, 40, [use(1)]);

    expect(throttle.states()[0]?.rung).toBe('slow_targets');
    expect(world.holds).toEqual([]);
    expect(
      lines('intent').every((text) => text.startsWith('Throttle api') || text.startsWith('Throttle etl')),
    ).toBe(true);
    expect(lines('refusal')).toEqual([
      'Throttle goes on to its next step: no batch task waits or runs, no task below critical waits or runs; cpu is at 100 %, its budget is 80 %',
      'There is nothing more here that may be slowed, though cpu is at 100 %, its budget is 80 %',
    ]);
  });

  it('stays where it is on a host that has nothing to slow, and says that once', async () => {
    const { world, start, beats, lines, events } = await setUp();
    world.load = { batch: 0, others: 0 };
    world.names = [];
    world.clearable = [];
    const throttle = await start();

    await beats(throttle, 40, [use(1)]);

    expect(throttle.states()).toEqual([]);
    expect(events).toEqual([]);
    expect(lines()).toEqual([
      'There is nothing here that may be slowed, though cpu is at 100 %, its budget is 80 %',
    ]);
  });

  it('holds a batch task that comes while targets are slowed', async () => {
    const { world, start, beats } = await setUp();
    world.load = { batch: 0, others: 0 };
    const throttle = await start();
    await beats(throttle, 10, [use(1)]);
    expect(world.holds).toEqual([]);

    world.load = { batch: 1, others: 1 };
    await beats(throttle, 1, [use(1)]);

    expect(world.holds.at(-1)).toMatchObject({ batch: 0 });
  });

  it('gives back what the process before it left lowered in a queue, with a line about it', async () => {
    const { world, start, beats, lines } = await setUp();
    world.left = true;

    await beats(await start(), 2, [use(0.5)]);

    expect(world.holds).toEqual([null]);
    expect(lines('intent')).toEqual(['Throttle of the queues ends: they are as configured again']);
  });

  it('leaves a host alone whose memory is always above the budget of the file, and throttles a rise', async () => {
    const { world, start, beats, switches } = await setUp();
    switches.usualMemory = 0.86;
    const throttle = await start();

    await beats(throttle, 60, [use(0.88, null, 'memory')]);
    expect(throttle.states()).toEqual([]);
    await beats(throttle, 3, [use(0.94, null, 'memory')]);

    expect(throttle.states()[0]).toMatchObject({
      rung: 'delay_batch',
      reason: 'memory is at 94 %, its budget is 80 %, as a rule it is 86 %',
    });
    expect(world.done).toEqual([]);
  });

  it('takes the lowest use it has seen for the usual one while there is no history', async () => {
    const { start, beats } = await setUp();
    const throttle = await start();

    await beats(throttle, 60, [use(0.9, null, 'memory')]);

    expect(throttle.states()).toEqual([]);
  });

  it('holds a memory budget that a person has set, whatever is usual', async () => {
    const { start, beats, switches } = await setUp();
    switches.usualMemory = 0.9;
    const throttle = await start();

    await beats(throttle, 3, [use(0.88, null, 'memory', 'set')]);

    expect(throttle.states()[0]?.rung).toBe('delay_batch');
  });

  it('clears a cache for memory alone, and not again that day where it freed nothing', async () => {
    const { world, start, beats, clock } = await setUp();
    world.clearable = ['api'];
    const throttle = await start();
    const full = [use(0.95, null, 'memory', 'set')];
    const cleared = () => world.done.filter((line) => line === 'POST /cache/clear on api').length;
    await beats(throttle, 60, full);
    expect(cleared()).toBe(1);
    await beats(throttle, 400, [use(0.3, null, 'memory', 'set')]);
    await clock.advance(minutes(60));

    await beats(throttle, 60, full);
    expect(cleared()).toBe(1);
    await beats(throttle, 400, [use(0.3, null, 'memory', 'set')]);
    await clock.advance(minutes(24 * 60));
    await beats(throttle, 60, full);

    expect(cleared()).toBe(2);
  });

  it('clears a cache again after half an hour where it freed memory the last time', async () => {
    const { world, start, beats, clock } = await setUp();
    world.clearable = ['api'];
    const throttle = await start();
    const cleared = () => world.done.filter((line) => line === 'POST /cache/clear on api').length;
    for (let beat = 0; beat < 60 && cleared() === 0; beat += 1) {
      await beats(throttle, 1, [use(0.95, null, 'memory', 'set')]);
    }
    await beats(throttle, 400, [use(0.3, null, 'memory', 'set')]);
    await clock.advance(minutes(30));

    await beats(throttle, 60, [use(0.95, null, 'memory', 'set')]);

    expect(cleared()).toBe(2);
  });
});
