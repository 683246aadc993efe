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
import type { PlatformUser, Press, PrivateReply } from '../surface.ts';
import type { ThreadTools } from '../surface-worker.ts';
import type { SlackApi } from './api.ts';
import type { GroupBook } from './groups.ts';
import { renderReply } from './render.ts';

const BUTTON = /^(approve|deny|ack|more):(.+)$/s;

export interface InboundDeps {
  readonly app: App;
  readonly api: SlackApi;
  readonly groups: GroupBook;
  readonly tools: Pick<ThreadTools, 'ask' | 'log'>;
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
    await tell({ respond, channel: command.channel_id, user: command.user_id }, reply, deps);
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

async function tell(asker: Asker, reply: PrivateReply, { api, tools }: InboundDeps): Promise<void> {
  const message = renderReply(reply.text);
  try {
    const answer = { ...message, response_type: 'ephemeral', replace_original: false };
    await asker.respond(answer as unknown as RespondArguments);
  } catch (cause) {
    tools.log.debug('slack response url failed', { error: describeError(cause) });
    await api.whisper(asker.channel, asker.user, message).catch((again: unknown) => {
      tools.log.warn('slack answer lost', { error: describeError(again) });
    });
  }
}
