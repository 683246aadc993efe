import { describe, expect, it } from 'vitest';
import { before, seconds } from '../../../src/domain/units.ts';
import { type AdoptionEvidence, adoptUnrecorded, judgeAdoption } from '../../../src/healing/adoption.ts';
import type { LiveProcess, MarkedProcess } from '../../../src/healing/host-processes.ts';
import type { RunningRun } from '../../../src/healing/worker-record.ts';
import { START } from '../../support/builders.ts';

const RUN: RunningRun = {
  phase: 'running',
  spawnId: 'aa',
  at: before(START, seconds(60)),
  pid: 42,
  startTicks: 7_000,
  bootId: 'boot-1',
};
const ALIVE: LiveProcess = { kind: 'alive', startTicks: 7_000, group: 42 };
const EVIDENCE: AdoptionEvidence = { look: ALIVE, marked: [], bootId: 'boot-1', now: START };

const marked = (pid: number, spawnId: string, over: Partial<LiveProcess> = {}): MarkedProcess => ({
  pid,
  process: { kind: 'alive', startTicks: pid, group: pid, ...over },
  mark: { pool: 'p', slot: 'billing#0', spawnId },
});

describe('judgeAdoption', () => {
  it('takes over the process with the recorded pid, start time and boot', () => {
    expect(judgeAdoption(RUN, EVIDENCE)).toEqual({ kind: 'adopt', run: RUN });
  });

  it('takes over a worker whose stop or restart was cut short', () => {
    expect(judgeAdoption({ ...RUN, phase: 'ending' }, EVIDENCE)).toEqual({ kind: 'adopt', run: RUN });
  });

  it.each([
    ['is gone', { kind: 'gone' } as const],
    ['is a zombie', { kind: 'zombie' } as const],
    ['has a stranger behind its pid', { ...ALIVE, startTicks: 7_001 }],
  ])('counts an exit when it %s', (_, look) => {
    expect(judgeAdoption(RUN, { ...EVIDENCE, look })).toEqual({ kind: 'ended', pid: 42, lived: 60_000 });
  });

  it('counts none when it was being ended on order, or when the host was started anew', () => {
    const gone = { ...EVIDENCE, look: { kind: 'gone' } as const };

    expect(judgeAdoption({ ...RUN, phase: 'ending' }, gone).kind).toBe('none');
    expect(judgeAdoption(RUN, { ...gone, bootId: 'boot-2' }).kind).toBe('none');
  });

  it('leaves alone what cannot be told: a second one would be worse than none', () => {
    const unknown = { kind: 'unknown', reason: 'EMFILE' } as const;

    expect(judgeAdoption(RUN, { ...EVIDENCE, look: unknown }).kind).toBe('doubtful');
    expect(judgeAdoption({ ...RUN, startTicks: null }, EVIDENCE).kind).toBe('doubtful');
    expect(judgeAdoption(RUN, { ...EVIDENCE, bootId: null }).kind).toBe('doubtful');
  });

  it('finds a run without a pid by its spawn id: the oldest group leader, not its children', () => {
    const spawning = { phase: 'spawning', spawnId: 'aa', at: START } as const;
    const found = [marked(90, 'aa'), marked(50, 'aa'), marked(40, 'aa', { group: 39 }), marked(30, 'bb')];

    expect(judgeAdoption(spawning, { ...EVIDENCE, look: null, marked: found })).toMatchObject({
      kind: 'adopt',
      run: { phase: 'running', pid: 50, startTicks: 50, spawnId: 'aa' },
    });
    expect(judgeAdoption(spawning, { ...EVIDENCE, look: null }).kind).toBe('none');
  });
});

describe('adoptUnrecorded', () => {
  it('takes over the only candidate, and nobody when there are two', () => {
    expect(adoptUnrecorded({ ...EVIDENCE, marked: [marked(50, 'aa')] })).toMatchObject({ kind: 'adopt' });
    expect(adoptUnrecorded({ ...EVIDENCE, marked: [marked(50, 'aa'), marked(60, 'bb')] }).kind).toBe(
      'doubtful',
    );
    expect(adoptUnrecorded(EVIDENCE).kind).toBe('none');
  });
});
