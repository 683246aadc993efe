/**
 * A strict local Slack: Web API, Socket Mode and response URLs on 127.0.0.1. It refuses what Slack refuses
 * (limits, unknown arguments, missing scopes, wrong tokens) and lets a test act as people and as bad weather.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import {
  buttonsOf,
  filesOf,
  modalBody,
  readableText,
  responseUrlBody,
  SLACK_METHODS,
  type SlackButton,
} from './slack-rules.ts';

/** Slack's own limit for an acknowledgement. */
const ACK_LIMIT = 3_000;
const PING_EVERY = 1_000;
/** Slack looks at a file before a block may show it. */
const FILE_READY_AFTER = 300;

export interface DoubleMessage {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | null;
  readonly broadcast: boolean;
  readonly metadata: unknown;
  text: string;
  blocks: unknown;
  attachments: unknown;
  edits: number;
}

export interface DoubleFile {
  readonly id: string;
  readonly alt: string;
  readonly length: number;
  bytes: Buffer | null;
  /** When a block may show it; `null` until the upload is complete. */
  readyAt: number | null;
}

/** A modal as somebody sees it. */
export interface DoubleView {
  readonly id: string;
  readonly user: string;
  readonly view: {
    readonly callback_id: string;
    readonly private_metadata: string;
    readonly blocks: readonly Readonly<Record<string, unknown>>[];
  };
}

export interface Whisper {
  readonly user: string;
  readonly text: string;
  readonly via: 'response_url' | 'chat.postEphemeral';
}

/** What Slack would have shown to the person who typed or pressed. */
export interface Delivery {
  readonly acked: boolean;
  readonly ackMs: number;
}

export type SlackWeather =
  | { readonly error: string; readonly needed?: string }
  | { readonly status: number }
  | { readonly retryAfter: number }
  | { readonly hang: true }
  /** Does it, and then loses the answer. */
  | { readonly loseAnswer: true };

export interface SlackDouble {
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly channel: string;
  readonly messages: DoubleMessage[];
  readonly whispers: Whisper[];
  readonly files: Map<string, DoubleFile>;
  readonly views: DoubleView[];
  /** Fills a modal in and sends it. */
  submit(view: DoubleView, values: Readonly<Record<string, string>>): Promise<Delivery>;
  readonly calls: { readonly method: string; readonly args: Record<string, unknown>; readonly at: number }[];
  /** Deliveries that were not acknowledged in time. */
  readonly lateAcks: string[];
  roots(): readonly DoubleMessage[];
  thread(ts: string): readonly DoubleMessage[];
  read(message: DoubleMessage): string;
  buttons(message: DoubleMessage): readonly SlackButton[];
  command(input: { user: string; text: string; trigger?: string; name?: string }): Promise<Delivery>;
  press(input: {
    user: string;
    ts: string;
    button: string;
    trigger?: string;
    stale?: SlackButton;
  }): Promise<Delivery>;
  /** The same command as a signed HTTP request. */
  signedCommand(input: { user: string; text: string; secret?: string; at?: number }): {
    body: string;
    headers: Record<string, string>;
  };
  /** The next `times` calls of the method (or of any: `*`) go wrong like this. */
  weather(method: string, how: SlackWeather, times?: number): void;
  clearWeather(): void;
  group(id: string, users: readonly string[]): void;
  scopes(granted: readonly string[]): void;
  sockets(): number;
  opened(): number;
  /** Slack recycles the connection: asks for a new one, then closes. */
  refresh(reason?: string): void;
  /** The TCP connection breaks. */
  drop(): void;
  /** The TCP connection stays, but nothing comes through any more. */
  freeze(): void;
  /** A frame as Slack should never send it. */
  sendRaw(text: string): void;
  withholdHello(yes: boolean): void;
  refuseUpgrade(status: number | null): void;
  /** The whole of Slack is gone, and comes back on the same port. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

interface Link {
  readonly socket: WebSocket;
  readonly raw: Socket;
  ready: boolean;
}

export async function createSlackDouble(): Promise<SlackDouble> {
  const botToken = 'xoxb-double-bot';
  const appToken = 'xapp-double-app';
  const signingSecret = 'double-signing-secret';
  const channel = 'C0DOUBLE';
  const messages: DoubleMessage[] = [];
  const whispers: Whisper[] = [];
  const calls: SlackDouble['calls'] = [];
  const lateAcks: string[] = [];
  const weather = new Map<string, SlackWeather[]>();
  const groups = new Map<string, readonly string[]>();
  const links = new Set<Link>();
  const waiting = new Map<string, () => void>();
  const files = new Map<string, DoubleFile>();
  const views: DoubleView[] = [];
  const triggers = new Map<string, { user: string; at: number }>();
  const scheduled = new Set<string>();
  const responseUrls = new Map<string, { user: string; uses: number }>();
  const rawSockets = new Set<Socket>();
  let granted: readonly string[] = ['chat:write', 'commands', 'files:write', 'usergroups:read'];
  let helloWithheld = false;
  let upgradeStatus: number | null = null;
  let opened = 0;
  let lastTs = Math.floor(Date.now() / 1000) * 1_000_000;
  let port = 0;

  const web = createServer((request, response) => void onRequest(request, response));
  web.on('connection', (socket) => {
    rawSockets.add(socket);
    socket.on('close', () => rawSockets.delete(socket));
  });
  const wss = new WebSocketServer({ noServer: true });
  web.on('upgrade', (request, socket, head) => {
    if (upgradeStatus !== null || !(request.url ?? '').startsWith('/link/')) {
      socket.end(`HTTP/1.1 ${upgradeStatus ?? 404} No\r\nConnection: close\r\n\r\n`);
      return;
    }
    wss.handleUpgrade(request, socket, head, (ws) => onSocket(ws, socket as Socket));
  });

  function onSocket(socket: WebSocket, raw: Socket): void {
    const link: Link = { socket, raw, ready: false };
    links.add(link);
    opened += 1;
    const ping = setInterval(
      () => socket.readyState === WebSocket.OPEN && !raw.isPaused() && socket.ping('Ping'),
      PING_EVERY,
    );
    socket.on('close', () => {
      clearInterval(ping);
      links.delete(link);
    });
    socket.on('error', () => links.delete(link));
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as { envelope_id?: string };
      if (message.envelope_id === undefined) socket.close(1008, 'no envelope');
      else waiting.get(message.envelope_id)?.();
    });
    if (links.size > 10) {
      socket.send(JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets' }));
      socket.close();
      return;
    }
    if (helloWithheld) return;
    link.ready = true;
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: links.size,
        connection_info: { app_id: 'A0DOUBLE' },
        debug_info: { host: 'double', approximate_connection_time: 18060 },
      }),
    );
  }

  async function onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const body = raw.toString();
    const path = request.url ?? '';
    if (path.startsWith('/upload/')) return onUpload(path.slice(8), raw, response);
    if (request.method === 'POST' && path.startsWith('/api/')) onCall(path.slice(5), body, request, response);
    else if (request.method === 'POST' && path.startsWith('/response/'))
      onResponseUrl(path.slice(10), body, response);
    else response.writeHead(404).end();
  }

  function onUpload(id: string, bytes: Buffer, response: ServerResponse): void {
    const file = files.get(id);
    if (file !== undefined && bytes.length === file.length) file.bytes = bytes;
    response.writeHead(file?.bytes ? 200 : 400).end('OK');
  }

  function onCall(method: string, body: string, request: IncomingMessage, response: ServerResponse): void {
    const args = parseForm(body);
    calls.push({ method, args, at: Date.now() });
    const how = (weather.get(method)?.length ? weather.get(method) : weather.get('*'))?.shift() ?? {};
    if (spoil(how, response)) return;
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    const answer = 'error' in how ? { ok: false, ...how } : perform(method, args, token);
    if ('loseAnswer' in how) {
      request.socket.destroy();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json', 'x-oauth-scopes': granted.join(',') });
    response.end(JSON.stringify(answer));
  }

  function perform(method: string, args: Record<string, unknown>, token: string): Record<string, unknown> {
    const rule = SLACK_METHODS[method];
    if (rule === undefined) return { ok: false, error: 'unknown_method' };
    const refusal = refuseToken(method, token);
    if (refusal !== null) return { ok: false, error: refusal };
    if (rule.scope !== null && token === botToken && !granted.includes(rule.scope)) {
      return { ok: false, error: 'missing_scope', needed: rule.scope, provided: granted.join(',') };
    }
    const checked = rule.args.safeParse(args);
    if (checked.success) return act(method, args);
    const { issues } = checked.error;
    const inBlocks = issues.some(({ path }) => path[0] === 'blocks' || path[0] === 'attachments');
    return {
      ok: false,
      error: inBlocks ? 'invalid_blocks' : 'invalid_arguments',
      response_metadata: {
        messages: issues.map((issue) => `[ERROR] ${issue.path.join('/')}: ${issue.message}`),
      },
    };
  }

  function refuseToken(method: string, token: string): string | null {
    if (token === '') return 'not_authed';
    if (token !== botToken && token !== appToken) return 'invalid_auth';
    const forApp = method === 'apps.connections.open';
    return (token === appToken) === forApp ? null : 'not_allowed_token_type';
  }

  function act(method: string, args: Record<string, unknown>): Record<string, unknown> {
    switch (method) {
      case 'auth.test':
        return {
          ok: true,
          url: 'http://double/',
          team: 'Double',
          user: 'nightshift',
          team_id: 'T0',
          user_id: 'U0BOT',
          bot_id: 'B0',
        };
      case 'apps.connections.open':
        return { ok: true, url: `ws://127.0.0.1:${port}/link/?ticket=${randomUUID()}` };
      case 'chat.postMessage':
        return post(args);
      case 'chat.update':
        return update(args);
      case 'chat.postEphemeral':
        whispers.push({ user: String(args['user']), text: readableText(args), via: 'chat.postEphemeral' });
        return { ok: true, message_ts: nextTs() };
      case 'chat.delete': {
        const at = messages.findIndex((message) => message.ts === args['ts']);
        if (at === -1) return { ok: false, error: 'message_not_found' };
        messages.splice(at, 1);
        return { ok: true };
      }
      case 'chat.scheduleMessage': {
        if (args['channel'] !== channel) return { ok: false, error: 'channel_not_found' };
        const id = `Q${scheduled.size}${Date.now()}`;
        scheduled.add(id);
        return { ok: true, scheduled_message_id: id, channel };
      }
      case 'chat.deleteScheduledMessage':
        return scheduled.delete(String(args['scheduled_message_id']))
          ? { ok: true }
          : { ok: false, error: 'invalid_scheduled_message_id' };
      case 'conversations.history':
        return {
          ok: true,
          messages: messages
            .filter(({ threadTs, broadcast }) => threadTs === null || broadcast)
            .slice(-Number(args['limit']))
            .reverse()
            .map(({ ts, metadata }) => ({ type: 'message', ts, ...(metadata ? { metadata } : {}) })),
        };
      default:
        return actOnFiles(method, args);
    }
  }

  function actOnFiles(method: string, args: Record<string, unknown>): Record<string, unknown> {
    switch (method) {
      case 'files.getUploadURLExternal': {
        const id = `F0DOUBLE${String(files.size).padStart(4, '0')}`;
        const alt = String(args['alt_txt'] ?? '');
        files.set(id, { id, alt, length: Number(args['length']), bytes: null, readyAt: null });
        return { ok: true, upload_url: `http://127.0.0.1:${port}/upload/${id}`, file_id: id };
      }
      case 'files.completeUploadExternal':
        return complete(JSON.parse(String(args['files'])) as { id: string }[]);
      case 'files.delete':
        return files.delete(String(args['file'])) ? { ok: true } : { ok: false, error: 'file_not_found' };
      case 'views.open':
        return openView(args);
      case 'usergroups.users.list': {
        const users = groups.get(String(args['usergroup']));
        return users === undefined ? { ok: false, error: 'no_such_subteam' } : { ok: true, users };
      }
      default:
        return { ok: false, error: 'unknown_method' };
    }
  }

  function complete(done: readonly { id: string }[]): Record<string, unknown> {
    for (const { id } of done) {
      const file = files.get(id);
      if (file?.bytes === null || file === undefined) return { ok: false, error: 'file_not_found' };
      file.readyAt = Date.now() + FILE_READY_AFTER;
    }
    return { ok: true, files: done };
  }

  function openView(args: Record<string, unknown>): Record<string, unknown> {
    const trigger = triggers.get(String(args['trigger_id']));
    if (trigger === undefined) return { ok: false, error: 'invalid_trigger_id' };
    triggers.delete(String(args['trigger_id']));
    if (Date.now() - trigger.at > ACK_LIMIT) return { ok: false, error: 'expired_trigger_id' };
    const checked = modalBody.safeParse(JSON.parse(String(args['view'])));
    if (!checked.success)
      return {
        ok: false,
        error: 'invalid_arguments',
        response_metadata: { messages: checked.error.issues.map(({ message }) => message) },
      };
    const id = `V${views.length}`;
    views.push({ id, user: trigger.user, view: checked.data as DoubleView['view'] });
    return { ok: true, view: { id } };
  }

  function post(args: Record<string, unknown>): Record<string, unknown> {
    const refused = refuseContent(args);
    if (refused !== null) return { ok: false, error: refused };
    if (args['channel'] !== channel) return { ok: false, error: 'channel_not_found' };
    const thread = args['thread_ts'];
    if (thread !== undefined && !messages.some((message) => message.ts === thread))
      return { ok: false, error: 'thread_not_found' };
    const message: DoubleMessage = {
      channel,
      ts: nextTs(),
      threadTs: thread === undefined ? null : String(thread),
      broadcast: args['reply_broadcast'] === 'true',
      metadata: parsedOrNull(args['metadata']),
      text: String(args['text'] ?? ''),
      blocks: args['blocks'] ?? [],
      attachments: args['attachments'] ?? [],
      edits: 0,
    };
    messages.push(message);
    return {
      ok: true,
      channel,
      ts: message.ts,
      message: { type: 'message', ts: message.ts, text: message.text },
    };
  }

  function update(args: Record<string, unknown>): Record<string, unknown> {
    const refused = refuseContent(args);
    if (refused !== null) return { ok: false, error: refused };
    const message = messages.find(({ ts }) => ts === args['ts']);
    if (args['channel'] !== channel) return { ok: false, error: 'channel_not_found' };
    if (message === undefined) return { ok: false, error: 'message_not_found' };
    message.text = String(args['text'] ?? message.text);
    if (args['blocks'] !== undefined) message.blocks = args['blocks'];
    if (args['attachments'] !== undefined) message.attachments = args['attachments'];
    message.edits += 1;
    return { ok: true, channel, ts: message.ts, text: message.text };
  }

  function refuseContent(args: Record<string, unknown>): string | null {
    if (args['text'] === undefined && args['blocks'] === undefined && args['attachments'] === undefined)
      return 'no_text';
    const buttons = buttonsOf({ blocks: args['blocks'], attachments: args['attachments'] });
    if (new Set(buttons.map(({ action_id }) => action_id)).size !== buttons.length) return 'invalid_blocks';
    const shown = filesOf({ blocks: args['blocks'], attachments: args['attachments'] });
    const isReady = (id: string): boolean =>
      (files.get(id)?.readyAt ?? Number.POSITIVE_INFINITY) <= Date.now();
    if (!shown.every(isReady)) return 'invalid_blocks';
    return null;
  }

  function nextTs(): string {
    lastTs += 100;
    return `${Math.floor(lastTs / 1_000_000)}.${String(lastTs % 1_000_000).padStart(6, '0')}`;
  }

  function onResponseUrl(id: string, body: string, response: ServerResponse): void {
    const open = responseUrls.get(id);
    const parsed = responseUrlBody.safeParse(JSON.parse(body));
    if (open === undefined || open.uses >= 5) {
      response.writeHead(404).end('expired_url');
      return;
    }
    if (!parsed.success) {
      response.writeHead(500).end('invalid_blocks');
      return;
    }
    open.uses += 1;
    whispers.push({ user: open.user, text: readableText(JSON.parse(body)), via: 'response_url' });
    response.writeHead(200).end('ok');
  }

  function responseUrl(user: string): string {
    const id = randomUUID();
    responseUrls.set(id, { user, uses: 0 });
    return `http://127.0.0.1:${port}/response/${id}`;
  }

  async function deliver(type: 'slash_commands' | 'interactive', payload: object): Promise<Delivery> {
    const link = [...links]
      .filter(({ ready, socket }) => ready && socket.readyState === WebSocket.OPEN)
      .at(-1);
    const id = randomUUID();
    if (link === undefined) {
      lateAcks.push(`${type}: no connection`);
      return { acked: false, ackMs: 0 };
    }
    const sentAt = Date.now();
    const acked = await new Promise<boolean>((resolve) => {
      const late = setTimeout(() => resolve(false), ACK_LIMIT);
      waiting.set(id, () => {
        clearTimeout(late);
        resolve(true);
      });
      link.socket.send(JSON.stringify({ envelope_id: id, type, payload, accepts_response_payload: true }));
    });
    waiting.delete(id);
    if (!acked) lateAcks.push(type);
    return { acked, ackMs: Date.now() - sentAt };
  }

  function commandPayload(input: {
    user: string;
    text: string;
    trigger?: string;
    name?: string;
  }): Record<string, string> {
    return {
      token: 'verification',
      team_id: 'T0',
      team_domain: 'double',
      channel_id: channel,
      channel_name: 'ops',
      user_id: input.user,
      user_name: input.name ?? input.user.toLowerCase(),
      command: '/ops',
      text: input.text,
      api_app_id: 'A0DOUBLE',
      is_enterprise_install: 'false',
      response_url: responseUrl(input.user),
      trigger_id: triggerFor(input.user, input.trigger),
    };
  }

  function triggerFor(user: string, given?: string): string {
    const trigger = given ?? `${Date.now()}.${randomUUID()}`;
    triggers.set(trigger, { user, at: Date.now() });
    return trigger;
  }

  function viewPayload({ id, user, view }: DoubleView, values: Readonly<Record<string, string>>): object {
    const inputs = view.blocks.filter((one) => one['type'] === 'input');
    const missing = inputs.find((one) => one['optional'] !== true && !values[String(one['block_id'])]);
    if (missing !== undefined) throw new Error(`${String(missing['block_id'])} is required`);
    const state = Object.fromEntries(
      inputs.map((one) => {
        const { type, action_id } = one['element'] as { type: string; action_id: string };
        const value = values[String(one['block_id'])] ?? null;
        const said =
          type === 'static_select'
            ? { type, selected_option: value === null ? null : { value } }
            : { type, value };
        return [String(one['block_id']), { [action_id]: said }];
      }),
    );
    return {
      type: 'view_submission',
      team: { id: 'T0', domain: 'double' },
      user: { id: user, username: user.toLowerCase(), name: user.toLowerCase(), team_id: 'T0' },
      api_app_id: 'A0DOUBLE',
      token: 'verification',
      trigger_id: triggerFor(user),
      view: { id, type: 'modal', ...view, state: { values: state } },
      response_urls: [],
      is_enterprise_install: false,
      enterprise: null,
    };
  }

  function pressPayload(input: { user: string; ts: string; trigger?: string }, pressed: SlackButton): object {
    const message = messages.find(({ ts }) => ts === input.ts);
    return {
      type: 'block_actions',
      user: {
        id: input.user,
        username: input.user.toLowerCase(),
        name: input.user.toLowerCase(),
        team_id: 'T0',
      },
      api_app_id: 'A0DOUBLE',
      token: 'verification',
      container: {
        type: 'message_attachment',
        message_ts: input.ts,
        channel_id: channel,
        is_ephemeral: false,
      },
      trigger_id: input.trigger ?? `${Date.now()}.${randomUUID()}`,
      team: { id: 'T0', domain: 'double' },
      enterprise: null,
      is_enterprise_install: false,
      channel: { id: channel, name: 'ops' },
      message: { type: 'message', ts: input.ts, text: message?.text ?? '' },
      response_url: responseUrl(input.user),
      actions: [
        {
          type: 'button',
          block_id: 'b0',
          action_id: pressed.action_id,
          value: pressed.value,
          text: pressed.text,
          action_ts: nextTs(),
        },
      ],
    };
  }

  async function listen(): Promise<void> {
    await new Promise<void>((resolve) => web.listen(port, '127.0.0.1', resolve));
    port = (web.address() as AddressInfo).port;
  }

  async function shut(): Promise<void> {
    for (const { socket } of links) socket.terminate();
    for (const socket of rawSockets) socket.destroy();
    await new Promise<void>((resolve) => web.close(() => resolve()));
  }

  await listen();
  return {
    apiUrl: `http://127.0.0.1:${port}/api/`,
    botToken,
    appToken,
    signingSecret,
    channel,
    messages,
    whispers,
    files,
    views,
    submit: (view, values) => deliver('interactive', viewPayload(view, values)),
    calls,
    lateAcks,
    roots: () => messages.filter(({ threadTs }) => threadTs === null),
    thread: (ts) => messages.filter(({ threadTs }) => threadTs === ts),
    read: (message) => readableText(message),
    buttons: (message) => buttonsOf(message),
    command: (input) => deliver('slash_commands', commandPayload(input)),
    async press(input) {
      const message = messages.find(({ ts }) => ts === input.ts);
      const live =
        message === undefined
          ? undefined
          : buttonsOf(message).find((each) => each.text.text === input.button);
      const pressed = input.stale ?? live;
      if (pressed === undefined) throw new Error(`no button ${input.button} on ${input.ts}`);
      return deliver('interactive', pressPayload(input, pressed));
    },
    signedCommand({ user, text, secret = signingSecret, at = Date.now() }) {
      const body = new URLSearchParams(commandPayload({ user, text })).toString();
      const stamp = String(Math.floor(at / 1000));
      const hash = createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex');
      return {
        body,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-slack-request-timestamp': stamp,
          'x-slack-signature': `v0=${hash}`,
        },
      };
    },
    weather(method, how, times = 1) {
      const queue = weather.get(method) ?? [];
      for (let n = 0; n < times; n += 1) queue.push(how);
      weather.set(method, queue);
    },
    clearWeather: () => weather.clear(),
    group: (id, users) => void groups.set(id, users),
    scopes(next) {
      granted = next;
    },
    sockets: () => links.size,
    opened: () => opened,
    refresh(reason = 'refresh_requested') {
      for (const { socket } of links)
        socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'double' } }));
    },
    drop() {
      for (const { raw } of links) raw.resetAndDestroy();
    },
    freeze() {
      for (const { raw } of links) raw.pause();
    },
    sendRaw(text) {
      for (const { socket } of links) socket.send(text);
    },
    withholdHello(yes) {
      helloWithheld = yes;
    },
    refuseUpgrade(status) {
      upgradeStatus = status;
    },
    goDown: shut,
    comeBack: listen,
    close: shut,
  };
}

/** Answers in Slack's stead where the weather says so. */
function spoil(how: SlackWeather | Record<string, never>, response: ServerResponse): boolean {
  if ('hang' in how) return true;
  if ('status' in how) {
    response.writeHead(Number(how.status)).end('upstream trouble');
    return true;
  }
  if ('retryAfter' in how) {
    response.writeHead(429, { 'retry-after': String(how.retryAfter), 'content-type': 'application/json' });
    response.end(JSON.stringify({ ok: false, error: 'ratelimited' }));
    return true;
  }
  return false;
}

function parsedOrNull(json: unknown): unknown {
  return json === undefined ? null : (JSON.parse(String(json)) as unknown);
}

/** Slack takes forms; values that are JSON are objects. */
function parseForm(body: string): Record<string, unknown> {
  const args: Record<string, unknown> = {};
  for (const [key, value] of new URLSearchParams(body)) {
    args[key] = key === 'blocks' || key === 'attachments' ? (JSON.parse(value) as unknown) : value;
  }
  return args;
}
