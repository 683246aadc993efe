/** The console and its API on a free loopback port, over one night and a small command desk. */
import { mkdtempSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reply } from '../../src/bot/commands/command.ts';
import type { CommandCall } from '../../src/bot/parse.ts';
import type { ScopedToken, WebDeps } from '../../src/bot/web/deps.ts';
import { createWeb, type Web } from '../../src/bot/web/server.ts';
import type { Actor } from '../../src/domain/approval.ts';
import type { Clock, EventBus, StateStore } from '../../src/domain/ports.ts';
import { seconds } from '../../src/domain/units.ts';
import { createEventBus } from '../../src/platform/event-bus.ts';
import { createFakeClock } from './fake-clock.ts';
import {
  createMemoryLogger,
  createMemoryStateStore,
  createSeededRandom,
  live,
  type MemoryLogger,
} from './memory-ports.ts';
import { createNight, type Night, type NightOptions } from './night.ts';

export const API_TOKEN = 'the-token-of-this-test-only';

export interface TestWeb {
  readonly web: Web;
  readonly night: Night;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly log: MemoryLogger;
  readonly states: StateStore;
  readonly tokens: { set(next: readonly ScopedToken[]): void };
  /** What reached the command desk. */
  readonly asked: { readonly call: CommandCall; readonly actor: Actor }[];
  call(path: string, options?: CallOptions): Promise<Answer>;
  /** Signs in by a fresh link; what every later call of this browser carries. */
  signIn(): Promise<{ readonly cookie: string; readonly csrf: string }>;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; text is sent as it is. */
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads answers of every shape
  readonly json: any;
}

export async function startWeb(
  over: Partial<WebDeps> & { readonly night?: Partial<NightOptions> } = {},
): Promise<TestWeb> {
  const { night: nightOptions, ...deps } = over;
  const clock = deps.clock ?? createFakeClock();
  const log = createMemoryLogger();
  const bus = createEventBus(log);
  const night = createNight({ now: clock.now, bus, ...nightOptions });
  const asked: TestWeb['asked'] = [];
  const states = deps.states ?? createMemoryStateStore();
  const tokens = live<readonly ScopedToken[]>([]);
  const web = createWeb({
    clock,
    log,
    bus,
    random: createSeededRandom(7),
    states,
    controls: night.controls,
    desk: { run: async (call, actor) => desk(call, actor, asked, night) },
    config: live({ people: [], groups: [], consoleUrl: undefined }),
    host: '127.0.0.1',
    port: 0,
    hostname: 'web-1',
    apiToken: API_TOKEN,
    scopedTokens: tokens,
    pageFolder: mkdtempSync(join(tmpdir(), 'no-page-')),
    ...deps,
  });
  await web.start();
  const call = (path: string, options: CallOptions = {}): Promise<Answer> =>
    callOnce(web.localUrl(), path, options);
  return { web, night, bus, clock, log, states, tokens, asked, call, signIn: () => signIn(web, call) };
}

/** `Authorization` of the local token. */
export function bearer(token: string = API_TOKEN): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}

async function signIn(
  web: Web,
  call: TestWeb['call'],
): Promise<{ readonly cookie: string; readonly csrf: string }> {
  const link = new URL(web.issueLoginLink());
  const { headers } = await call(`${link.pathname}${link.search}`);
  const cookie = headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '';
  const { json } = await call('/api/session', { headers: { cookie } });
  return { cookie, csrf: json.csrf };
}

function desk(
  call: CommandCall,
  actor: Actor,
  asked: TestWeb['asked'],
  night: Night,
): Reply | Promise<Reply> {
  asked.push({ call, actor });
  const words = 'text' in call ? call.text : 'words' in call ? call.words.join(' ') : call.command;
  if (words.startsWith('freeze')) {
    return night.controls
      .freeze('all', seconds(3_600), actor, 'tired', false)
      .then(() => reply('OK', 'Frozen.'));
  }
  if (words.startsWith('thaw')) return night.controls.thaw(actor, false).then(() => reply('OK', 'Thawed.'));
  if (words.startsWith('mode production')) {
    return night.controls
      .setMode('production', null, actor, false)
      .then(() => reply('OK', 'Mode is production.'));
  }
  const answers: Readonly<Record<string, Reply>> = {
    status: reply('OK', 'web-1 is well.', { host: 'web-1' }),
    fail: reply('FAILED', 'It was tried and did not work.'),
    bad: reply('BAD_OPTION', 'for: expected a time like 30m, found "x".'),
    no: reply('REFUSED', 'Frozen until 03:10.', { gate: 'freeze' }),
    role: reply('FORBIDDEN', 'This needs the role operator.'),
    lost: reply('NOT_FOUND', 'There is no such incident.'),
  };
  return answers[words] ?? reply('UNKNOWN_COMMAND', `There is no command "${words}". Did you mean status?`);
}

function reply(code: Reply['code'], text: string, data: unknown = null): Reply {
  return { ok: code === 'OK', code, text, data };
}

/** Node's own client: unlike fetch it may set Host, Origin and Cookie. */
export function callOnce(
  base: string,
  path: string,
  { method = 'GET', headers = {}, body }: CallOptions,
): Promise<Answer> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const type = text === undefined ? {} : { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = request(
      `${base}${path}`,
      { method, headers: { ...type, ...headers }, agent: false },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const read = Buffer.concat(chunks).toString();
          const isJson = answer.headers['content-type']?.includes('json') === true && read !== '';
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: read,
            json: isJson ? JSON.parse(read) : undefined,
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(text);
  });
}
