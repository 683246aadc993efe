import { describe, expect, it } from 'vitest';
import { createReplayJob, type ReplayJob } from '../../../src/app/replay-job.ts';
import type { RunningReplay } from '../../../src/app/replay-thread.ts';
import type { ReplayResult, ReplaySummary } from '../../../src/domain/rehearsal.ts';
import { epochMs, hours, minutes, ms, seconds } from '../../../src/domain/units.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { replayInput, shippedWithWorker } from '../../support/stored-past.ts';

const config = await shippedWithWorker();
const WEEK = replayInput('/data', config);
const DAY = replayInput('/data', config, {
  request: { window: hours(1), strategy: null, config: 'current' },
});

interface Begun {
  readonly progress: (rows: number, of: number) => void;
  readonly end: (rows: number) => void;
  readonly fail: (cause: Error) => void;
}

function setUp(): { clock: FakeClock; job: ReplayJob; begun: Begun[]; told: ReplayResult[] } {
  const clock = createFakeClock();
  const begun: Begun[] = [];
  const told: ReplayResult[] = [];
  const job = createReplayJob({
    clock,
    start(input, progress): RunningReplay {
      let end: (summary: ReplaySummary) => void = () => {};
      let fail: (cause: Error) => void = () => {};
      const summary = new Promise<ReplaySummary>((resolve, reject) => {
        end = resolve;
        fail = reject;
      });
      begun.push({ progress, fail, end: (rows) => end(summaryOf(input.request, rows)) });
      return { summary, stop: () => fail(new Error('terminated')) };
    },
  });
  return { clock, job, begun, told };
}

function summaryOf(request: ReplaySummary['request'], rows: number): ReplaySummary {
  const nothing = { metrics: 1, configHash: 'abc', incidents: [], anomalies: 0, infos: 0, took: ms(1) };
  return { request, rows, from: epochMs(0), to: epochMs(1), ...nothing };
}

describe('createReplayJob', () => {
  it('answers with the result where it comes in time', async () => {
    const { job, begun, told } = setUp();
    const asked = job.run(WEEK, seconds(25), (result) => told.push(result));

    begun[0]?.end(10);

    expect(await asked).toMatchObject({ kind: 'replayed', summary: { rows: 10 } });
    expect(told).toEqual([]);
  });

  it('says how far it is when patience is over, goes on, and tells what came of it', async () => {
    const { clock, job, begun, told } = setUp();
    const asked = job.run(WEEK, seconds(25), (result) => told.push(result));
    begun[0]?.progress(250, 1_000);
    await clock.advance(seconds(25));

    expect(await asked).toMatchObject({ kind: 'running', progress: { rows: 250, of: 1_000, left: 75_000 } });
    begun[0]?.end(1_000);
    await clock.settle();

    expect(told).toMatchObject([{ kind: 'replayed' }]);
  });

  it('keeps a result that nobody waited for until it is asked for again, once', async () => {
    const { clock, job, begun } = setUp();
    const asked = job.run(WEEK, seconds(25));
    await clock.advance(seconds(25));
    await asked;
    begun[0]?.end(7);
    await clock.advance(minutes(10));

    expect(await job.run(WEEK, seconds(25))).toMatchObject({ kind: 'replayed', summary: { rows: 7 } });
    void job.run(WEEK, null);
    expect(begun).toHaveLength(2);
  });

  it('forgets it after an hour', async () => {
    const { clock, job, begun } = setUp();
    const asked = job.run(WEEK, seconds(25));
    await clock.advance(seconds(25));
    await asked;
    begun[0]?.end(7);
    await clock.advance(hours(2));

    void job.run(WEEK, null);

    expect(begun).toHaveLength(2);
  });

  it('lets whoever asks the same wait for the same replay, and refuses another meanwhile', async () => {
    const { job, begun } = setUp();
    const [first, second] = [job.run(WEEK, null), job.run(WEEK, seconds(25))];
    begun[0]?.progress(1, 4);

    expect(await job.run(DAY, null)).toMatchObject({ kind: 'busy', progress: { rows: 1, of: 4 } });
    begun[0]?.end(4);

    expect(begun).toHaveLength(1);
    expect(await first).toEqual(await second);
  });

  it('ends one that is under way when it is told to, and is free for the next', async () => {
    const { job, begun } = setUp();
    const asked = job.run(WEEK, null);

    expect(job.stop()).toBe(true);

    expect(await asked).toEqual({ kind: 'failed', reason: 'The replay was ended.' });
    expect(job.stop()).toBe(false);
    void job.run(DAY, null);
    expect(begun).toHaveLength(2);
  });

  it('says why one failed, and that there was nothing to replay', async () => {
    const { job, begun } = setUp();
    const failing = job.run(WEEK, null);
    begun[0]?.fail(new Error('out of memory'));

    expect(await failing).toEqual({ kind: 'failed', reason: 'out of memory' });
    const empty = job.run(WEEK, null);
    begun[1]?.end(0);

    expect(await empty).toMatchObject({ kind: 'not_found' });
  });
});
