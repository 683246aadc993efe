/**
 * What people type and press on a chat surface, to the command desk: each once, by the roles of the platform's ids.
 * A press runs the very command that could be typed, so there is one check, one record, one answer.
 */
import type { OpsControls } from '../domain/controls.ts';
import { assertNever } from '../domain/errors.ts';
import type { SurfaceHealth } from '../domain/events.ts';
import type { Live } from '../domain/ports.ts';
import { formFor } from './command-form.ts';
import type { Reply } from './commands/command.ts';
import type { BotConfig } from './config.ts';
import type { Inbox } from './inbox.ts';
import { narrow } from './narrow.ts';
import { TEST_SUBJECT } from './notices.ts';
import { type CommandCall, parseCall } from './parse.ts';
import { chatActor } from './permissions.ts';
import type { Redact } from './redact-data.ts';
import type { CommandDesk } from './run.ts';
import { suggest } from './suggest.ts';
import type { ChatSurfaceId, Press, PrivateReply, SurfaceInbound } from './surface.ts';

/** A time of day, in the words of an answer. */
const CLOCK_TIME = /(?<![\d:])\d\d:\d\d(?![\d:])/;

export interface InboundDeps {
  readonly surface: ChatSurfaceId;
  readonly config: Live<Pick<BotConfig, 'people' | 'groups'>>;
  readonly controls: OpsControls;
  readonly desk: CommandDesk;
  readonly inbox: Inbox;
  readonly redact: Redact;
  /** The zone of the times in answers. */
  readonly timezone: string;
  /** Makes the card of an incident anew on every surface; `force` where somebody saw it stale. */
  readonly refresh: (incident: string, force: boolean) => void;
  readonly onHealth: (health: SurfaceHealth) => void;
}

export function createInbound(deps: InboundDeps): SurfaceInbound {
  const { surface, config, desk, inbox } = deps;
  return {
    command: ({ user, text, dedupe }) =>
      inbox.once(`${surface} ${user.id} ${dedupe}`, async () => {
        const actor = chatActor(surface, user, config.current());
        const reply = await desk.run({ text }, actor);
        const form = await formFor(text, reply, actor, deps);
        const shown = privately(quotes(text) ? reply : { ...reply, text: narrow(reply.text) }, deps);
        return form === null ? shown : { ...shown, form };
      }),
    press: (press) => inbox.once(`${surface} ${press.user.id} ${press.dedupe}`, () => answer(press, deps)),
    suggest: ({ user, ...query }) =>
      suggest(deps.controls, chatActor(surface, user, config.current()), query, deps.redact),
    health: deps.onHealth,
  };
}

async function answer(press: Press, deps: InboundDeps): Promise<PrivateReply> {
  const actor = chatActor(deps.surface, press.user, deps.config.current());
  if (press.subject === TEST_SUBJECT) {
    return { ok: true, text: `The button works. Your roles here: ${actor.roles.join(', ')}.` };
  }
  const reply = await deps.desk.run(callOf(press), actor);
  const incident = incidentOf(press, deps);
  if (incident !== undefined && press.verb !== 'more') deps.refresh(incident, !reply.ok);
  return privately({ ...reply, text: narrow(reply.text) }, deps);
}

function callOf({ verb, subject }: Press): CommandCall {
  const given = { options: { id: subject }, dryRun: false };
  switch (verb) {
    case 'approve':
    case 'deny':
    case 'ack':
      return { command: verb, ...given };
    case 'more':
      return { command: 'incident show', ...given };
    default:
      return assertNever(verb);
  }
}

function incidentOf({ verb, subject }: Press, { controls }: InboundDeps): string | undefined {
  if (verb !== 'approve' && verb !== 'deny') return subject;
  return controls.approvals('all').find((approval) => approval.id === subject)?.incidentId;
}

/** Lines of a log are shown as they were written. */
function quotes(text: string): boolean {
  const parsed = parseCall({ text });
  return parsed.kind === 'call' && parsed.command.words.join(' ') === 'worker logs';
}

/** People in chat live in other zones than the host: times say which is theirs. */
function privately({ ok, text }: Reply, { timezone }: Pick<InboundDeps, 'timezone'>): PrivateReply {
  return { ok, text: CLOCK_TIME.test(text) ? `${text}\nTimes are those of ${timezone}.` : text };
}
