/**
 * What a unit of systemd is in, judged from its properties. Pure.
 *
 * `systemctl stop` and a TERM by hand end in the same state. They differ by the job of the manager: an end with a
 * job that is not ours is a person's stop, one without is an end of its own. Where jobs were not watched it cannot
 * be told, and then hands are kept off.
 */
import type { TargetHold, TargetState } from '../../../domain/target.ts';
import { after, type EpochMs, type Ms, ms, seconds } from '../../../domain/units.ts';
import { foreignHold, stopHold } from '../foreign.ts';
import { isCrashLoop, type Lives, restartsLately, seeLife } from '../lives.ts';
import type { DownEntry } from '../memory.ts';

/** Beyond RestartSec, so that a service may come up. */
const CYCLE_SLACK: Ms = seconds(5);

export interface UnitView {
  readonly loadState: string;
  readonly activeState: string;
  readonly subState: string;
  readonly result: string;
  readonly type: string;
  readonly mainPid: number;
  readonly invocation: string;
  readonly exitStatus: number;
  /** `no`, `always`, `on-failure` … */
  readonly restart: string;
  readonly restartDelay: Ms;
  readonly startLimit: Ms;
  /** Path of its control group, empty where it has none. */
  readonly controlGroup: string;
}

/** What was seen of jobs that are not ours since the unit was up last. */
export type ForeignJob = 'none' | 'stop' | 'other' | 'not_watched';

export interface UnitMemory {
  readonly lives: Lives;
  readonly down: DownEntry | null;
  /** Since when it has not been up without a break; `null` while it is. */
  readonly restlessSince: EpochMs | null;
}

export interface UnitLook {
  readonly view: UnitView;
  readonly memory: UnitMemory;
  readonly job: ForeignJob;
  /** We restart it just now. */
  readonly isOurs: boolean;
  readonly now: EpochMs;
}

export interface UnitVerdict {
  readonly state: Omit<TargetState, 'name' | 'pids'>;
  readonly memory: UnitMemory;
}

export function judgeUnit(unit: string, look: UnitLook): UnitVerdict {
  const { view, memory, isOurs, now } = look;
  const life = view.activeState === 'active' && view.invocation !== '' ? view.invocation : null;
  const lives = seeLife(memory.lives, life, isOurs, now);
  const seen: UnitLook = { ...look, memory: { ...memory, lives } };
  if (view.loadState !== 'loaded') return missing(unit, seen);
  switch (view.activeState) {
    case 'active':
    case 'reloading':
      return isCrashLoop(lives, now) ? looping(unit, seen) : up(seen);
    case 'activating':
      return view.subState === 'auto-restart' ? restarting(unit, seen) : underWay(unit, seen, 'is starting');
    case 'deactivating':
      return underWay(unit, seen, 'is stopping');
    case 'failed':
      return look.job === 'stop' || memory.down?.kind === 'stopped' ? stopped(unit, seen) : failed(seen);
    default:
      return inactive(unit, seen);
  }
}

function missing(unit: string, { view, memory }: UnitLook): UnitVerdict {
  return verdict(null, `systemd has ${unit} as ${view.loadState}`, null, memory);
}

function up({ view, memory, now }: UnitLook): UnitVerdict {
  const restarts = restartsLately(memory.lives, now);
  const said = restarts === 0 ? '' : `, started ${restarts} times by others in 10 min`;
  return verdict(true, `${view.activeState} (${view.subState})${said}`, null, {
    ...memory,
    down: null,
    restlessSince: null,
  });
}

/** It is up at this moment, and was at many moments before: that is no health. */
function looping(unit: string, look: UnitLook): UnitVerdict {
  const { memory, now } = look;
  const since = memory.restlessSince ?? now;
  const reason = `crash loop: ${restartsLately(memory.lives, now)} new starts in 10 min`;
  return verdict(false, reason, cycleHold(unit, look, since), { ...memory, restlessSince: since });
}

function restarting(unit: string, look: UnitLook): UnitVerdict {
  const { view, memory, now } = look;
  const since = memory.restlessSince ?? now;
  const reason = `systemd is about to start it again (${view.result})`;
  return verdict(false, reason, cycleHold(unit, look, since), { ...memory, restlessSince: since });
}

function cycleHold(unit: string, { view, now }: UnitLook, since: EpochMs): TargetHold | null {
  if (view.restart === 'no') return null;
  const cycle = ms(view.restartDelay + CYCLE_SLACK);
  return foreignHold(`systemd (Restart=${view.restart} of ${unit})`, since, cycle, now);
}

/** Starting and stopping are neither up nor down; systemd bounds both. */
function underWay(unit: string, { view, memory, now }: UnitLook, what: string): UnitVerdict {
  const since = memory.restlessSince ?? now;
  const until = after(since, view.startLimit);
  const reason = `${unit} ${what}; systemd is at it`;
  const hold: TargetHold | null = now >= until ? null : { kind: 'foreign', reason, until };
  return verdict(null, `${view.activeState} (${view.subState})`, hold, { ...memory, restlessSince: since });
}

function failed({ view, memory, now }: UnitLook): UnitVerdict {
  const status = view.result === 'exit-code' ? `, status ${view.exitStatus}` : '';
  const down = memory.down ?? { kind: 'ended', at: now, why: `failed (${view.result})` };
  return verdict(false, `failed (${view.result}${status})`, null, {
    ...memory,
    down,
    restlessSince: memory.restlessSince ?? now,
  });
}

function inactive(unit: string, look: UnitLook): UnitVerdict {
  const { view, memory, job, now } = look;
  if (view.type === 'oneshot') return verdict(null, 'a oneshot unit between two runs', null, memory);
  if (look.isOurs) return verdict(null, 'is being restarted', null, memory);
  if (memory.down?.kind === 'ended') return ended(look, memory.down);
  const wasSeenUp = memory.lives.current !== null;
  if (memory.down === null && job === 'none' && wasSeenUp) {
    return ended(look, { kind: 'ended', at: now, why: 'ended without being asked to' });
  }
  return stopped(unit, look);
}

function ended({ memory, now }: UnitLook, down: DownEntry): UnitVerdict {
  const restlessSince = memory.restlessSince ?? now;
  return verdict(false, `inactive: ${down.why}`, null, { ...memory, down, restlessSince });
}

function stopped(unit: string, { memory, job, now }: UnitLook): UnitVerdict {
  const isSeen = job === 'stop' || job === 'other';
  const why = isSeen ? 'was stopped by somebody' : 'was found stopped';
  const down: DownEntry = memory.down?.kind === 'stopped' ? memory.down : { kind: 'stopped', at: now, why };
  return verdict(null, `inactive: ${down.why}`, stopHold(unit, down), { ...memory, down });
}

function verdict(
  up: boolean | null,
  reason: string,
  hold: TargetHold | null,
  memory: UnitMemory,
): UnitVerdict {
  return { state: { up, reason, hold }, memory };
}
