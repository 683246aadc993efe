/**
 * The calls to Slack's Web API that Nightshift makes, each with a time limit and without retries of the SDK: a
 * repeat of a lost answer would be a second message. Every outcome is told to the health of the surface.
 */
import { webApi } from '@slack/bolt';
import { faultError } from '../surface-fault.ts';
import { type CardStore, createCardStore } from './card-store.ts';
import { toFault } from './faults.ts';
import type { SdkLogger } from './sdk-log.ts';
import { createTokenWatch, type TokenWatchDeps } from './token-watch.ts';

/** Nothing becomes a link, a preview or a mention by itself. */
const LITERAL = { parse: 'none', link_names: false } as const;
const NO_PREVIEWS = { unfurl_links: false, unfurl_media: false } as const;

type Result = webApi.WebAPICallResult;

export interface SlackApi extends CardStore {
  /** Resolves to the message's `ts`. */
  post(channel: string, message: object): Promise<{ readonly channel: string; readonly ts: string }>;
  update(channel: string, ts: string, message: object): Promise<void>;
  /** Seen by one person only. */
  whisper(channel: string, user: string, message: object): Promise<void>;
  members(group: string): Promise<readonly string[]>;
  /** Starts the watch over the token; resolves after the first look. */
  watch(): Promise<void>;
  /** Slack was just heard of on another way. */
  nudge(): void;
  stop(): void;
}

export interface SlackApiDeps extends TokenWatchDeps {
  readonly sdkLogger: SdkLogger;
}

/** How every SDK client in this thread talks to Slack. */
export function clientOptions(
  deps: Pick<SlackApiDeps, 'options' | 'clock' | 'timing' | 'sdkLogger'>,
): ClientOptions {
  return {
    slackApiUrl: deps.options.apiUrl,
    timeout: deps.timing.callWithin,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    logger: deps.sdkLogger,
    fetch: (url, init) =>
      fetch(url, { ...init, signal: init?.signal ?? deps.clock.deadline(deps.timing.callWithin) }),
  };
}

type ClientOptions = NonNullable<ConstructorParameters<typeof webApi.WebClient>[1]>;

export function createSlackApi(deps: SlackApiDeps): SlackApi {
  const web = new webApi.WebClient(deps.options.botToken, clientOptions(deps));
  const { health } = deps;
  let granted: readonly string[] | undefined;
  const token = createTokenWatch(deps, async () => {
    const tested = await web.apiCall('auth.test');
    granted = tested.response_metadata?.scopes;
    return granted;
  });

  async function call(method: string, args: Record<string, unknown>): Promise<Result> {
    try {
      const result = await web.apiCall(method, args);
      health.ok('api');
      return result;
    } catch (error) {
      const failed = toFault(error);
      token.suspect(failed, 'call');
      throw faultError('slack', failed, error);
    }
  }

  return {
    async post(channel, message) {
      const result = await call('chat.postMessage', { channel, ...LITERAL, ...NO_PREVIEWS, ...message });
      health.ok('channel');
      return { channel: text(result, 'channel') || channel, ts: text(result, 'ts') };
    },
    async update(channel, ts, message) {
      await call('chat.update', { channel, ts, ...LITERAL, ...message });
    },
    async whisper(channel, user, message) {
      await call('chat.postEphemeral', { channel, user, ...LITERAL, ...message });
    },
    async members(group) {
      const result = await call('usergroups.users.list', { usergroup: group });
      const users = 'users' in result ? result['users'] : [];
      return Array.isArray(users) ? users.filter((user) => typeof user === 'string') : [];
    },
    ...createCardStore(web, deps, () => granted),
    watch: token.look,
    nudge: token.nudge,
    stop: token.stop,
  };
}

function text(result: Result, key: 'channel' | 'ts'): string {
  const value = (result as Result & Record<string, unknown>)[key];
  return typeof value === 'string' ? value : '';
}
