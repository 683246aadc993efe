/**
 * systemd by its own command, where the bus is not to be had. A fork each time, and no signals: who stopped a unit
 * cannot be told this way, so a unit found stopped is left alone.
 */
import type { CommandResult, CommandRunner } from '../../../domain/ports.ts';
import { seconds } from '../../../domain/units.ts';
import { type JobEnd, NOT_ALLOWED, type SystemdDoor, UNIT_PROPERTIES, type UnitAnswer } from './door.ts';
import { commandLimits, setCommandLimit } from './limits.ts';
import { parseShow } from './properties.ts';

const LOOK_LIMIT = seconds(5);
/** The executor ends an action sooner; this only bounds a runner whose signal was lost. */
const RESTART_LIMIT = seconds(600);

export function createSystemctlDoor(commands: CommandRunner, program: string): SystemdDoor {
  return {
    forks: true,
    async look(unit) {
      const properties = UNIT_PROPERTIES.flatMap((name) => ['-p', name]);
      const argv = [program, 'show', ...properties, '--', unit];
      return toAnswer(await commands.run({ argv, timeLimit: LOOK_LIMIT }));
    },
    async restart(unit, signal) {
      const run = (verb: string): Promise<CommandResult> =>
        commands.run({
          argv: [program, '--no-ask-password', verb, '--', unit],
          timeLimit: RESTART_LIMIT,
          signal,
        });
      // Its failures are cleared where that is possible; a unit without any answers with an error.
      await run('reset-failed');
      return toEnd(await run('restart'));
    },
    limits: (unit) => commandLimits(commands, program, unit),
    setLimit: (unit, name, value) => setCommandLimit(commands, program, unit, name, value),
    watch: () => () => {},
    watchedSince: () => null,
    close: () => {},
  };
}

function toAnswer(result: CommandResult): UnitAnswer {
  if (result.kind === 'exited' && result.code === 0) return { kind: 'unit', view: parseShow(result.output) };
  const reason =
    result.kind === 'not_started'
      ? result.reason
      : `systemctl show ${result.kind === 'exited' ? `ended with ${result.code}: ${lastLine(result.output)}` : 'did not end in time'}`;
  return { kind: 'silent', reason, lasting: result.kind === 'not_started' };
}

function toEnd(result: CommandResult): JobEnd {
  switch (result.kind) {
    case 'exited':
      if (result.code === 0) return { kind: 'ended', result: 'done' };
      if (/authentication required|access denied/i.test(result.output))
        return { kind: 'refused', reason: NOT_ALLOWED };
      return { kind: 'ended', result: `failed: ${lastLine(result.output)}` };
    case 'killed':
    case 'timed_out':
      return { kind: 'lost', reason: 'systemctl did not end by itself' };
    case 'not_started':
      return { kind: 'refused', reason: result.reason };
  }
}

function lastLine(output: string): string {
  return (output.trim().split('\n').at(-1) ?? '').slice(-200);
}
