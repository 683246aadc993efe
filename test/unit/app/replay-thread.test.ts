import { describe, expect, it } from 'vitest';
import { replayHistory } from '../../../src/app/replay-history.ts';
import { startReplay } from '../../../src/app/replay-thread.ts';
import { ms } from '../../../src/domain/units.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { ROWS, replayInput, shippedWithWorker, writePast } from '../../support/stored-past.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

describe('startReplay', () => {
  it('comes to the same as in this thread, and says how far it is', async () => {
    const folder = temporaryFolder();
    writePast(folder);
    const input = replayInput(folder, await shippedWithWorker());
    const seen: number[] = [];

    const { summary } = startReplay({ input, isPatient: true }, createSystemClock(), (rows) =>
      seen.push(rows),
    );

    const here = await replayHistory(input, { monotonic: () => ms(0) });
    expect({ ...(await summary), took: 0 }).toEqual({ ...here, took: 0 });
    expect(seen).toEqual([500, ROWS]);
  }, 60_000);

  it('ends when it is told to', async () => {
    const folder = temporaryFolder();
    writePast(folder);
    const input = replayInput(folder, await shippedWithWorker());

    const running = startReplay({ input, isPatient: true }, createSystemClock(), () => {});
    running.stop();

    await expect(running.summary).rejects.toThrow('ended without a result');
  });
});
