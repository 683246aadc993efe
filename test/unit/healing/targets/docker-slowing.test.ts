import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { DockerTarget } from '../../../../src/domain/target.ts';
import type { ThrottlePlan } from '../../../../src/domain/throttle.ts';
import { seconds } from '../../../../src/domain/units.ts';
import { createEngine, type Engine } from '../../../../src/healing/targets/docker/engine.ts';
import { createContainerSlowing } from '../../../../src/healing/targets/docker/slowing.ts';
import type { Slowing, SlowingRoom } from '../../../../src/healing/targets/slowing.ts';
import { createSystemClock } from '../../../../src/platform/clock.ts';
import { type EngineDouble, startEngineDouble } from '../../../support/docker-engine-double.ts';

const MB = 1_048_576;
const HOST = 4_096 * MB;
const CPU: SlowingRoom = { need: 'cpu', cores: 0.5, memoryBytes: null, usedBytes: null };
const MEMORY: SlowingRoom = { need: 'memory', cores: null, memoryBytes: 1_024 * MB, usedBytes: 200 * MB };
const signal = new AbortController().signal;

describe('createContainerSlowing', () => {
  const endings: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
  });

  async function setUp(before: Readonly<Record<string, number>> = {}) {
    const folder = await mkdtemp(join(tmpdir(), 'nightshift-engine-'));
    const docker: EngineDouble = await startEngineDouble(folder, before);
    const engine: Engine = createEngine(docker.socketPath, createSystemClock());
    endings.push(async () => {
      engine.close();
      await docker.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    const target: DockerTarget = {
      name: 'web',
      kind: 'docker',
      container: 'web',
      socketPath: docker.socketPath,
      stopWithin: seconds(1),
      critical: false,
      dependsOn: [],
      group: null,
      probes: [],
    };
    return { docker, slowing: createContainerSlowing(target, engine, HOST) };
  }
  async function planned(slowing: Slowing, room: SlowingRoom): Promise<ThrottlePlan> {
    const answer = await slowing.plan(room);
    if (answer.kind !== 'can') throw new Error(answer.reason);
    return answer.plan;
  }

  it('holds an unlimited container to its cpus and takes the limit off again', async () => {
    const { docker, slowing } = await setUp();
    const plan = await planned(slowing, CPU);
    expect(docker.updates).toEqual([]);

    expect(await slowing.apply(plan, signal)).toMatchObject({ kind: 'succeeded' });
    expect(docker.limits).toMatchObject({ CpuPeriod: 100_000, CpuQuota: 50_000 });
    expect(await slowing.release(plan, signal)).toMatchObject({ kind: 'succeeded' });

    expect(docker.limits['CpuQuota']).toBe(-1);
  });

  it('speaks of NanoCpus to a container that was limited that way', async () => {
    const { docker, slowing } = await setUp({ NanoCpus: 1_500_000_000 });
    const plan = await planned(slowing, CPU);

    await slowing.apply(plan, signal);
    expect(docker.limits['NanoCpus']).toBe(500_000_000);
    await slowing.release(plan, signal);

    expect(docker.limits['NanoCpus']).toBe(1_500_000_000);
  });

  it('limits memory to the share of the host and gives back all of the host where there was no limit', async () => {
    const { docker, slowing } = await setUp();
    const plan = await planned(slowing, MEMORY);
    expect(plan.undo).toContain('all of the host');

    await slowing.apply(plan, signal);
    expect(docker.limits['Memory']).toBe(1_024 * MB);
    await slowing.release(plan, signal);

    expect(docker.limits['Memory']).toBe(HOST);
  });

  it('never limits memory below what is in use: the container would be killed', async () => {
    const { docker, slowing } = await setUp({ Memory: 3_000 * MB, MemorySwap: 3_000 * MB });

    await slowing.apply(await planned(slowing, { ...MEMORY, usedBytes: 2_000 * MB }), signal);

    expect(docker.limits).toMatchObject({ Memory: 2_200 * MB, MemorySwap: 3_000 * MB });
    expect(await slowing.plan({ ...MEMORY, usedBytes: null })).toMatchObject({ kind: 'cannot' });
  });

  it('leaves what a person has set since, and a limit that is tighter already', async () => {
    const { docker, slowing } = await setUp();
    const plan = await planned(slowing, CPU);
    await slowing.apply(plan, signal);
    docker.limits['CpuQuota'] = 20_000;

    expect(await slowing.release(plan, signal)).toMatchObject({ note: 'left as somebody else has set it' });
    expect(docker.limits['CpuQuota']).toBe(20_000);
    expect(await slowing.plan(CPU)).toMatchObject({
      kind: 'cannot',
      reason: 'web is held to 0.2 cpus already',
    });
  });

  it('says why when nobody is at the socket', async () => {
    const { docker, slowing } = await setUp();
    const plan = await planned(slowing, CPU);
    await docker.stop();

    expect(await slowing.apply(plan, signal)).not.toMatchObject({ kind: 'succeeded' });
    expect(await slowing.plan(CPU)).toMatchObject({ kind: 'cannot' });
  });
});
