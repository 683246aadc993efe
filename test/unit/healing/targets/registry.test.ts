import { describe, expect, it } from 'vitest';
import { ms, seconds } from '../../../../src/domain/units.ts';
import type { WorkerPool } from '../../../../src/domain/worker.ts';
import { createTargets } from '../../../../src/healing/targets/registry.ts';
import { TargetsConfig } from '../../../../src/healing/targets-config.ts';
import { START } from '../../../support/builders.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import {
  createMemoryCommands,
  createMemoryHttp,
  createMemoryLogger,
  live,
} from '../../../support/memory-ports.ts';

const worker = (name: string, over: object = {}) => ({
  name,
  critical: false,
  dependsOn: [] as string[],
  group: null,
  probes: [] as string[],
  ...over,
});

function stage(targets: readonly object[], workers = [worker('w')]) {
  const clock = createFakeClock();
  const log = createMemoryLogger();
  let code = 0;
  const commands = createMemoryCommands(() => ({ kind: 'exited', code, output: '', took: ms(1) }));
  const config = live(TargetsConfig.parse({ targets, checkIntervalSeconds: 15 }));
  const pool = {
    list: () => [
      {
        worker: 'w',
        instance: 0,
        state: { kind: 'running', pid: 4, since: START, adopted: false },
        exitsInTenMinutes: 0,
        exitsInDay: 0,
        lastExit: null,
      },
    ],
  } as unknown as WorkerPool;
  const registry = createTargets({
    config,
    workers: live({ workers }),
    pool,
    http: createMemoryHttp(),
    commands,
    clock,
    log,
    host: 'web-1',
  });
  return { clock, log, commands, config, registry, exit: (next: number) => (code = next) };
}

const SHOP = { name: 'shop', kind: 'command', check: ['/bin/check'] };

describe('createTargets', () => {
  it('makes every worker a target unless one is declared for it', () => {
    expect(stage([]).registry.names()).toEqual(['w']);
    expect(stage([{ name: 'rpa', kind: 'process', worker: 'w' }]).registry.names()).toEqual(['rpa']);
    expect(stage([{ name: 'api', kind: 'http' }]).registry.names()).toEqual(['api', 'w']);
    expect(stage([]).registry.states()).toEqual([{ name: 'w', up: true, pids: [4], reason: 'running' }]);
  });

  it('takes a worker for critical when either file says so', () => {
    const { registry } = stage(
      [{ name: 'rpa', kind: 'process', worker: 'w', dependsOn: ['x'] }],
      [worker('w', { critical: true, dependsOn: ['y'], probes: ['p'] })],
    );
    expect(registry.get('rpa')?.target).toMatchObject({
      critical: true,
      dependsOn: ['x', 'y'],
      probes: ['p'],
    });
  });

  it('checks command targets on a beat and answers from memory', async () => {
    const { registry, clock, commands, exit } = stage([SHOP]);
    expect(registry.get('shop')?.state().up).toBeNull();
    await registry.start();
    await registry.start();
    await clock.settle();
    expect(registry.get('shop')?.state().up).toBe(true);
    exit(1);
    await clock.advance(seconds(15));
    expect(registry.get('shop')?.state().up).toBe(false);
    registry.stop();
    const calls = commands.calls.length;
    await clock.advance(seconds(60));
    expect(commands.calls).toHaveLength(calls);
  });

  it('follows the configuration and keeps what it knows of targets that stayed as they were', async () => {
    const { registry, clock, config } = stage([SHOP]);
    await registry.start();
    await clock.settle();
    config.set(TargetsConfig.parse({ targets: [SHOP, { name: 'api', kind: 'http', dependsOn: ['shop'] }] }));
    expect(registry.get('shop')?.state().up).toBe(true);
    expect([...registry.graph().needsOf('api')]).toEqual(['shop']);
    config.set(TargetsConfig.parse({ targets: [{ ...SHOP, check: ['/bin/other'] }] }));
    expect(registry.get('shop')?.state().up).toBeNull();
    expect(registry.get('api')).toBeUndefined();
    registry.stop();
  });

  it('goes on with the others when one check throws', async () => {
    const { registry, clock, log, commands } = stage([SHOP, { ...SHOP, name: 'two' }]);
    const run = commands.run;
    commands.run = (request) => {
      if (commands.calls.length === 0) {
        commands.calls.push(request);
        return Promise.reject(new Error('EMFILE'));
      }
      return run(request);
    };
    await registry.start();
    await clock.settle();
    expect(log.lines).toMatchObject([{ message: 'target check failed', fields: { target: 'shop' } }]);
    expect(registry.get('two')?.state().up).toBe(true);
    registry.stop();
  });
});
