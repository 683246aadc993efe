/** Keeps what is known of one unit: looked at on a beat and whenever systemd says that something changed. */
import type { Cancel } from '../../../domain/ports.ts';
import type { SystemdTarget, TargetState } from '../../../domain/target.ts';
import { type EpochMs, type Ms, ms } from '../../../domain/units.ts';
import { groupPids } from '../cgroup-pids.ts';
import type { LookDoors } from '../driver.ts';
import { NO_LIVES } from '../lives.ts';
import type { SystemdDoor, UnitAnswer } from './door.ts';
import { type ForeignJob, judgeUnit, type UnitMemory } from './unit.ts';

/** A change is looked at a moment later, when the burst of signals around it is over. */
const CALM: Ms = ms(50);

export interface UnitWatchDeps extends LookDoors {
  readonly door: SystemdDoor;
}

export interface UnitWatch {
  state(): TargetState;
  /** Why nothing can be done with it here, or `null`. */
  fault(): string | null;
  take(answer: UnitAnswer): void;
  refresh(): Promise<void>;
  /** What happens to the unit meanwhile is our doing. */
  asOurs<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

export function createUnitWatch({ name, unit }: SystemdTarget, deps: UnitWatchDeps): UnitWatch {
  const { door, clock, memory } = deps;
  let state: TargetState = { name, up: null, pids: [], reason: 'not looked at yet' };
  let known: UnitMemory = { lives: NO_LIVES, down: null, restlessSince: null };
  let lastUp: EpochMs | null = null;
  let job: ForeignJob = 'none';
  let isOurs = false;
  let fault: string | null = null;
  let calm: Cancel | null = null;

  /** Jobs are known when they were watched since before it was up last. */
  const jobsSeen = (): ForeignJob => {
    const since = door.watchedSince();
    const isWatched = since !== null && lastUp !== null && since <= lastUp;
    return job === 'none' && !isWatched ? 'not_watched' : job;
  };
  const take = (answer: UnitAnswer): void => {
    if (answer.kind === 'silent') {
      fault = answer.lasting ? answer.reason : null;
      state = { name, up: null, pids: [], reason: answer.reason };
      return;
    }
    const { view } = answer;
    fault = view.loadState === 'loaded' ? null : `systemd has ${unit} as ${view.loadState}`;
    const now = clock.now();
    const before = { ...known, down: memory.get(name) };
    const verdict = judgeUnit(unit, { view, memory: before, job: jobsSeen(), isOurs, now });
    known = verdict.memory;
    memory.set(name, known.down);
    if (verdict.state.up === true) {
      lastUp = now;
      job = 'none';
    }
    state = { name, pids: groupPids(view.controlGroup, view.mainPid), ...verdict.state };
  };
  const refresh = async (): Promise<void> => take(await door.look(unit));
  const stopWatching = door.watch(unit, {
    job(type) {
      job = type === 'stop' || job === 'stop' ? 'stop' : 'other';
    },
    changed() {
      calm ??= clock.in(CALM, () => {
        calm = null;
        refresh().catch(() => {}); // the next beat looks again
      });
    },
  });

  return {
    state: () => state,
    fault: () => fault,
    take,
    refresh,
    async asOurs(work) {
      isOurs = true;
      try {
        return await work();
      } finally {
        isOurs = false;
      }
    },
    close() {
      stopWatching();
      calm?.();
    },
  };
}
