/** The docker driver against a real Engine API, served by podman. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DockerTarget } from '../../../src/domain/target.ts';
import { seconds } from '../../../src/domain/units.ts';
import { createDockerDriver } from '../../../src/healing/targets/docker/driver.ts';
import { createEngine, type Engine } from '../../../src/healing/targets/docker/engine.ts';
import { createEngineEvents, type EngineEvents } from '../../../src/healing/targets/docker/events.ts';
import type { TargetDriver } from '../../../src/healing/targets/driver.ts';
import { createVolatileMemory } from '../../../src/healing/targets/memory.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { lacking, skips } from '../../hosts/available.ts';
import { type PodmanHost, startPodmanHost } from '../../hosts/podman-host.ts';
import { until } from '../../hosts/until.ts';
import { createMemoryLogger } from '../../support/memory-ports.ts';

const why = lacking(
  '/usr/bin/podman',
  '/usr/bin/crun',
  '/usr/bin/conmon',
  '/bin/busybox',
  '/usr/bin/unshare',
);
const clock = createSystemClock();
const log = createMemoryLogger();
const memory = createVolatileMemory();
const RESTART = { capability: 'restart' } as const;
const signal = new AbortController().signal;

describe.skipIf(skips('docker', why))('the docker driver', () => {
  let host: PodmanHost;
  let engine: Engine;
  let events: EngineEvents;
  const drivers: TargetDriver[] = [];

  beforeAll(async () => {
    host = await startPodmanHost();
    engine = createEngine(host.socketPath, clock);
    events = createEngineEvents(engine, clock, log);
  }, 60_000);
  afterAll(async () => {
    for (const driver of drivers) driver.close?.();
    events?.close();
    engine?.close();
    await host?.stop();
  }, 30_000);

  function driverOf(container: string, over: Partial<DockerTarget> = {}): TargetDriver {
    const target: DockerTarget = {
      name: container,
      kind: 'docker',
      container,
      socketPath: host.socketPath,
      stopWithin: seconds(1),
      critical: false,
      dependsOn: [],
      group: null,
      probes: [],
      ...over,
    };
    const driver = createDockerDriver(target, { engine, events, clock, log, memory });
    drivers.push(driver);
    return driver;
  }
  async function upOf(name: string, ...command: readonly string[]): Promise<TargetDriver> {
    const driver = driverOf(name);
    await host.run(name, command);
    await driver.refresh();
    expect(driver.state()).toMatchObject({ up: true, hold: null });
    return driver;
  }

  it.concurrent('restarts a container that ignores TERM, and waits for it', async () => {
    const driver = await upOf('deaf', 'sh', '-c', 'trap "" TERM; while true; do sleep 1; done');
    const [before] = driver.state().pids;
    expect(await driver.perform(RESTART, signal)).toMatchObject({
      kind: 'succeeded',
      note: expect.stringContaining('answered 204'),
    });
    expect(driver.state().up).toBe(true);
    expect(driver.state().pids[0]).not.toBe(before);
  });

  it.concurrent('tells a stop by a person from a crash, and restarts after the crash', async () => {
    const stopped = await upOf('stopped', 'sleep', '1000');
    await host.podman('stop', '-t', '0', 'stopped');
    await until('the stop is seen', () => stopped.state().hold?.kind === 'manual_stop');
    await host.podman('start', 'stopped');
    await until('the start is seen', () => stopped.state().up === true && stopped.state().hold === null);

    const crashed = await upOf('crashed', 'sh', '-c', 'sleep 2; exit 3');
    await until('the crash is seen', () => crashed.state().up === false);
    expect(crashed.state()).toMatchObject({ hold: null, reason: expect.stringContaining('exit 3') });
    expect(await crashed.perform(RESTART, signal)).not.toMatchObject({ kind: 'unknown' });
  });

  it.concurrent('leaves a container with a restart policy to its engine at first', async () => {
    const driver = driverOf('kept');
    await host.run('kept', ['sh', '-c', 'sleep 2; exit 3'], ['--restart=always']);
    await driver.refresh();
    await until(
      'it is seen to be down, or back',
      () => driver.state().hold?.kind === 'foreign' || driver.state().up === true,
    );
    expect(driver.state().hold?.kind === 'manual_stop').toBe(false);
    await host.podman('rm', '-f', '-t', '0', 'kept');
  });

  it.concurrent('knows that a missing container cannot be restarted', async () => {
    const driver = driverOf('nobody');
    await driver.refresh();
    expect(driver.describe(RESTART)).toEqual({ kind: 'cannot', reason: 'there is no container nobody' });
    expect(await driver.perform(RESTART, signal)).toMatchObject({ kind: 'failed' });
  });

  it.concurrent('says that an engine without the update call cannot slow containers, and asks it once', async () => {
    const driver = await upOf('unlimited', 'sleep', '1000');
    const room = { need: 'cpu', cores: 0.5, memoryBytes: null, usedBytes: null } as const;
    const answer = await driver.slowing?.plan(room);
    expect(answer).toMatchObject({
      kind: 'can',
      plan: {
        effect: '0.5 cpus for container unlimited',
        undo: expect.stringContaining('as many cpus as it likes'),
      },
    });
    if (answer?.kind !== 'can') return;

    const outcome = await driver.slowing?.apply(answer.plan, signal);

    // Podman 5 has it, 4.3 has not: either is the truth of this engine.
    if (outcome?.kind === 'failed') {
      expect(outcome.reason).toContain('cannot update containers');
      expect(await driver.slowing?.plan(room)).toMatchObject({ kind: 'cannot' });
    } else {
      expect(outcome).toMatchObject({ kind: 'succeeded' });
      expect(await driver.slowing?.release(answer.plan, signal)).toMatchObject({ kind: 'succeeded' });
    }
  });

  it.concurrent('judges a container that ends between TERM and KILL by looking at it', async () => {
    const driver = await upOf(
      'slow-end',
      'sh',
      '-c',
      'trap "sleep 1; exit 0" TERM; while true; do sleep 0.1; done',
    );
    expect(await driver.perform(RESTART, signal)).toMatchObject({ kind: 'succeeded' });
    expect(driver.state().up).toBe(true);
  });

  it.concurrent('reads the last lines of its log', async () => {
    const driver = await upOf('talker', 'sh', '-c', 'echo one; echo two; sleep 1000');
    await until('it has spoken', async () => (await driver.logLines?.(5))?.length === 2);
    expect(await driver.logLines?.(1)).toEqual(['two']);
  });

  it('says that nothing is known when the socket is gone', async () => {
    const driver = await upOf('last', 'sleep', '1000');
    await host.podman('rm', '-f', '-t', '0', '-a');
    await host.breakApi();
    await driver.refresh();
    expect(driver.state().up).toBeNull();
    expect(driver.describe(RESTART)).toMatchObject({ kind: 'cannot' });
    expect(await driver.perform(RESTART, signal)).toMatchObject({ kind: 'failed' });
  });
});
