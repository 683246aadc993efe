import { afterEach, describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../src/domain/units.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeProcesses } from '../../support/fake-processes.ts';
import { createBench, type SupervisorBench } from '../../support/supervisor-bench.ts';

const benches: SupervisorBench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.dispose();
});

const COMMAND = ['/usr/bin/env', 'node'];

async function start(workers: readonly Readonly<Record<string, unknown>>[]) {
  const clock = createFakeClock();
  const host = createFakeProcesses();
  const bench = await createBench(workers, { clock, processes: host, spawn: host.spawn });
  benches.push(bench);
  const supervisor = bench.build();
  const starting = supervisor.start();
  await clock.settle();
  await starting;
  const states = (): readonly string[] =>
    supervisor.workers.list().map(({ worker, state }) => `${worker} ${state.kind}`);
  return { clock, host, supervisor, states };
}

describe('the order of the first start', () => {
  const shop = { name: 'shop', command: COMMAND, dependsOn: ['db'] };

  it('starts what others depend on first, and the rest when that runs; the bot itself waits for nobody', async () => {
    const { clock, supervisor, states } = await start([
      shop,
      { name: 'db', command: COMMAND, ready: { afterSeconds: 5 } },
    ]);
    expect(states()).toEqual(['shop not_started', 'db starting']);

    await clock.advance(seconds(4));
    expect(states()).toEqual(['shop not_started', 'db starting']);

    await clock.advance(seconds(3));
    expect(states()).toEqual(['shop running', 'db running']);
    await supervisor.stop();
  });

  it('does not wait longer than a minute, nor for a name that is no worker', async () => {
    const { clock, supervisor, states } = await start([
      shop,
      { name: 'db', command: COMMAND, ready: { afterSeconds: 600 } },
      { name: 'other', command: COMMAND, dependsOn: ['elsewhere'] },
    ]);
    expect(states()).toEqual(['shop not_started', 'db starting', 'other starting']);

    await clock.advance(minutes(1));
    await clock.advance(seconds(2));
    expect(states()).toEqual(['shop running', 'db starting', 'other running']);
    await supervisor.stop();
  });

  it('starts nothing more when the bot leaves meanwhile', async () => {
    const { clock, host, supervisor } = await start([
      shop,
      { name: 'db', command: COMMAND, ready: { afterSeconds: 600 } },
    ]);
    await supervisor.stop();
    await clock.advance(minutes(2));

    expect(host.alive()).toHaveLength(1);
  });
});
