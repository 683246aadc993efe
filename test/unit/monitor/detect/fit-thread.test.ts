import { afterAll, describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../../src/domain/units.ts';
import { createFitThread } from '../../../../src/monitor/detect/fit-thread.ts';
import { type FitTask, fitHost } from '../../../../src/monitor/detect/host-model.ts';
import { createSystemClock } from '../../../../src/platform/clock.ts';
import { hostRows, newDetector } from '../../../support/detector-rows.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

function task(): FitTask {
  const detector = newDetector();
  for (const row of hostRows({ days: 2, step: minutes(5) })) detector.learn(row);
  const due = detector.dueFit();
  if (due === null) throw new Error('no fit is due');
  return due;
}

describe('createFitThread', () => {
  const thread = createFitThread({ clock: createSystemClock() });
  afterAll(() => thread.stop());

  it('fits the same model in the thread as here', async () => {
    const expected = fitHost(task());

    expect(await thread.fit(task())).toEqual(expected);
  });

  it('gives up a fit that never ends', async () => {
    const clock = createFakeClock();
    const stuck = createFitThread({ clock });
    const fit = stuck.fit(task());
    const failure = expect(fit).rejects.toMatchObject({ code: 'DEADLINE' });
    await clock.advance(seconds(121));

    await failure;
    await stuck.stop();
  });
});
