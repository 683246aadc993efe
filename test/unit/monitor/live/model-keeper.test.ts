import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OpsError } from '../../../../src/domain/errors.ts';
import type { RollupReader } from '../../../../src/domain/rollup.ts';
import { epochMs, minutes, seconds } from '../../../../src/domain/units.ts';
import type { FitThread } from '../../../../src/monitor/detect/fit-thread.ts';
import { PARAMETERS } from '../../../../src/monitor/detect/parameters.ts';
import { createSameThreadFit } from '../../../../src/monitor/detect/same-thread-fit.ts';
import { createModelFile } from '../../../../src/monitor/live/model-file.ts';
import { createModelKeeper, type ModelKeeper } from '../../../../src/monitor/live/model-keeper.ts';
import { hostRows } from '../../../support/detector-rows.ts';
import { createFakeClock, type FakeClock } from '../../../support/fake-clock.ts';
import { createMemoryLogger } from '../../../support/memory-ports.ts';

const MINUTE = 60_000;
const ROWS = hostRows({ days: 3, step: minutes(5) });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightshift-models-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface World {
  readonly keeper: ModelKeeper;
  readonly clock: FakeClock;
  readonly log: ReturnType<typeof createMemoryLogger>;
}

function setUp(over: { readonly rollups?: RollupReader; readonly thread?: FitThread } = {}): World {
  const log = createMemoryLogger();
  const clock = createFakeClock('2026-11-05T00:00:00.000Z');
  const file = createModelFile({ path: join(folder, 'models', 'detector.bin'), parameters: PARAMETERS, log });
  const keeper = createModelKeeper({
    clock,
    log,
    parameters: PARAMETERS,
    forest: () => PARAMETERS.forest,
    localTime: (at) => at,
    file,
    thread: over.thread ?? createSameThreadFit(),
    rollups: over.rollups ?? rollupsOf([]),
  });
  return { keeper, clock, log };
}

/** Judges rows, letting fits that were asked for end. */
async function judge({ keeper, clock }: World, from: number, to: number): Promise<void> {
  for (const row of ROWS.slice(from, to)) {
    keeper.judge(row);
    if (keeper.view().metrics === 0) await clock.settle();
  }
  await clock.settle();
}

async function started(world: World): Promise<World> {
  const start = world.keeper.start();
  for (let turn = 0; turn < 200; turn += 1) await world.clock.advance(seconds(1));
  await start;
  return world;
}

function rollupsOf(rows: typeof ROWS, asked: (readonly [number, number])[] = []): RollupReader {
  const names = [...(rows[0]?.values.keys() ?? []), 'probe_up:web'];
  return {
    minutes(metric, from, to) {
      if (metric === names[0]) asked.push([from, to]);
      const first = epochMs(Math.ceil(from / MINUTE) * MINUTE);
      const values = new Float32Array(Math.max(0, Math.floor((to - first) / MINUTE))).fill(Number.NaN);
      for (const row of rows) {
        const slot = (row.at - first) / MINUTE;
        const value = metric === 'probe_up:web' ? 1 : (row.values.get(metric) ?? Number.NaN);
        if (slot >= 0 && slot < values.length) values[slot] = value;
      }
      return { first, values };
    },
    metrics: () => names,
    oldest: () => rows[0]?.at ?? null,
  };
}

describe('createModelKeeper', () => {
  it('has a model after the first day, and has it again after a restart', async () => {
    const first = setUp();
    await judge(first, 0, 300);
    const known = first.keeper.view();
    await first.keeper.stop();
    const second = await started(setUp());

    expect(known).toMatchObject({ metrics: 8 });
    expect(second.keeper.view()).toEqual(known);
    await second.keeper.stop();
  });

  it('learns what it missed from the roll-ups, from where it was saved and no earlier', async () => {
    const first = setUp();
    await judge(first, 0, 300);
    await first.keeper.stop();
    const asked: (readonly [number, number])[] = [];
    const second = await started(setUp({ rollups: rollupsOf(ROWS, asked) }));

    expect(new Set(asked.map(([from]) => from))).toEqual(new Set([(ROWS[299]?.at ?? 0) + 1]));
    await second.keeper.stop();
  });

  it('has a model at once where the roll-ups hold weeks, without what is up or down', async () => {
    const world = await started(setUp({ rollups: rollupsOf(ROWS.slice(0, -1)) }));
    const last = ROWS.at(-1);
    if (last !== undefined) world.keeper.judge(last);
    await world.clock.settle();

    expect(world.keeper.view()).toMatchObject({ metrics: 8, age: 0 });
    await world.keeper.stop();
  });

  it('uses the backup when the file is damaged, and starts afresh when both are', async () => {
    const first = setUp();
    await judge(first, 0, 300);
    await first.keeper.stop();
    const path = join(folder, 'models', 'detector.bin');
    const whole = await readFile(path);
    await writeFile(path, whole.subarray(0, 1_000));
    await writeFile(`${path}.bak`, whole);
    const second = await started(setUp());
    expect(second.keeper.view().metrics).toBe(8);

    await writeFile(path, 'nothing of use');
    await writeFile(`${path}.bak`, '');
    const third = await started(setUp());
    expect(third.keeper.view().metrics).toBe(0);
    expect(third.log.lines.some((line) => line.message === 'a learnt model cannot be used')).toBe(true);
    await Promise.all([second.keeper.stop(), third.keeper.stop()]);
  });

  it('goes on without a model when a fit fails, and tries again the next day', async () => {
    let asked = 0;
    const thread: FitThread = {
      fit: async () => {
        asked += 1;
        throw new OpsError('DEADLINE', 'a fit took too long');
      },
      stop: async () => {},
    };
    const world = setUp({ thread });
    await judge(world, 0, 860);

    expect(asked).toBe(2);
    expect(world.keeper.judge({ at: epochMs(ROWS[859]?.at ?? 0), values: new Map() }).taken).toBe('late');
    await world.keeper.stop();
  });
});
