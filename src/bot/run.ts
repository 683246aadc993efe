/**
 * The desk where every command arrives, whatever the door: read, checked against the caller's roles, run under a
 * deadline, recorded, answered. It never throws: whatever happens is a reply, and never with our inside in it.
 */
import { type Actor, mayAct } from '../domain/approval.ts';
import type { BackupProgress } from '../domain/backup.ts';
import type { OpsControls } from '../domain/controls.ts';
import { describeError, isOpsError, type OpsErrorCode } from '../domain/errors.ts';
import type { Clock, Logger } from '../domain/ports.ts';
import { hours, type Ms, seconds } from '../domain/units.ts';
import { withDeadline } from '../platform/deadline.ts';
import type { Reply, ReplyCode } from './commands/command.ts';
import { helpOn } from './commands/help.ts';
import { failed, forbidden, ok } from './commands/replies.ts';
import { COMMAND_GROUPS } from './commands/table.ts';
import { type CommandCall, parseCall } from './parse.ts';
import type { ParsedCall } from './parse-fault.ts';
import { type Redact, redactedData } from './redact-data.ts';

/** A restart with its grace takes a while; longer than this nobody waits at a prompt. */
const HANDLER_LIMIT: Ms = seconds(60);
/** What takes longer than a day has hung. */
const SLOW_LIMIT: Ms = hours(24);
const RECORD_LIMIT: Ms = seconds(5);

export interface CommandDesk {
  /** Never rejects. */
  run(call: CommandCall, actor: Actor): Promise<Reply>;
}

export interface DeskDeps {
  readonly controls: OpsControls;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timezone: string;
  /** Takes secrets out of a text; every text of a reply goes through it. */
  readonly redact: Redact;
  /** At a terminal people wait for a backup; elsewhere nobody waits longer than a minute. */
  readonly timeLimit?: Ms;
  readonly onProgress?: (progress: BackupProgress) => void;
  readonly signal?: AbortSignal;
}

export function createCommandDesk(deps: DeskDeps): CommandDesk {
  return {
    async run(call, actor) {
      return redacted(await answer(call, actor, deps), deps.redact);
    },
  };
}

async function answer(call: CommandCall, actor: Actor, deps: DeskDeps): Promise<Reply> {
  const parsed = parseCall(call);
  switch (parsed.kind) {
    case 'help':
      return helpOn(COMMAND_GROUPS, parsed.topic);
    case 'invalid':
      return { ok: false, code: parsed.code, text: parsed.text, data: parsed.fault };
    case 'call': {
      const reply = mayAct(actor, parsed.command.role)
        ? await handle(parsed, actor, deps)
        : missingRole(parsed, actor);
      await record(parsed, actor, reply, deps);
      return reply;
    }
  }
}

function missingRole(call: ParsedCall, actor: Actor): Reply {
  const name = call.command.words.join(' ');
  const { role } = call.command;
  const text = `${name} needs the role ${role}; you have ${actor.roles.join(', ') || 'none'}.`;
  return forbidden(text, { needed: role, roles: actor.roles });
}

async function handle(call: ParsedCall, actor: Actor, deps: DeskDeps): Promise<Reply> {
  const { controls, clock, timezone, onProgress, signal } = deps;
  const context = {
    controls,
    actor,
    now: clock.now(),
    dryRun: call.dryRun,
    timezone,
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  };
  const timeLimit = limitOf(call, actor, deps);
  try {
    return await withDeadline(clock, { what: 'the command', span: timeLimit }, () =>
      call.command.run(call.options, context),
    );
  } catch (cause) {
    return broken(call, cause, deps.log);
  }
}

/** A terminal or a program waits for what takes long; a chat is told that it goes on. */
function limitOf({ command }: ParsedCall, { surface }: Actor, { timeLimit }: DeskDeps): Ms {
  if (timeLimit !== undefined) return timeLimit;
  return command.slow === true && surface === 'api' ? SLOW_LIMIT : HANDLER_LIMIT;
}

/** Something nobody expected: said in one line, told in full to the log alone. */
function broken(call: ParsedCall, cause: unknown, log: Logger): Reply {
  const name = call.command.words.join(' ');
  if (isOpsError(cause, 'DEADLINE')) {
    if (call.command.slow === true)
      return ok(
        `${name} takes longer than a minute and goes on. "backup list" and "restore status" tell how it stands.`,
        { running: true },
      );
    return failed(
      `${name} gave no answer within ${HANDLER_LIMIT / 1_000} s. It may still finish; "audit tail" shows it.`,
      { reason: cause.code },
    );
  }
  if (isOpsError(cause)) {
    const code = REPLY_CODE_OF[cause.code];
    if (code !== undefined) return { ok: false, code, text: cause.message, data: { reason: cause.code } };
  }
  log.error('command failed', { command: name, error: describeError(cause) });
  const reason = isOpsError(cause) ? cause.message : 'an error inside; the log has it';
  return failed(`${name} failed: ${reason}.`, { reason: isOpsError(cause) ? cause.code : 'INTERNAL' });
}

const REPLY_CODE_OF: Readonly<Partial<Record<OpsErrorCode, ReplyCode>>> = {
  FORBIDDEN: 'FORBIDDEN',
  REFUSED: 'REFUSED',
  NOT_FOUND: 'NOT_FOUND',
  BAD_OPTION: 'BAD_OPTION',
};

/** What cannot be recorded here was already recorded, or refused, by the room that acted. */
async function record(call: ParsedCall, actor: Actor, reply: Reply, deps: DeskDeps): Promise<void> {
  try {
    await withDeadline(deps.clock, { what: 'the audit log', span: RECORD_LIMIT }, () =>
      deps.controls.recordCommand(deps.redact(call.line), actor, reply.code),
    );
  } catch (cause) {
    deps.log.error('command not recorded', {
      command: call.command.words.join(' '),
      error: describeError(cause),
    });
  }
}

function redacted(reply: Reply, redact: Redact): Reply {
  return { ...reply, text: redact(reply.text), data: redactedData(reply.data, redact) };
}
