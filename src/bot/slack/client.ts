/**
 * Slack inside its worker thread: Bolt for what comes in, the Web API for what goes out. Comes in over Socket
 * Mode where there is an app token, else over signed HTTP through the bot's own server.
 */
import { App, type Receiver } from '@slack/bolt';
import { createLinkHealth, type LinkHealth } from '../link-health.ts';
import type { HttpAnswer, HttpRequestIn } from '../surface-wire.ts';
import type { SurfaceClient, ThreadTools } from '../surface-worker.ts';
import { clientOptions, createSlackApi, type SlackApi } from './api.ts';
import { createSlackCards } from './cards.ts';
import { createGroupBook } from './groups.ts';
import { receiveHttp } from './http-receiver.ts';
import { takeInbound } from './inbound.ts';
import type { SlackOptions } from './options.ts';
import { renderLine } from './render.ts';
import { createSdkLogger, type SdkLogger } from './sdk-log.ts';
import { createSocketLoop, type SocketLoop } from './socket-loop.ts';

/** Bolt wants a receiver; ours attach themselves to the app when a connection or a request comes. */
const NO_RECEIVER: Receiver = {
  init: () => {},
  start: async () => {},
  stop: async () => {},
};

const DEAF = 'Slack can be written to but not heard: it needs an app token or a signing secret.';

export function createSlackClient(options: SlackOptions, tools: ThreadTools): SurfaceClient {
  const { clock, timing, log } = tools;
  const sdkLogger = createSdkLogger(log);
  const health = createLinkHealth({ clock, timing, report: tools.health });
  const onRefused = (reason: string): void => tools.fatal(reason);
  const api = createSlackApi({ options, clock, timing, health, sdkLogger, onRefused });
  const app = createApp(options, tools, sdkLogger);
  const groups = createGroupBook(options.groups, api.members, { clock, log });
  takeInbound({ app, api, groups, tools });
  const cards = createSlackCards(api, options);
  const socket = createSocket(app, options, tools, { api, health, sdkLogger, onRefused });

  return {
    async start() {
      health.lost('api', 'Connecting to Slack.');
      if (socket !== null) health.lost('socket', 'Connecting to Slack.');
      else if (options.signingSecret === null) health.hint('socket', DEAF);
      await Promise.all([api.watch(), socket?.start()]);
    },
    put: cards.put,
    picture: cards.picture,
    async append(placed, line) {
      await api.post(placed.channel, { thread_ts: placed.thread, ...renderLine(line) });
    },
    http: (request) => takeHttp(request, app, options, tools),
    async stop() {
      socket?.stop();
      api.stop();
      health.stop();
    },
  };
}

function createApp(options: SlackOptions, tools: ThreadTools, sdkLogger: SdkLogger): App {
  return new App({
    receiver: NO_RECEIVER,
    authorize: async () => ({ botToken: options.botToken }),
    logger: sdkLogger,
    clientOptions: clientOptions({ options, clock: tools.clock, timing: tools.timing, sdkLogger }),
    convoStore: false,
    ignoreSelf: false,
  });
}

function createSocket(
  app: App,
  options: SlackOptions,
  { clock, timing }: ThreadTools,
  deps: {
    readonly api: SlackApi;
    readonly health: LinkHealth;
    readonly sdkLogger: SdkLogger;
    readonly onRefused: (reason: string) => void;
  },
): SocketLoop | null {
  if (options.appToken === null) return null;
  return createSocketLoop({
    app,
    appToken: options.appToken,
    apiUrl: options.apiUrl,
    clock,
    timing,
    sdkLogger: deps.sdkLogger,
    onUp: () => {
      deps.health.ok('socket');
      deps.api.nudge();
    },
    onLost: (reason) => deps.health.lost('socket', reason),
    onRefused: deps.onRefused,
  });
}

async function takeHttp(
  request: HttpRequestIn,
  app: App,
  options: SlackOptions,
  { clock }: ThreadTools,
): Promise<HttpAnswer> {
  if (options.signingSecret === null || options.appToken !== null)
    return { status: 404, headers: {}, body: '' };
  return receiveHttp(request, { app, secret: options.signingSecret, clock });
}
