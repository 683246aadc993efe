/** Runs a command of the allow-list: an argv by name, never a shell, its blanks filled from typed values only. */
import { runArgv } from '../targets/command.ts';
import { failed } from '../targets/driver.ts';
import { fillArgv, showArgv } from '../templates.ts';
import type { ActionDoors, ActionOf, ActionSpec, Described, Place } from './action.ts';

type RunCommand = ActionOf<'run_command'>;

export function runCommand(doors: ActionDoors): ActionSpec<RunCommand> {
  const { host, commands } = doors;
  const runbookOf = (action: RunCommand) => {
    const all = doors.config.current().commands;
    return Object.hasOwn(all, action.command) ? all[action.command] : undefined;
  };

  return {
    describe,
    async run(action, place, signal) {
      const runbook = runbookOf(action);
      if (runbook === undefined) return failed(`${action.command} is not on the list any more`);
      const timeLimit = action.timeLimit;
      return runArgv(runbook.argv, { target: place.target, host }, { commands, timeLimit, signal });
    },
    async undo(action, place, signal) {
      const argv = runbookOf(action)?.undo ?? null;
      if (argv === null) return failed(`${action.command} has no inverse`);
      const timeLimit = action.timeLimit;
      return runArgv(argv, { target: place.target, host }, { commands, timeLimit, signal });
    },
  };

  function describe(action: RunCommand, place: Place): Described {
    const runbook = runbookOf(action);
    if (runbook === undefined)
      return { kind: 'cannot', reason: `${action.command} is not on the list of commands` };
    const values = { target: place.target, host };
    const filled = fillArgv(runbook.argv, values);
    if (filled.kind === 'unfit') return { kind: 'cannot', reason: `${action.command}: ${filled.reason}` };
    const program = filled.argv[0] ?? '';
    if (!doors.hasProgram(program)) return { kind: 'cannot', reason: `${program} does not exist here` };
    const undo = runbook.undo === null ? null : fillArgv(runbook.undo, values);
    return {
      kind: 'can',
      effect: showArgv(filled.argv),
      undo: undo?.kind === 'filled' ? showArgv(undo.argv) : null,
      idempotent: runbook.idempotent,
      forks: true,
      touches: true,
      heals: true,
      needsApproval: action.needsApproval || runbook.needsApproval,
    };
  }
}
