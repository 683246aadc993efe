/**
 * Targets of kind `command`: a configured argv for each capability, run without a shell. A `check` that cannot be
 * started says nothing about the target: unknown, never down.
 */
import type { CommandResult, CommandRunner } from '../../domain/ports.ts';
import type { Outcome } from '../../domain/strategy.ts';
import type { Capability, CommandTarget, TargetState } from '../../domain/target.ts';
import { type Ms, seconds } from '../../domain/units.ts';
import { fillArgv, showArgv } from '../templates.ts';
import {
  type CapabilityCall,
  type CapabilityText,
  cannot,
  failed,
  succeeded,
  type TargetDriver,
} from './driver.ts';

const CHECK_LIMIT = seconds(10);
/** The executor ends an action sooner; this only bounds a runner whose signal was lost. */
const RUN_LIMIT = seconds(600);

export function createCommandDriver(
  target: CommandTarget,
  commands: CommandRunner,
  host: string,
  hasProgram: (path: string) => boolean = () => true,
): TargetDriver {
  const values = { target: target.name, host };
  let state: TargetState = unknownState(
    target.name,
    target.check === null ? 'nothing checks it' : 'not checked yet',
  );

  const run = async (argv: readonly string[] | undefined, signal: AbortSignal): Promise<Outcome> => {
    if (argv === undefined) return failed(`${target.name} has no such command`);
    return runArgv(argv, values, { commands, timeLimit: RUN_LIMIT, signal });
  };

  return {
    target,
    capabilities: () => Object.keys(target.commands) as Capability[],
    describe: (call) => describe(call, target, host, hasProgram),
    forksToLook: true,
    perform: (call, signal) => run(target.commands[call.capability], signal),
    undo: (call, signal) => run(target.undo[call.capability], signal),
    state: () => state,
    async refresh() {
      if (target.check === null) return;
      const filled = fillArgv(target.check, values);
      if (filled.kind === 'unfit') {
        state = unknownState(target.name, filled.reason);
        return;
      }
      state = judgeCheck(target.name, await commands.run({ argv: filled.argv, timeLimit: CHECK_LIMIT }));
    },
  };
}

function describe(
  call: CapabilityCall,
  target: CommandTarget,
  host: string,
  hasProgram: (path: string) => boolean,
): CapabilityText {
  const argv = target.commands[call.capability];
  const inverse = target.undo[call.capability];
  if (argv === undefined) return cannot(target, call.capability);
  const filled = fillArgv(argv, { target: target.name, host });
  if (filled.kind === 'unfit') return { kind: 'cannot', reason: filled.reason };
  const program = filled.argv[0] ?? '';
  if (!hasProgram(program)) return { kind: 'cannot', reason: `${program} does not exist here` };
  const undo = inverse === undefined ? null : fillArgv(inverse, { target: target.name, host });
  return {
    kind: 'can',
    effect: showArgv(filled.argv),
    undo: undo?.kind === 'filled' ? showArgv(undo.argv) : null,
    idempotent: call.capability === 'restart' || call.capability === 'clear_cache',
    forks: true,
  };
}

interface RunOptions {
  readonly commands: CommandRunner;
  readonly timeLimit: Ms;
  readonly signal: AbortSignal;
}

/** Runs a configured argv; shared with runbooks. */
export async function runArgv(
  argv: readonly string[],
  values: { readonly target: string | null; readonly host: string },
  { commands, timeLimit, signal }: RunOptions,
): Promise<Outcome> {
  const filled = fillArgv(argv, values);
  if (filled.kind === 'unfit') return failed(filled.reason);
  return toOutcome(await commands.run({ argv: filled.argv, timeLimit, signal }));
}

function toOutcome(result: CommandResult): Outcome {
  switch (result.kind) {
    case 'exited':
      return result.code === 0 ? succeeded('exit 0') : failed(`exit ${result.code}${tail(result.output)}`);
    case 'killed':
      return { kind: 'unknown', reason: `ended by ${result.signal}` };
    case 'timed_out':
      return { kind: 'unknown', reason: 'ended after its time was over' };
    case 'not_started':
      return failed(`could not be started: ${result.reason}`);
  }
}

function judgeCheck(name: string, result: CommandResult): TargetState {
  if (result.kind !== 'exited') {
    const why = result.kind === 'not_started' ? result.reason : 'the check did not end by itself';
    return unknownState(name, `check: ${why}`);
  }
  const up = result.code === 0;
  return {
    name,
    up,
    pids: [],
    reason: up ? 'check: exit 0' : `check: exit ${result.code}${tail(result.output)}`,
  };
}

function unknownState(name: string, reason: string): TargetState {
  return { name, up: null, pids: [], reason };
}

/** The last words of a command, short enough for a timeline. */
function tail(output: string): string {
  const last = output.trim().split('\n').at(-1)?.trim() ?? '';
  return last === '' ? '' : `: ${last.slice(-200)}`;
}
