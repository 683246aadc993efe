import { describe, expect, it } from 'vitest';
import { type Ms, ms, seconds } from '../../../../src/domain/units.ts';
import type { Core } from '../../../../src/healing/engine/core.ts';
import type { IntakeQueue } from '../../../../src/healing/engine/intake-queue.ts';
import type { StepQueue } from '../../../../src/healing/engine/step-queue.ts';
import { createTick } from '../../../../src/healing/engine/tick.ts';
import { createMemoryLogger } from '../../../support/memory-ports.ts';

function stage(resumeIfNeeded: () => Promise<void> = async () => {}) {
  let monotonic = 0;
  const shifts: Ms[] = [];
  const log = createMemoryLogger();
  let announced = 0;
  const core = {
    deps: { clock: { monotonic: () => ms(monotonic) }, log, metrics: { activeAnomalies: () => [] } },
    incidents: {
      announce: async () => {
        announced += 1;
      },
      records: () => [],
    },
    switches: { expire: async () => ({ freeze: null, mode: null }) },
    approvals: { expire: async () => [] },
    deadlines: { shift: (span: Ms) => shifts.push(span), sweep: () => {} },
  } as unknown as Core;
  const queue = { poke: () => {}, isPutOff: () => false } as unknown as StepQueue;
  const intake = { arrive: async () => {} } as unknown as IntakeQueue;
  core.deps.clock.now = () => 0 as never;
  return {
    tick: createTick({ core, queue, intake, resumeIfNeeded }),
    sleep: (span: Ms) => {
      monotonic += span;
    },
    shifts,
    log,
    announced: () => announced,
  };
}

describe('createTick', () => {
  it('moves every deadline on by the time it slept through, so that nothing falls due in a burst', async () => {
    const { tick, sleep, shifts } = stage();
    await tick();
    sleep(seconds(1));
    await tick();
    sleep(seconds(14));
    await tick();
    expect(shifts).toEqual([]);
    sleep(seconds(600));
    await tick();
    expect(shifts).toEqual([seconds(599)]);
  });

  it('goes on with the other parts when one fails', async () => {
    const { tick, log, announced } = stage(() => Promise.reject(new Error('disk full')));
    await tick();
    expect(log.lines).toMatchObject([{ fields: { part: 'resume', error: 'disk full' } }]);
    expect(announced()).toBe(1);
  });
});
