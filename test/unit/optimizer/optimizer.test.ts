import { describe, expect, it } from 'vitest';
import type { LiveConfig } from '../../../src/app/live-config.ts';
import { withBotMessages, withMessageBudget } from '../../../src/app/message-budget.ts';
import type { Actor } from '../../../src/domain/approval.ts';
import { after, before, minutes, ratio } from '../../../src/domain/units.ts';
import { OptimizerConfig } from '../../../src/optimizer/config.ts';
import type { Optimizer } from '../../../src/optimizer/optimizer.ts';
import { createOptimizerWorld, NOW } from '../../support/optimizer-world.ts';

const ada: Actor = { surface: 'cli', id: 'ada', display: 'Ada', person: 'ada', roles: ['operator'] };
const open = (optimizer: Optimizer) => optimizer.status().suggestions.filter(({ state }) => state === 'open');

describe('createOptimizer', () => {
  it('answers with what is configured before the first beat: use is unknown, not 0', async () => {
    const world = createOptimizerWorld();
    const optimizer = await world.start();

    expect(optimizer.budgets().map(({ resource, limit, state }) => [resource, limit, state])).toEqual([
      ['cpu', 0.8, 'unknown'],
      ['memory', 0.7, 'unknown'],
    ]);
  });

  it('tells once that a budget is passed, throttles, and gives back after calm', async () => {
    const world = createOptimizerWorld();
    const optimizer = await world.start();

    await world.beats(optimizer, 6, 0.95);
    const told = world.events.filter(({ type }) => type === 'budget.exceeded');
    expect(told).toHaveLength(1);
    expect(optimizer.status().throttle[0]).toMatchObject({ rung: 'delay_batch', acting: true });
    await world.beats(optimizer, 40, 0.3);

    expect(optimizer.status().throttle).toEqual([]);
    expect(world.throttled.holds.at(-1)).toBeNull();
  });

  it('neither starts nor ends a throttle for what is unknown', async () => {
    const world = createOptimizerWorld();
    const optimizer = await world.start();
    await world.beats(optimizer, 40, null);
    expect(optimizer.status().throttle).toEqual([]);

    await world.beats(optimizer, 6, 0.95);
    await world.beats(optimizer, 60, null);

    expect(optimizer.status().throttle[0]?.rung).toBe('delay_batch');
    expect(optimizer.budgets()[0]).toMatchObject({ state: 'unknown', used: null });
  });

  it('holds a budget that a person set until its end, also after a restart, and says when it has ended', async () => {
    const world = createOptimizerWorld();
    const order = { target: null, cpu: ratio(0.5), until: after(NOW, minutes(60)) };
    const result = await (await world.start()).setBudget(order, ada, false);

    const optimizer = await world.start();
    expect(result.kind).toBe('done');
    expect(optimizer.budgets()[0]).toMatchObject({ limit: 0.5, source: 'set', by: 'cli:ada' });
    await world.clock.advance(minutes(61));
    expect(optimizer.budgets()[0]).toMatchObject({ limit: 0.8, source: 'config' });
    await optimizer.learn();

    expect(world.lines('config')).toEqual([
      expect.stringMatching(/^Budget of this host: cpu 50 % until /),
      'Budget of this host has ended: cpu 50 %; the file holds again',
    ]);
  });

  it('refuses a budget that makes no sense, and changes nothing', async () => {
    const world = createOptimizerWorld();
    const optimizer = await world.start();
    const orders = [
      { target: null, cpu: ratio(0), until: null },
      { target: null, memory: 1.01 as never, until: null },
      { target: null, messages: 0, until: null },
      { target: 'nobody', cpu: ratio(0.5), until: null },
      { target: 'api', messages: 5, until: null },
      { target: null, cpu: ratio(0.5), until: before(NOW, minutes(1)) },
      { target: null, until: null },
    ];

    const kinds = [];
    for (const order of orders) kinds.push((await optimizer.setBudget(order, ada, false)).kind);

    expect(kinds).toEqual(['refused', 'refused', 'refused', 'not_found', 'refused', 'refused', 'refused']);
    expect(world.audit.lines).toEqual([]);
    expect(world.saved.has('optimizer-budgets')).toBe(false);
  });

  it('suggests what four weeks say, changes nothing in a dry run, and by itself only in auto mode and production', async () => {
    const world = createOptimizerWorld();
    const optimizer = await world.start();
    const would = await optimizer.run(ada, true);
    expect(would.kind).toBe('would');
    expect(optimizer.status().suggestions).toEqual([]);

    await optimizer.learn();
    expect(open(optimizer)).toMatchObject([{ metric: 'cpu', when: 'off_peak', from: 3, sigmas: 2 }]);
    expect(optimizer.offsets.current('cpu', NOW)).toBeNull();

    world.config.set(OptimizerConfig.parse({ learning: { mode: 'auto' } }));
    world.production = false;
    await optimizer.learn();
    expect(open(optimizer)).toHaveLength(1);
    world.production = true;
    await optimizer.learn();

    expect(open(optimizer)).toHaveLength(0);
    expect(optimizer.offsets.current('cpu', NOW)).toBe(2);
    expect(world.audit.lines.at(-1)).toMatchObject({ kind: 'config', actor: 'nightshift' });
  });

  it('measures messages against the one budget of two files and of people, which the outbox holds', async () => {
    const bot = { messageBudgetPerHour: 60 };
    const file = withBotMessages({ optimizer: OptimizerConfig.parse({}), bot });
    const own = OptimizerConfig.parse({ budgets: { messagesPerHour: 20 } });
    expect(file.budgets.messagesPerHour).toBe(60);
    expect(withBotMessages({ optimizer: own, bot }).budgets.messagesPerHour).toBe(20);

    const world = createOptimizerWorld();
    world.config.set(file);
    world.messages = 9;
    const optimizer = await world.start();
    const held = withMessageBudget({ current: () => ({ bot }) } as unknown as LiveConfig, optimizer);
    expect(held.current().messageBudgetPerHour).toBe(60);

    await optimizer.setBudget({ target: null, messages: 5, until: null }, ada, false);

    expect(held.current().messageBudgetPerHour).toBe(5);
    expect(optimizer.budgets().at(-1)).toMatchObject({
      resource: 'messages',
      used: 9,
      limit: 5,
      state: 'over',
    });
    await optimizer.resetBudget({ target: null, resources: [] }, ada, false);
    expect(held.current().messageBudgetPerHour).toBe(60);
  });
});

describe('accept and reject', () => {
  async function learnt() {
    const world = createOptimizerWorld();
    const optimizer = await world.start();
    await optimizer.learn();
    return { world, optimizer, id: open(optimizer)[0]?.id ?? '' };
  }

  it('applies what was read, says so in explain, and is still in force after a restart', async () => {
    const { world, optimizer, id } = await learnt();
    expect((await optimizer.accept(id, ada, true)).kind).toBe('would');
    expect(optimizer.offsets.current('cpu', NOW)).toBeNull();

    expect(await optimizer.accept(id, ada, false)).toMatchObject({ kind: 'done' });

    const again = await world.start();
    expect(again.offsets.current('cpu', NOW)).toBe(2);
    expect(again.explain('cpu')[0]).toContain(`2.0σ wide now (accepted by cli:ada on`);
    expect(again.explain('cpu')[0]).toContain(`optimize reject ${id} takes it back`);
    // Busy hours stay as configured.
    expect(again.offsets.current('cpu', after(NOW, minutes(12 * 60)))).toBeNull();
    expect(world.lines('config')).toEqual([
      expect.stringMatching(/^Band accepted: cpu, .*: 2\.0σ, because /),
    ]);
  });

  it('takes an accepted one back, audited, and does not make it again for a while', async () => {
    const { world, optimizer, id } = await learnt();
    await optimizer.accept('all', ada, false);

    expect(await optimizer.reject(id, ada, false)).toMatchObject({ kind: 'done' });
    await optimizer.learn();

    expect(optimizer.offsets.current('cpu', NOW)).toBeNull();
    expect(open(optimizer)).toEqual([]);
    expect(world.lines('config').at(-1)).toMatch(/^Taken back: cpu, .* has 3\.0σ again, as configured$/);
    await world.clock.advance(minutes(15 * 24 * 60));
    await optimizer.learn();
    expect(open(optimizer)).toHaveLength(1);
  });

  it('drops an open one, answers what there is not, and holds still under a freeze', async () => {
    const { world, optimizer, id } = await learnt();
    world.frozen = true;
    expect(await optimizer.accept(id, ada, false)).toEqual({
      kind: 'refused',
      reason: 'The optimizer is frozen.',
    });
    world.frozen = false;

    expect(await optimizer.reject(id, ada, false)).toMatchObject({ kind: 'done' });

    expect(await optimizer.accept(id, ada, false)).toMatchObject({ kind: 'not_found' });
    expect(await optimizer.accept('sug-nothing', ada, false)).toMatchObject({ kind: 'not_found' });
    expect(optimizer.offsets.current('cpu', NOW)).toBeNull();
  });

  it('changes nothing when the audit log cannot be written', async () => {
    const { world, optimizer, id } = await learnt();
    world.audit.fail(true);

    await expect(optimizer.accept(id, ada, false)).rejects.toThrow('audit disk full');

    expect(optimizer.offsets.current('cpu', NOW)).toBeNull();
  });
});
