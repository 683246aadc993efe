/**
 * At start: is the worker on record still alive, and is it surely the same one? Pure.
 *
 * A process is named by pid, start time and boot. What cannot be told is `doubtful`: the worker is then not
 * started, because two of them are worse than none. A record that never got its pid (the bot died right after
 * the spawn) is found again by the spawn id that the process carries in its environment.
 */
import { type EpochMs, elapsed, type Ms } from '../domain/units.ts';
import type { MarkedProcess, ProcessLook } from './host-processes.ts';
import type { RunningRun, WorkerRun } from './worker-record.ts';

export type Adoption =
  | { readonly kind: 'adopt'; readonly run: RunningRun }
  /** It ended unasked while nobody watched; `lived` is what it lived at most. */
  | { readonly kind: 'ended'; readonly pid: number; readonly lived: Ms }
  | { readonly kind: 'none' }
  | { readonly kind: 'doubtful'; readonly reason: string };

export interface AdoptionEvidence {
  /** The recorded pid as it looks now; `null` where no pid is on record. */
  readonly look: ProcessLook | null;
  /** Living processes that carry the mark of this worker's instance. */
  readonly marked: readonly MarkedProcess[];
  readonly bootId: string | null;
  readonly now: EpochMs;
}

export function judgeAdoption(run: WorkerRun | null, evidence: AdoptionEvidence): Adoption {
  if (run === null) return { kind: 'none' };
  if (run.phase === 'spawning') return findUnrecorded(run.spawnId, run.at, evidence);
  if (run.bootId !== null && evidence.bootId !== null && run.bootId !== evidence.bootId)
    return { kind: 'none' };

  const lived = elapsed(run.at, evidence.now);
  const ended: Adoption = run.phase === 'ending' ? { kind: 'none' } : { kind: 'ended', pid: run.pid, lived };
  const look = evidence.look ?? { kind: 'gone' };
  switch (look.kind) {
    case 'gone':
    case 'zombie':
      return ended;
    case 'unknown':
      return { kind: 'doubtful', reason: `process ${run.pid} cannot be examined: ${look.reason}` };
    case 'alive':
      if (run.startTicks === null || run.bootId === null || evidence.bootId === null) {
        return { kind: 'doubtful', reason: `process ${run.pid} may or may not be the former one` };
      }
      return look.startTicks === run.startTicks
        ? { kind: 'adopt', run: { ...run, phase: 'running' } }
        : ended;
  }
}

/** With the record lost altogether: the one living group leader with our mark, if there is exactly one. */
export function adoptUnrecorded(evidence: AdoptionEvidence): Adoption {
  const leaders = leadersOf(evidence.marked);
  const [only] = leaders;
  if (only === undefined) return { kind: 'none' };
  if (leaders.length > 1) {
    return { kind: 'doubtful', reason: `${leaders.length} processes carry its mark and its record is lost` };
  }
  return { kind: 'adopt', run: runOf(only, evidence.now, evidence.bootId) };
}

function findUnrecorded(spawnId: string, at: EpochMs, evidence: AdoptionEvidence): Adoption {
  const ours = leadersOf(evidence.marked.filter((process) => process.mark.spawnId === spawnId));
  const [first] = ours;
  return first === undefined ? { kind: 'none' } : { kind: 'adopt', run: runOf(first, at, evidence.bootId) };
}

/** Group leaders, the oldest first: a child that made its own group is always younger than its parent. */
function leadersOf(marked: readonly MarkedProcess[]): readonly MarkedProcess[] {
  return marked
    .filter(({ pid, process }) => process.group === pid)
    .toSorted((a, b) => a.process.startTicks - b.process.startTicks);
}

function runOf(found: MarkedProcess, at: EpochMs, bootId: string | null): RunningRun {
  return {
    phase: 'running',
    spawnId: found.mark.spawnId,
    at,
    pid: found.pid,
    startTicks: found.process.startTicks,
    bootId,
  };
}
