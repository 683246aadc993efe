import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createDrills, type DrillDeps, type Drills } from '../../../../src/app/drill/drill.ts';
import type { TrialRequest } from '../../../../src/app/drill/trial.ts';
import { DRILL_FAULTS, type DrillReport, type DrillTrial } from '../../../../src/domain/drill.ts';
import type { OpsEvent } from '../../../../src/domain/events.ts';
import { seconds } from '../../../../src/domain/units.ts';
import { createProcReader } from '../../../../src/platform/proc.ts';
import { actor } from '../../../support/builders.ts';
import { trial } from '../../../support/drill-builders.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import {
  createMemoryCommands,
  createMemoryHttp,
  createMemoryLogger,
  createSeededRandom,
} from '../../../support/memory-ports.ts';
import { temporaryFolder } from '../../../support/temp-folder.ts';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

const clock = createFakeClock();

function desk(run: (request: TrialRequest) => Promise<DrillTrial> | DrillTrial): {
  readonly drills: Drills;
  readonly events: OpsEvent[];
} {
  const events: OpsEvent[] = [];
  const deps: DrillDeps = {
    clock,
    http: createMemoryHttp(),
    commands: createMemoryCommands(),
    random: createSeededRandom(),
    proc: createProcReader(),
    log: createMemoryLogger(),
    timezone: 'UTC',
    path: '/usr/bin',
    hostname: 'web-1',
    dataFolder: folder,
    bus: { publish: (event) => void events.push(event) },
    nameOf: () => 'cli:anna',
    trial: async (request) => run(request),
  };
  return { drills: createDrills(deps), events };
}

const answer = ({ entry, repetition }: TrialRequest): DrillTrial =>
  entry === null
    ? trial({ fault: 'control', ending: 'calm', detected: null, recovered: null, actions: 0 })
    : trial({
        fault: entry.fault,
        ending: entry.mustEnd,
        repetition,
        ...(entry.mustEnd === 'healed' ? {} : { recovered: null }),
      });

describe('createDrills', () => {
  it('runs every fault as often as asked and one control period, keeps report and chart, and tells it', async () => {
    const { drills, events } = desk(answer);

    const begun = await drills.run({ fault: null, repeat: 2 }, actor(), false);
    expect(begun.kind).toBe('done');
    expect(drills.underWay()).toBe(true);
    await drills.finished();

    const { last, running, before, failure } = await drills.status();
    expect({ running, before, failure }).toEqual({ running: null, before: null, failure: null });
    expect(last?.trials).toHaveLength(2 * DRILL_FAULTS.length + 1);
    expect(last).toMatchObject({ by: 'cli:anna', fault: null, repeat: 2, passed: true, misses: [] });
    expect(events).toEqual([{ type: 'drill.finished', kind: 'faults', report: last as DrillReport }]);
    const files = readdirSync(join(folder, 'drills')).filter((name) => /\.(json|svg)$/.test(name));
    expect(files.sort()).toEqual([`${last?.id}.json`, `${last?.id}.svg`]);
    const svg = readFileSync(join(folder, 'drills', `${last?.id}.svg`), 'utf8');
    expect(svg).toMatch(/^<svg .*100 % healed, 0 wrong actions/);
    expect(svg.match(/class="r"/g)).toHaveLength(10);
    expect(readFileSync(join(folder, 'drills', `${last?.id}.json`), 'utf8')).toContain('"detectSeconds": 10');
  });

  it('compares with the run before of the same faults', async () => {
    const { drills } = desk(answer);
    for (const fault of ['hung', 'leak', 'hung'] as const) {
      await drills.run({ fault, repeat: 1 }, actor(), false);
      await drills.finished();
      await clock.advance(seconds(2));
    }
    const { last, before } = await drills.status();

    expect(last?.fault).toBe('hung');
    expect(before?.fault).toBe('hung');
    expect(before?.id).not.toBe(last?.id);
  });

  it('touches nothing on a dry run and says what it would do', async () => {
    const { drills } = desk(() => {
      throw new Error('touched');
    });

    expect(await drills.run({ fault: 'hung', repeat: 3 }, actor(), true)).toMatchObject({
      kind: 'would',
      text: expect.stringMatching(/hung, each 3 times/),
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('runs one drill at a time, also beside another program on the same folder', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const { drills } = desk(async (request) => {
      await held;
      return answer(request);
    });
    await drills.run({ fault: 'hung', repeat: 1 }, actor(), false);

    expect(await drills.run({ fault: 'hung', repeat: 1 }, actor(), false)).toMatchObject({ kind: 'refused' });
    expect(await desk(answer).drills.run({ fault: 'hung', repeat: 1 }, actor(), false)).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/another program/),
    });
    expect((await drills.status()).running).toMatchObject({ done: 0, total: 2 });

    release();
    await drills.finished();
    expect((await drills.run({ fault: 'hung', repeat: 1 }, actor(), false)).kind).toBe('done');
    await drills.finished();
  });

  it('says why a drill did not come to its end, and leaves no report of it', async () => {
    const { drills, events } = desk(() => {
      throw new Error('no room');
    });
    await drills.run({ fault: 'hung', repeat: 1 }, actor(), false);
    await drills.finished();
    await drills.stop();

    expect(await drills.status()).toMatchObject({ running: null, last: null, failure: 'no room' });
    expect(events).toEqual([]);
  });
});
