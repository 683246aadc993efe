import { describe, expect, it } from 'vitest';
import { createWriters } from '../../../src/app/backups.ts';
import type { WorkerChange, WorkerPool, WorkerStatus } from '../../../src/domain/worker.ts';
import { START } from '../../support/builders.ts';

const UP = { kind: 'running', pid: 1, since: START, adopted: false } as const;
const DOWN = { kind: 'stopped', by: 'kim', at: START } as const;

function workers(up: readonly string[], down: readonly string[], refusing: readonly string[] = []) {
  const calls: string[] = [];
  const answer = async (what: string, name: string): Promise<WorkerChange> => {
    calls.push(`${what} ${name}`);
    return refusing.includes(name) ? { kind: 'failed', reason: 'it hangs' } : { kind: 'done', text: '' };
  };
  const status = (worker: string, state: WorkerStatus['state']): WorkerStatus => ({
    worker,
    instance: 0,
    state,
    exitsInTenMinutes: 0,
    exitsInDay: 0,
    lastExit: null,
  });
  const pool: Pick<WorkerPool, 'list' | 'start' | 'stop'> = {
    list: () => [...up.map((name) => status(name, UP)), ...down.map((name) => status(name, DOWN))],
    start: (name) => answer('start', name),
    stop: (name) => answer('stop', name),
  };
  return { calls, pool };
}

describe('createWriters', () => {
  it('stops the named workers for a restore, and starts again only those that ran', async () => {
    const { calls, pool } = workers(['rpa', 'other'], ['importer']);
    const writers = createWriters(
      () => ['rpa', 'importer'],
      () => pool,
    );

    expect(await writers.stop()).toBeNull();
    expect(await writers.start()).toBeNull();

    expect(calls).toEqual(['stop rpa', 'start rpa']);
  });

  it('says which worker does not stop, and starts those that were stopped for it', async () => {
    const { calls, pool } = workers(['rpa', 'stuck', 'last'], [], ['stuck']);
    const writers = createWriters(
      () => ['rpa', 'stuck', 'last'],
      () => pool,
    );

    expect(await writers.stop()).toBe('worker stuck: it hangs');
    await writers.start();

    expect(calls).toEqual(['stop rpa', 'stop stuck', 'start rpa', 'start stuck']);
  });
});
