import { describe, expect, it } from 'vitest';
import { hours } from '../../../src/domain/units.ts';
import { MonitorConfig } from '../../../src/monitor/config.ts';
import { createLimitBook } from '../../../src/monitor/limit-book.ts';
import { createLimitDesk } from '../../../src/monitor/limit-desk.ts';
import { thresholdFor } from '../../../src/monitor/thresholds.ts';
import { actor } from '../../support/builders.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryAudit, createMemoryStateStore, live } from '../../support/memory-ports.ts';

async function setUp(states = createMemoryStateStore(), clock = createFakeClock()) {
  const config = live(MonitorConfig.parse({}));
  const audit = createMemoryAudit();
  const book = createLimitBook({ clock, states, config });
  await book.start();
  const desk = createLimitDesk({
    clock,
    audit,
    book,
    config,
    known: { metrics: () => ['cpu', 'disk:/', 'orders'], value: () => 0.4, learnt: () => null },
  });
  const inForce = (metric: string) => thresholdFor(metric, book.config.current().thresholds);
  return { clock, states, config, audit, book, desk, inForce };
}

const cpu = (warn: number, critical: number, span: ReturnType<typeof hours> | null = null) => ({
  metric: 'cpu',
  warn,
  critical,
  span,
});

describe('createLimitDesk', () => {
  it('sets limits over the file, audited first, and keeps them over a restart', async () => {
    const world = await setUp();
    await world.desk.set(cpu(0.7, 0.8), actor(), false);
    const again = await setUp(world.states, world.clock);

    expect(world.audit.lines.map(({ kind, text }) => [kind, text])).toEqual([
      ['config', 'limits of cpu: warn 70 %, critical 80 %, until it is reset'],
    ]);
    expect(again.inForce('cpu')).toMatchObject({ warn: 0.7, critical: 0.8, warnAfter: 900_000 });
  });

  it('lets an override end by itself', async () => {
    const { clock, desk, inForce, book } = await setUp();
    await desk.set(cpu(0.7, 0.8, hours(2)), actor(), false);
    const during = book.config.current();
    await clock.advance(hours(1));
    expect(book.config.current()).toBe(during);
    await clock.advance(hours(1));

    expect(inForce('cpu')?.warn).toBe(0.9);
    expect(desk.overrides()).toEqual([]);
  });

  it('changes nothing in a dry run, and nothing where the audit log cannot be written', async () => {
    const { audit, desk, inForce } = await setUp();

    expect((await desk.set(cpu(0.7, 0.8), actor(), true)).kind).toBe('would');
    audit.fail(true);
    await expect(desk.set(cpu(0.7, 0.8), actor(), false)).rejects.toThrow();
    expect(inForce('cpu')?.warn).toBe(0.9);
  });

  it('goes back to the file, and says so where nothing was set', async () => {
    const { desk, inForce } = await setUp();
    await desk.set(cpu(0.7, 0.8), actor(), false);

    expect((await desk.reset('cpu', actor(), false)).kind).toBe('done');
    expect(inForce('cpu')?.warn).toBe(0.9);
    expect((await desk.reset(null, actor(), false)).kind).toBe('not_found');
  });

  it('explains which of file, override and learnt band decides', async () => {
    const { desk } = await setUp();
    await desk.set({ metric: 'disk', warn: 0.8, critical: null, span: null }, actor(), false);

    expect(desk.explain('cpu')?.applies).toBe('fixed limit');
    expect(desk.explain('disk:/')).toMatchObject({
      applies: 'override',
      configured: { entry: 'disk', warn: 0.9 },
      inForce: { warn: 0.8, critical: null },
    });
    expect(desk.explain('orders')?.applies).toBe('nothing yet');
    expect(desk.explain('nonsense')).toBeUndefined();
  });
});
