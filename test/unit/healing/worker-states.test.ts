import { describe, expect, it } from 'vitest';
import type { WorkerState, WorkerStatus } from '../../../src/domain/worker.ts';
import { targetStateOf } from '../../../src/healing/worker-states.ts';
import { START } from '../../support/builders.ts';

const status = (state: WorkerState, over: Partial<WorkerStatus> = {}): WorkerStatus => ({
  worker: 'billing',
  instance: 0,
  state,
  exitsInTenMinutes: 0,
  exitsInDay: 0,
  lastExit: null,
  ...over,
});
const RUNNING: WorkerState = { kind: 'running', pid: 7, since: START, adopted: false };

describe('targetStateOf', () => {
  it.each<[string, WorkerState, boolean | null]>([
    ['up: it runs and answers', RUNNING, true],
    ['down: it does not answer', { kind: 'unhealthy', pid: 7, since: START, reason: 'no answer' }, false],
    ['down: it waits for its restart', { kind: 'backing_off', until: START, reason: 'exited' }, false],
    ['down: it is kept stopped', { kind: 'gave_up', at: START, reason: '5 exits' }, false],
    ['unknown: it gets ready', { kind: 'starting', pid: 7, since: START }, null],
    ['unknown: it is being ended', { kind: 'stopping', pid: 7 }, null],
    ['unknown: a person stopped it', { kind: 'stopped', by: 'cli:local', at: START }, null],
    ['unknown: nobody can tell', { kind: 'not_started', reason: 'doubtful' }, null],
  ])('says %s', (_, state, up) => {
    expect(targetStateOf('billing', [status(state)])).toMatchObject({ name: 'billing', up });
  });

  it('is down when one of several instances is, and says which', () => {
    const states = [
      status(RUNNING),
      status({ kind: 'gave_up', at: START, reason: '5 exits' }, { instance: 1 }),
    ];

    expect(targetStateOf('billing', states)).toEqual({
      name: 'billing',
      up: false,
      pids: [7],
      reason: 'instance 1: kept stopped: 5 exits',
    });
  });

  it('is unknown before anything was started', () => {
    expect(targetStateOf('billing', [])).toMatchObject({ up: null, pids: [] });
  });
});
