/**
 * What people do in Slack: acknowledged to Slack first, always, then handed to the core, then answered where
 * only they see it.
 */
import type {
  AllMiddlewareArgs,
  AnyMiddlewareArgs,
  App,
  BlockAction,
  RespondArguments,
  RespondFn,
} from '@slack/bolt';
import { describeError } from '../../domain/errors.ts';
import type { Logger } from '../../domain/ports.ts';
import type { CommandShape, PlatformUser, Press, PrivateReply } from '../surface.ts';
import type { ThreadTools } from '../surface-worker.ts';
import type { SlackApi } from './api.ts';
import { FORM, formView, readForm } from './form.ts';
import type { GroupBook } from './groups.ts';
import { renderReply } from './render.ts';

const BUTTON = /^(approve|deny|ack|more):(.+)$/s;

export interface InboundDeps {
  readonly app: App;
  readonly api: SlackApi;
  readonly groups: GroupBook;
  readonly tools: Pick<ThreadTools, 'ask' | 'log'>;
  readonly shapes: () => readonly CommandShape[];
}

/** Where a private answer goes. */
interface Asker {
  readonly respond: RespondFn;
  readonly channel: string;
  readonly user: string;
}

export function takeInbound(deps: InboundDeps): void {
  const { app, tools, groups } = deps;
  app.use((args) => acknowledge(args, tools.log));
  app.error(async (error) => tools.log.error('slack handler failed', { error: describeError(error) }));

  app.command('/ops', async ({ command, respond }) => {
    const user = await person(command.user_id, command.user_name, groups);
    const reply = await tools.ask({
      what: 'command',
      invocation: {
        surface: 'slack',
        user,
        text: asTyped(command.text),
        dedupe: `slack:${command.user_id}:${command.trigger_id}`,
      },
    });
    const asker = { respond, channel: command.channel_id, user: command.user_id };
    if (await isAsked(reply, asker, command.trigger_id, deps)) return;
    await tell(asker, reply, deps);
  });

  app.view(FORM, async ({ body, view }) => {
    const sent = readForm(view);
    if (sent === null) return;
    const user = await person(body.user.id, body.user.name, groups);
    const dedupe = `slack:${body.user.id}:${view.id}`;
    const invocation = { surface: 'slack', user, text: sent.text, dedupe } as const;
    const reply = await tools.ask({ what: 'command', invocation });
    await whisper({ channel: sent.channel, user: body.user.id }, renderReply(reply.text), deps);
  });

  app.action<BlockAction>(BUTTON, async ({ body, action, respond }) => {
    const pressed = readButton('action_id' in action ? action.action_id : '');
    if (pressed === null) return;
    const user = await person(body.user.id, body.user.username, groups);
    const dedupe = `slack:${body.user.id}:${body.trigger_id}`;
    const reply = await tools.ask({ what: 'press', press: { surface: 'slack', user, ...pressed, dedupe } });
    await tell({ respond, channel: body.channel?.id ?? '', user: body.user.id }, reply, deps);
  });
}

/** What a person typed, without Slack's escapes. */
export function asTyped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').trim();
}

export function readButton(id: string): Pick<Press, 'verb' | 'subject'> | null {
  const [, verb, subject] = BUTTON.exec(id) ?? [];
  if (subject === undefined) return null;
  return { verb: verb as Press['verb'], subject };
}

/**
 * Slack waits for three seconds and shows an error after that. A press counts even when the acknowledgement got
 * lost, because the core decides once; a command that Slack reported as failed is not run.
 */
async function acknowledge(args: AnyMiddlewareArgs & AllMiddlewareArgs, log: Logger): Promise<void> {
  try {
    if ('ack' in args && args.ack !== undefined) await args.ack();
  } catch (cause) {
    log.warn('slack acknowledgement failed', { error: describeError(cause) });
    if (!('action' in args)) return;
  }
  await args.next();
}

async function person(id: string, display: string, groups: GroupBook): Promise<PlatformUser> {
  return { id, display, groups: await groups.of(id) };
}

/** True where the person got a form instead: Slack takes it for three seconds after the command. */
async function isAsked(
  { form, text }: PrivateReply,
  asker: Asker,
  trigger: string,
  { api, shapes, tools }: InboundDeps,
): Promise<boolean> {
  if (form === undefined) return false;
  const view = formView(form, shapes(), { said: text, channel: asker.channel });
  if (view === null) return false;
  try {
    await api.openView(trigger, view);
    return true;
  } catch (cause) {
    tools.log.info('slack form not shown', { error: describeError(cause) });
    return false;
  }
}

async function whisper(
  { channel, user }: Pick<Asker, 'channel' | 'user'>,
  message: object,
  { api, tools }: InboundDeps,
): Promise<void> {
  await api.whisper(channel, user, message).catch((cause: unknown) => {
    tools.log.warn('slack answer lost', { error: describeError(cause) });
  });
}

async function tell(asker: Asker, reply: PrivateReply, deps: InboundDeps): Promise<void> {
  const message = renderReply(reply.text);
  try {
    const answer = { ...message, response_type: 'ephemeral', replace_original: false };
    await asker.respond(answer as unknown as RespondArguments);
  } catch (cause) {
    deps.tools.log.debug('slack response url failed', { error: describeError(cause) });
    await whisper(asker, message, deps);
  }
}
