/**
 * Targets of kind `systemd`. A job that ends as `done` is no evidence: success is an active unit with the same
 * invocation and main process a settling time later; what it came to is the verifier's to say.
 */
import type { CommandRunner } from '../../../domain/ports.ts';
import type { Outcome } from '../../../domain/strategy.ts';
import type { Capability, SystemdTarget } from '../../../domain/target.ts';
import { type Ms, seconds } from '../../../domain/units.ts';
import {
  type CapabilityText,
  cannot,
  failed,
  succeeded,
  type TargetDriver,
  unknownOutcome,
} from '../driver.ts';
import type { SystemdDoor, UnitAnswer } from './door.ts';
import { readJournal } from './journal.ts';
import { createUnitSlowing } from './slowing.ts';
import type { UnitView } from './unit.ts';
import { createUnitWatch, type UnitWatchDeps } from './watch.ts';

const CAN: readonly Capability[] = ['restart'];
/** So long a restarted unit must stay what it is before its restart counts as done. */
const SETTLE: Ms = seconds(2);
const MAIN_PID_TYPES = ['simple', 'exec', 'notify', 'notify-reload', 'dbus', 'idle'];

export interface SystemdDriverDeps extends UnitWatchDeps {
  /** Reads the journal; `null` = it is not read. */
  readonly commands: CommandRunner | null;
}

export function createSystemdDriver(target: SystemdTarget, deps: SystemdDriverDeps): TargetDriver {
  const { door, commands } = deps;
  const watch = createUnitWatch(target, deps);
  return {
    target,
    capabilities: () => CAN,
    describe(call) {
      if (!CAN.includes(call.capability)) return cannot(target, call.capability);
      const fault = watch.fault();
      return fault === null ? text(target.unit, door) : { kind: 'cannot', reason: fault };
    },
    perform: (call, signal) =>
      call.capability === 'restart'
        ? watch.asOurs(() => restart(target, deps, watch.take, signal))
        : Promise.resolve(failed(`a unit has no ${call.capability}`)),
    undo: (call) => Promise.resolve(failed(`${call.capability} of a unit has no inverse`)),
    state: watch.state,
    refresh: watch.refresh,
    get forksToLook() {
      return door.forks;
    },
    close: watch.close,
    slowing: createUnitSlowing(target, door),
    logLines: async (count) => (commands === null ? [] : readJournal(commands, target.unit, count)),
  };
}

function text(unit: string, door: SystemdDoor): CapabilityText {
  return {
    kind: 'can',
    effect: `reset-failed and restart ${unit}`,
    undo: null,
    idempotent: true,
    forks: door.forks,
  };
}

async function restart(
  { unit }: SystemdTarget,
  { door, clock }: UnitWatchDeps,
  take: (answer: UnitAnswer) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const before = await door.look(unit);
  if (before.kind === 'silent') return failed(before.reason);
  if (before.view.loadState !== 'loaded') return failed(`systemd has ${unit} as ${before.view.loadState}`);
  const end = await door.restart(unit, signal);
  if (end.kind === 'refused') return failed(end.reason);
  if (end.kind === 'lost') return unknownOutcome(`the end of the job was not heard (${end.reason})`);
  const first = await door.look(unit);
  if (end.result !== 'done') return failed(`the job ended as ${end.result}${resultOf(first)}`);
  if (first.kind === 'silent') return unknownOutcome(first.reason);
  await clock.sleep(SETTLE, signal);
  const settled = await door.look(unit);
  take(settled);
  if (settled.kind === 'silent') return unknownOutcome(settled.reason);
  return judgeSettled(first.view, settled.view);
}

function judgeSettled(first: UnitView, settled: UnitView): Outcome {
  const { activeState, subState, result, mainPid, exitStatus } = settled;
  if (activeState !== 'active') {
    const status = result === 'exit-code' ? `, status ${exitStatus}` : '';
    return failed(`it was started and is ${activeState} (${subState}) again: ${result}${status}`);
  }
  if (settled.invocation !== first.invocation || mainPid !== first.mainPid)
    return failed('it was started, ended and was started again within moments');
  if (mainPid === 0 && MAIN_PID_TYPES.includes(settled.type)) return failed('it is active without a process');
  return succeeded(mainPid === 0 ? 'active' : `active, main process ${mainPid}`);
}

function resultOf(answer: UnitAnswer): string {
  if (answer.kind === 'silent') return '';
  const { result, activeState } = answer.view;
  return ` (${activeState}, ${result})`;
}
