/**
 * A strict local Discord: REST v10 and gateway on 127.0.0.1. It refuses what Discord refuses (limits, unknown
 * fields, late and double answers to interactions) and lets a test act as people and as bad weather.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createGatewayDouble, type GatewayDouble } from './discord-gateway-double.ts';
import {
  type AnyOption,
  type ButtonBody,
  buttonsOf,
  checkCommands,
  checkMessage,
  type DiscordFault,
  type DoubleAttachment,
  isEmpty,
  isFault,
  type MessageBody,
  type RegisteredCommand,
  readable,
} from './discord-rules.ts';

const ANSWER_LIMIT = 3_000;
const EPHEMERAL = 64;
const DISCORD_EPOCH = 1_420_070_400_000n;

export interface DoublePost {
  readonly id: string;
  readonly channel: string;
  body: MessageBody;
  edits: number;
  attachments?: readonly DoubleAttachment[];
}

/** What became of one command or press, as its author saw it. */
export interface DoubleInteraction {
  readonly id: string;
  readonly user: string;
  deferredAfterMs: number | null;
  /** Only the author sees these. */
  readonly answers: MessageBody[];
}

export type DiscordWeather =
  | { readonly status: number; readonly code?: number; readonly message?: string }
  | { readonly retryAfter: number }
  | { readonly hang: true }
  | { readonly loseAnswer: true };

export interface Person {
  readonly user: string;
  readonly roles?: readonly string[];
  /** Discord has already given up on this interaction. */
  readonly expired?: boolean;
}

export interface DiscordDouble {
  readonly apiUrl: string;
  readonly token: string;
  readonly guild: string;
  readonly channel: string;
  readonly application: string;
  readonly gateway: GatewayDouble;
  readonly posts: DoublePost[];
  readonly threads: Map<string, string>;
  readonly interactions: DoubleInteraction[];
  readonly calls: { readonly route: string; readonly status: number; readonly at: number }[];
  commands(): readonly RegisteredCommand[];
  putCommands(): number;
  in(channel: string): readonly DoublePost[];
  read(post: DoublePost): string;
  buttons(post: DoublePost): readonly ButtonBody[];
  /** Types `/ops status window:1h`; refused by the test itself when it is not registered that way. */
  command(
    who: Person,
    path: string,
    options?: Readonly<Record<string, string | number | boolean>>,
  ): DoubleInteraction;
  press(who: Person, post: string, label: string, stale?: ButtonBody): DoubleInteraction;
  /** Presses a button of an answer that only its reader sees. */
  pressAnswer(who: Person, answered: DoubleInteraction, label: string): DoubleInteraction;
  /** The same interaction once more, as after a resume. */
  redeliver(interaction: DoubleInteraction): void;
  weather(route: RegExp, how: DiscordWeather, times?: number): void;
  revoke(): void;
  deletePost(id: string): void;
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

interface Pending {
  readonly record: DoubleInteraction;
  readonly createdAt: number;
  readonly expired: boolean;
  readonly payload: unknown;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[];
  readonly authorization: string;
  readonly versioned: boolean;
}

type Answer = { readonly status: number; readonly body?: unknown };

const NOT_ALLOWED: Answer = { status: 405, body: { message: '405: Method Not Allowed', code: 0 } };

export async function createDiscordDouble(over: { heartbeatMs?: number } = {}): Promise<DiscordDouble> {
  const token = 'double.discord.token';
  const guild = '200000000000000001';
  const channel = '300000000000000001';
  const application = '100000000000000001';
  const posts: DoublePost[] = [];
  const threads = new Map<string, string>();
  const interactions: DoubleInteraction[] = [];
  const pending = new Map<string, Pending>();
  const nonces = new Map<string, DoublePost>();
  const calls: { route: string; status: number; at: number }[] = [];
  const storms: { readonly route: RegExp; readonly how: DiscordWeather; times: number }[] = [];
  const rawSockets = new Set<Socket>();
  let commands: readonly RegisteredCommand[] = [];
  let commandPuts = 0;
  let revoked = false;
  let lastId = 0n;
  let port = 0;
  const botUser = {
    id: application,
    username: 'nightshift',
    discriminator: '0',
    global_name: null,
    avatar: null,
    bot: true,
  };

  const gateway = createGatewayDouble({
    token,
    heartbeatMs: over.heartbeatMs ?? 2_000,
    url: () => `ws://127.0.0.1:${port}/gateway`,
    hello: () => ({ user: botUser, application, guild: guildPayload(guild, channel, botUser) }),
  });
  const web = createServer((request, response) => void onRequest(request, response));
  web.on('upgrade', (request, socket, head) => gateway.upgrade(request, socket, head));
  web.on('connection', (socket) => {
    rawSockets.add(socket);
    socket.on('close', () => rawSockets.delete(socket));
  });

  async function onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await readCall(request);
    const route = `${call.method} ${call.path}`;
    const how = pickWeather(storms, route);
    if (how !== null && 'hang' in how) return;
    const answer = how === null || 'loseAnswer' in how ? perform(call) : spoilt(how);
    calls.push({ route, status: answer.status, at: Date.now() });
    if (how !== null && 'loseAnswer' in how) {
      request.socket.destroy();
      return;
    }
    respond(response, answer);
  }

  function perform(call: Call): Answer {
    if (!call.versioned) return fail(404, 0, '404: Not Found');
    const [, kind, ...rest] = call.path.split('/');
    if (kind === 'interactions') return callback(rest, call);
    if (kind === 'webhooks') return followUp(rest, call);
    if (revoked || call.authorization !== `Bot ${token}`) return fail(401, 0, '401: Unauthorized');
    switch (kind) {
      case 'users':
        return { status: 200, body: botUser };
      case 'gateway':
        return {
          status: 200,
          body: {
            url: `ws://127.0.0.1:${port}/gateway`,
            shards: 1,
            session_start_limit: { total: 1000, remaining: 999, reset_after: 0, max_concurrency: 1 },
          },
        };
      case 'applications':
        return applicationCommands(call);
      case 'channels':
        return channels(rest, call);
      default:
        return fail(404, 0, '404: Not Found');
    }
  }

  function applicationCommands({ method, path, body }: Call): Answer {
    if (path !== `/applications/${application}/guilds/${guild}/commands`)
      return fail(404, 10_002, 'Unknown Application');
    if (method === 'PUT') {
      const checked = checkCommands(body);
      if ('status' in checked) return refuse(checked);
      commands = checked;
      commandPuts += 1;
    }
    const added = {
      application_id: application,
      guild_id: guild,
      version: '1',
      nsfw: false,
      dm_permission: true,
    };
    return {
      status: 200,
      body: commands.map((command, at) => ({
        id: String(500_000_000_000_000_000n + BigInt(at)),
        ...added,
        ...command,
      })),
    };
  }

  function channels(parts: readonly string[], { method, body, files }: Call): Answer {
    const [id = '', , message = ''] = parts;
    if (id !== channel && !threads.has(id)) return fail(404, 10_003, 'Unknown Channel');
    const route = `${method} ${['channel', 'messages', 'message', 'threads'][parts.length - 1]}`;
    if (route === 'GET channel') return { status: 200, body: { id, type: 0, guild_id: guild, name: 'ops' } };
    if (route === 'POST messages') return post(id, body);
    if (route === 'GET messages')
      return {
        status: 200,
        body: posts
          .filter((each) => each.channel === id)
          .reverse()
          .map(messagePayload),
      };
    const found = posts.find((each) => each.id === message && each.channel === id);
    return found === undefined ? fail(404, 10_008, 'Unknown Message') : onMessage(route, found, body, files);
  }

  function onMessage(route: string, found: DoublePost, body: unknown, files: Call['files']): Answer {
    if (route === 'POST threads') return startThread(found, body);
    return route === 'PATCH message' ? edit(found, body, files) : NOT_ALLOWED;
  }

  function post(where: string, body: unknown): Answer {
    const checked = checkMessage(body);
    if (isFault(checked)) return refuse(checked);
    if (isEmpty(checked)) return fail(400, 50_006, 'Cannot send an empty message');
    const nonce = checked.enforce_nonce === true ? `${where}:${checked.nonce}` : '';
    const made = nonces.get(nonce) ?? { id: newId(), channel: where, body: checked, edits: 0 };
    if (!posts.includes(made)) posts.push(made);
    if (nonce !== '') nonces.set(nonce, made);
    return { status: 200, body: messagePayload(made) };
  }

  function edit(found: DoublePost, body: unknown, files: Call['files']): Answer {
    const checked = checkMessage(body);
    if (isFault(checked)) return refuse(checked);
    const kept = checked.attachments ?? (found.attachments ?? []).map(({ id }) => ({ id }));
    const attachments = kept.map(({ id, ...more }): DoubleAttachment | null => {
      const before = found.attachments?.find((each) => each.id === String(id));
      const file = files[Number(id)];
      if (before !== undefined) return before;
      if (file === undefined) return null;
      const description = 'description' in more ? (more.description ?? '') : '';
      return { id: newId(), filename: file.name, description, size: file.bytes.length };
    });
    if (attachments.includes(null)) return fail(400, 50_035, 'Invalid Form Body: attachments: not found');
    const names = attachments.map((each) => `attachment://${each?.filename}`);
    const images = (checked.embeds ?? []).flatMap((each) =>
      each.image === undefined ? [] : [each.image.url],
    );
    if (!images.every((url) => names.includes(url)))
      return fail(400, 50_035, 'Invalid Form Body: image url: no such attachment');
    found.attachments = attachments.filter((each) => each !== null);
    found.body = { ...found.body, ...checked };
    found.edits += 1;
    return { status: 200, body: messagePayload(found) };
  }

  function startThread(root: DoublePost, body: unknown): Answer {
    const { name, auto_archive_duration: archive, ...unknown } = body as Record<string, unknown>;
    if (Object.keys(unknown).length > 0) return fail(400, 50_035, 'Invalid Form Body: unknown field');
    if (typeof name !== 'string' || name.length < 1 || name.length > 100)
      return fail(400, 50_035, 'Invalid Form Body: name');
    if (![60, 1440, 4320, 10_080].includes(Number(archive)))
      return fail(400, 50_035, 'Invalid Form Body: auto_archive_duration');
    if (threads.has(root.id)) return fail(400, 160_004, 'A thread has already been created for this message');
    threads.set(root.id, name);
    return { status: 201, body: { id: root.id, type: 11, guild_id: guild, parent_id: channel, name } };
  }

  function callback([id, secret]: readonly string[], { body }: Call): Answer {
    const open = pending.get(id ?? '');
    const late = open === undefined || open.expired || Date.now() - open.createdAt > ANSWER_LIMIT;
    if (late || secret !== `token-${id}`) return fail(404, 10_062, 'Unknown interaction');
    if (open.record.deferredAfterMs !== null)
      return fail(400, 40_060, 'Interaction has already been acknowledged.');
    const { type, data } = body as { type: number; data?: { flags?: number } };
    if (type !== 5 || data?.flags !== EPHEMERAL)
      return fail(400, 50_035, 'Invalid Form Body: this bot defers in private');
    open.record.deferredAfterMs = Date.now() - open.createdAt;
    return { status: 204 };
  }

  function followUp([app, secret = '', , which]: readonly string[], { method, body }: Call): Answer {
    const open = pending.get(secret.replace('token-', ''))?.record;
    if (app !== application || typeof open?.deferredAfterMs !== 'number')
      return fail(404, 10_015, 'Unknown Webhook');
    const checked = checkMessage(body);
    if (isFault(checked)) return refuse(checked);
    if (isEmpty(checked)) return fail(400, 50_006, 'Cannot send an empty message');
    const at = answerPlace(`${method} ${which ?? ''}`, checked, open);
    if (at === null) return NOT_ALLOWED;
    open.answers[at] = checked;
    return { status: 200, body: messagePayload({ id: newId(), channel, body: checked, edits: 0 }) };
  }

  function messagePayload({ id, channel: where, body, attachments }: DoublePost): object {
    return {
      id,
      channel_id: where,
      type: 0,
      author: botUser,
      content: body.content ?? '',
      embeds: (body.embeds ?? []).map((embed) => ({ type: 'rich', ...embed })),
      components: body.components ?? [],
      attachments: (attachments ?? []).map((each) => ({
        ...each,
        url: 'https://cdn.double/chart.png',
        proxy_url: 'https://cdn.double/chart.png',
      })),
      mentions: [],
      mention_roles: [],
      mention_everyone: false,
      pinned: false,
      tts: false,
      timestamp: new Date().toISOString(),
      edited_timestamp: null,
      flags: body.flags ?? 0,
    };
  }

  function newId(): string {
    const now = (BigInt(Date.now()) - DISCORD_EPOCH) << 22n;
    lastId = now > lastId ? now : lastId + 1n;
    return String(lastId);
  }

  function interact(who: Person, type: 2 | 3, data: object, message?: object): DoubleInteraction {
    const record: DoubleInteraction = { id: newId(), user: who.user, deferredAfterMs: null, answers: [] };
    const user = {
      id: who.user,
      username: `user${who.user.slice(-2)}`,
      discriminator: '0',
      global_name: 'Ada',
      avatar: null,
    };
    const payload = {
      id: record.id,
      application_id: application,
      type,
      data,
      guild_id: guild,
      channel_id: channel,
      channel: { id: channel, type: 0, guild_id: guild, name: 'ops' },
      member: {
        user,
        roles: who.roles ?? [],
        joined_at: new Date().toISOString(),
        deaf: false,
        mute: false,
        flags: 0,
        permissions: '2147483648',
      },
      token: `token-${record.id}`,
      version: 1,
      locale: 'en-GB',
      guild_locale: 'en-GB',
      app_permissions: '2147483648',
      entitlements: [],
      authorizing_integration_owners: { 0: guild },
      context: 0,
      attachment_size_limit: 10_485_760,
      ...(message === undefined ? {} : { message }),
    };
    interactions.push(record);
    pending.set(record.id, { record, createdAt: Date.now(), expired: who.expired ?? false, payload });
    gateway.dispatch('INTERACTION_CREATE', payload);
    return record;
  }

  async function listen(): Promise<void> {
    await new Promise<void>((resolve) => web.listen(port, '127.0.0.1', resolve));
    port = (web.address() as AddressInfo).port;
  }

  async function goDown(): Promise<void> {
    gateway.drop();
    for (const socket of rawSockets) socket.destroy();
    await new Promise<void>((resolve) => web.close(() => resolve()));
  }

  await listen();
  return {
    apiUrl: `http://127.0.0.1:${port}/api`,
    token,
    guild,
    channel,
    application,
    gateway,
    posts,
    threads,
    interactions,
    calls,
    commands: () => commands,
    putCommands: () => commandPuts,
    in: (where) => posts.filter((each) => each.channel === where),
    read: (found) => readable(found.body),
    buttons: (found) => buttonsOf(found.body),
    command: (who, path, options = {}) => interact(who, 2, commandData(commands, path, options)),
    press(who, id, label, stale) {
      const found = posts.find((each) => each.id === id);
      const pressed = stale ?? buttonsOf(found?.body ?? {}).find((each) => each.label === label);
      if (pressed === undefined || found === undefined) throw new Error(`no button ${label} on ${id}`);
      return interact(who, 3, { component_type: 2, custom_id: pressed.custom_id }, messagePayload(found));
    },
    pressAnswer(who, answered, label) {
      const [body] = answered.answers;
      const pressed = buttonsOf(body ?? {}).find((each) => each.label === label);
      if (pressed === undefined || body === undefined) throw new Error(`no button ${label} in the answer`);
      const message = messagePayload({ id: newId(), channel, body, edits: 0 });
      return interact(who, 3, { component_type: 2, custom_id: pressed.custom_id }, message);
    },
    redeliver: (record) => gateway.dispatch('INTERACTION_CREATE', pending.get(record.id)?.payload),
    weather: (route, how, times = 1) => void storms.push({ route, how, times }),
    revoke() {
      revoked = true;
    },
    deletePost(id) {
      const at = posts.findIndex((each) => each.id === id);
      if (at !== -1) posts.splice(at, 1);
    },
    goDown,
    comeBack: listen,
    async close() {
      gateway.shut();
      if (web.listening) await goDown();
    },
  };
}

function respond(response: ServerResponse, answer: Answer): void {
  const content = answer.body === undefined ? {} : { 'content-type': 'application/json' };
  response.writeHead(answer.status, { ...content, ...rateHeaders(answer) });
  response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
}

/** The deferred answer is edited, further ones are added; all are private. */
function answerPlace(route: string, body: MessageBody, { answers }: DoubleInteraction): number | null {
  if (route === 'PATCH @original') return 0;
  return route === 'POST ' && body.flags === EPHEMERAL ? answers.length : null;
}

async function readCall(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  const { text, files } = await readBody(raw, request.headers['content-type'] ?? '');
  const path = decodeURIComponent((request.url ?? '').replace(/\?.*$/, ''));
  return {
    method: request.method ?? 'GET',
    path: path.replace(/^\/api\/v10/, ''),
    body: text === '' ? null : (JSON.parse(text) as unknown),
    files,
    authorization: request.headers.authorization ?? '',
    versioned: path.startsWith('/api/v10/'),
  };
}

/** JSON, or a form with the JSON and the files beside it. */
async function readBody(raw: Buffer, type: string): Promise<{ text: string; files: Call['files'] }> {
  if (!type.startsWith('multipart/form-data')) return { text: raw.toString(), files: [] };
  const form = await new Response(new Uint8Array(raw), { headers: { 'content-type': type } }).formData();
  const parts = [...form.entries()].filter(([name]) => name.startsWith('files['));
  const files = await Promise.all(
    parts.map(async ([, part]) => {
      const file = part as File;
      return { name: file.name, bytes: Buffer.from(await file.arrayBuffer()) };
    }),
  );
  return { text: String(form.get('payload_json')), files };
}

function pickWeather(
  storms: readonly { readonly route: RegExp; readonly how: DiscordWeather; times: number }[],
  route: string,
): DiscordWeather | null {
  const storm = storms.find((each) => each.times > 0 && each.route.test(route));
  if (storm === undefined) return null;
  storm.times -= 1;
  return storm.how;
}

function fail(status: number, code: number, message: string): Answer {
  return { status, body: { message, code } };
}

function refuse({ status, code, message }: DiscordFault): Answer {
  return fail(status, code, message);
}

function spoilt(how: Exclude<DiscordWeather, { hang: true } | { loseAnswer: true }>): Answer {
  if ('retryAfter' in how) {
    return {
      status: 429,
      body: { message: 'You are being rate limited.', retry_after: how.retryAfter, global: false },
    };
  }
  return fail(how.status, how.code ?? 0, how.message ?? `${how.status}: No`);
}

function rateHeaders({ status, body }: Answer): Record<string, string> {
  const retry = status === 429 ? String((body as { retry_after: number }).retry_after) : null;
  return {
    'x-ratelimit-limit': '5',
    'x-ratelimit-remaining': retry === null ? '4' : '0',
    'x-ratelimit-reset': String(Date.now() / 1000 + Number(retry ?? 1)),
    'x-ratelimit-reset-after': retry ?? '1',
    ...(retry === null ? {} : { 'retry-after': retry, 'x-ratelimit-scope': 'user' }),
  };
}

/** Builds the payload as Discord's client would, and throws where that would not let the person send it. */
function commandData(
  commands: readonly RegisteredCommand[],
  path: string,
  given: Readonly<Record<string, string | number | boolean>>,
): object {
  const [root, ...words] = path.replace(/^\//, '').split(' ');
  const command = commands.find(({ name }) => name === root);
  if (command === undefined) throw new Error(`/${root} is not registered`);
  let level = command.options;
  const nest: { type: number; name: string }[] = [];
  for (const word of words) {
    const found = level.find(({ name }) => name === word);
    if (found === undefined) throw new Error(`/${path} is not registered`);
    nest.push({ type: found.type ?? 1, name: word });
    level = found.options ?? [];
  }
  let options = chosenOptions(level, given);
  for (const each of nest.reverse()) options = [{ ...each, options }];
  return { id: '500000000000000000', name: root, type: 1, options };
}

function chosenOptions(
  leaves: readonly AnyOption[],
  given: Readonly<Record<string, string | number | boolean>>,
): object[] {
  const missing = leaves.find(({ name, required }) => required === true && given[name] === undefined);
  if (missing !== undefined) throw new Error(`${missing.name} is required`);
  return Object.entries(given).map(([name, value]) => {
    const leaf = leaves.find((each) => each.name === name);
    if (leaf === undefined) throw new Error(`there is no option ${name}`);
    const offered = leaf.choices === undefined || leaf.choices.some((choice) => choice.value === value);
    if (!offered) throw new Error(`${name} has no choice ${String(value)}`);
    return { type: leaf.type, name, value };
  });
}

function guildPayload(guild: string, channel: string, bot: object): object {
  const role = {
    id: guild,
    name: '@everyone',
    color: 0,
    hoist: false,
    position: 0,
    permissions: '0',
    managed: false,
    mentionable: false,
    flags: 0,
  };
  const roles = ['400000000000000001', '400000000000000002'].map((id) => ({
    ...role,
    id,
    name: `role ${id.slice(-1)}`,
  }));
  return {
    id: guild,
    name: 'Double',
    owner_id: '600000000000000001',
    afk_timeout: 300,
    verification_level: 0,
    default_message_notifications: 1,
    explicit_content_filter: 0,
    roles: [role, ...roles],
    emojis: [],
    stickers: [],
    features: [],
    mfa_level: 0,
    system_channel_flags: 0,
    premium_tier: 0,
    preferred_locale: 'en-GB',
    nsfw_level: 0,
    joined_at: '2026-01-01T00:00:00.000Z',
    large: false,
    unavailable: false,
    member_count: 2,
    voice_states: [],
    members: [
      { user: bot, roles: [], joined_at: '2026-01-01T00:00:00.000Z', deaf: false, mute: false, flags: 0 },
    ],
    channels: [{ id: channel, type: 0, name: 'ops', position: 0, permission_overwrites: [] }],
    threads: [],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}
