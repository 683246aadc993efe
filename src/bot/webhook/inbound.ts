/**
 * Signed requests in: `POST /hooks/<source>/<token>` and `/ping/<id>`.
 *
 * The token of the address decides first, then the signature, then the body; only what passed all three is looked
 * at. What is taken is on disk before 202 is answered. A dry run says what it would mean and keeps nothing.
 */
import { createHash, createHmac } from 'node:crypto';
import type { OutsideAlert, OutsideWatch } from '../../domain/outside.ts';
import type { AuditLog, Clock, HttpClient, Live, Logger, StateStore } from '../../domain/ports.ts';
import { after, type EpochMs, type Ms, seconds } from '../../domain/units.ts';
import { type HttpAnswer, problem } from '../../platform/http-problem.ts';
import { isDeeperThan } from '../../platform/json-depth.ts';
import { fits, interpret } from './alert-rules.ts';
import type { PingConfig, SourceConfig, WebhookConfig } from './config.ts';
import { type HookBook, type HookChange, MOST_ALERTS, type OpenDeploy, openHookBook } from './hook-state.ts';
import type { HookDeploy, HookReading } from './message.ts';
import { openPings, type PingSignal, type Pings } from './pings.ts';
import { checkGithubSignature, checkOwnSignature, isSame, type SignatureVerdict } from './signature.ts';
import { createSnsSignatures, isAmazon, type SnsSignatures } from './sns-signature.ts';
import { READERS } from './sources/index.ts';

const DEEPEST = 32;
const CONFIRM_LIMIT = seconds(5);

export interface HookRequest {
  readonly source: string;
  readonly token: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly dryRun: boolean;
}

export interface InboundDeps {
  readonly config: Live<{ readonly webhooks: WebhookConfig; readonly pings: readonly PingConfig[] }>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly audit: AuditLog;
  readonly states: StateStore;
  readonly http: HttpClient;
  /** The API token: addresses without a token file of their own are derived from it. */
  readonly apiToken: string;
  /** Reads a secret file of the configuration folder; `null` where it cannot be read. */
  readonly readSecret: (file: string) => string | null;
  readonly targets: () => readonly string[];
  /** A deploy began or ended. */
  readonly onDeploy: (text: string, target: string | null) => void;
}

export interface HookDesk extends OutsideWatch {
  /** Reads what was kept. Before it, everything is answered with 503. */
  start(): Promise<void>;
  receive(request: HookRequest): Promise<HttpAnswer>;
  ping(id: string, signal: PingSignal): Promise<HttpAnswer>;
  deploys(): readonly OpenDeploy[];
  clockJumped(by: Ms): Promise<void>;
  /** The path of each source that is on; the token is in it. */
  addresses(): readonly { readonly source: string; readonly path: string }[];
}

export function createHookDesk(deps: InboundDeps): HookDesk {
  const { clock, config } = deps;
  const sns = createSnsSignatures(deps);
  let open: { readonly book: HookBook; readonly pings: Pings } | null = null;

  return {
    async start() {
      const book = await openHookBook({ states: deps.states, now: clock.now });
      const pings = await openPings({
        states: deps.states,
        configured: () => config.current().pings,
        begunAt: clock.now(),
      });
      open = { book, pings };
    },
    async receive(request) {
      if (open === null) return starting();
      const source = findSource(request, deps);
      if (source === undefined) return problem('NOT_FOUND', 'There is no such webhook address.');
      return take(request, source, { ...deps, book: open.book, sns });
    },
    async ping(id, signal) {
      if (open === null) return starting();
      const known = await open.pings.take(id, signal, clock.now());
      return known ? { status: 200, body: { ok: true } } : problem('NOT_FOUND', 'There is no such ping.');
    },
    alerts: () => (open === null ? [] : [...open.book.current().alerts, ...open.pings.alerts(clock.now())]),
    deploys: () => open?.book.current().deploys.filter(({ until }) => until > clock.now()) ?? [],
    clockJumped: async (by) => open?.pings.clockJumped(by),
    addresses: () =>
      config.current().webhooks.sources.flatMap((source) => {
        const token = tokenOf(source, deps);
        return token === null ? [] : [{ source: source.source, path: `/hooks/${source.source}/${token}` }];
      }),
  };
}

type Tools = InboundDeps & { readonly book: HookBook; readonly sns: SnsSignatures };

async function take(request: HookRequest, source: SourceConfig, tools: Tools): Promise<HttpAnswer> {
  const parsed = parseBody(request.body);
  if (parsed.kind === 'bad') return problem('BAD_REQUEST', parsed.reason);
  const verdict = await checkSignature(request, source, parsed.body, tools);
  if (verdict.kind === 'forged') {
    tools.log.warn('webhook refused', { source: source.source, reason: verdict.reason });
    return problem('UNAUTHENTICATED', verdict.reason);
  }
  const digest = createHash('sha256').update(request.body).digest('hex');
  const read = READERS[source.source]({ body: parsed.body, headers: request.headers, digest });
  switch (read.kind) {
    case 'bad':
      return problem('BAD_REQUEST', read.reason);
    case 'confirm':
      return confirm(read.url, request.dryRun, tools);
    case 'read':
      return keep(read, source, request.dryRun, tools);
  }
}

async function keep(
  read: Extract<HookReading, { kind: 'read' }>,
  source: SourceConfig,
  dryRun: boolean,
  tools: Tools,
): Promise<HttpAnswer> {
  const { book, clock } = tools;
  const now = clock.now();
  const idOf = (eventId: string): string => `${source.source}|${eventId}`;
  const fresh = read.alerts.filter(({ eventId }) => !book.hasSeen(idOf(eventId)));
  const deploys = read.deploys.filter(({ eventId }) => !book.hasSeen(idOf(eventId)));
  const context = { source: source.source, rules: source.rules, targets: tools.targets(), now };
  const alerts = fresh.map((alert) => interpret(alert, context)).filter((alert) => alert !== null);
  const duplicates = read.alerts.length + read.deploys.length - fresh.length - deploys.length;
  const told = { alerts: alerts.map(alertView), deploys: deploys.map(({ text }) => text), duplicates };
  if (dryRun) return { status: 202, body: { accepted: 0, dryRun: true, would: told } };
  if (isFull(book, alerts)) return problem('UNAVAILABLE', `More than ${MOST_ALERTS} alerts are open.`);
  const held = deploys.map((deploy) => ({ deploy, hold: holdOf(deploy, source, now) }));
  const change: HookChange = {
    eventIds: [...fresh, ...deploys].map(({ eventId }) => idOf(eventId)),
    alerts,
    deploys: held.map(({ deploy, hold }) =>
      deploy.state === 'started' && hold !== null ? hold : { ended: deploy.id },
    ),
  };
  if (change.eventIds.length > 0) await book.apply(change);
  for (const { deploy, hold } of held) tools.onDeploy(deploy.text, hold?.target ?? null);
  return { status: 202, body: { accepted: alerts.length + deploys.length, dryRun: false, duplicates } };
}

function isFull(book: HookBook, alerts: readonly OutsideAlert[]): boolean {
  const known = new Set(book.current().alerts.map(({ key }) => key));
  const added = alerts.filter(({ key, state }) => state === 'firing' && !known.has(key)).length;
  return known.size + added > MOST_ALERTS;
}

/** What a deploy holds back; `null` where no rule of the source speaks of it. */
function holdOf(deploy: HookDeploy, { deploys }: SourceConfig, now: EpochMs): OpenDeploy | null {
  const rule = deploys.find(
    (entry) => fits(deploy.repository, entry.repository) && fits(deploy.environment, entry.environment),
  );
  if (rule === undefined) return null;
  const { id, text } = deploy;
  return { id, text, target: rule.target ?? null, until: after(now, rule.holdMinutes) };
}

/** A subscription is confirmed by a visit, and only ever on a host of Amazon's. */
async function confirm(url: string, dryRun: boolean, { http, audit }: Tools): Promise<HttpAnswer> {
  if (!isAmazon(url)) return problem('BAD_REQUEST', 'SubscribeURL: expected an address of SNS');
  if (dryRun) return { status: 202, body: { accepted: 0, dryRun: true, would: { confirm: true } } };
  await audit.append({ kind: 'command', actor: 'webhook:sns', text: 'SNS subscription confirmed' });
  const answer = await http.request({ url, timeLimit: CONFIRM_LIMIT });
  const done = answer.kind === 'answered' && answer.status === 200;
  return done ? { status: 202, body: { accepted: 1 } } : problem('UNAVAILABLE', 'SNS did not answer.');
}

function checkSignature(
  { headers, body }: HookRequest,
  source: SourceConfig,
  parsed: unknown,
  tools: Tools,
): SignatureVerdict | Promise<SignatureVerdict> {
  switch (source.source) {
    case 'github':
      return withSecret(source, tools, (secret) => checkGithubSignature(body, headers, secret));
    case 'generic':
      if (!source.requireSignature && headers['x-nightshift-signature'] === undefined)
        return { kind: 'genuine' };
      return withSecret(source, tools, (secret) =>
        checkOwnSignature(body, headers, secret, tools.clock.now()),
      );
    case 'sns':
      return tools.sns.check(parsed);
    default:
      // These do not sign; the token of the address is their secret.
      return { kind: 'genuine' };
  }
}

function withSecret(
  source: SourceConfig,
  deps: InboundDeps,
  check: (secret: string) => SignatureVerdict,
): SignatureVerdict {
  const secret = source.secretFile === undefined ? tokenOf(source, deps) : deps.readSecret(source.secretFile);
  return secret === null
    ? { kind: 'forged', reason: 'the signing secret cannot be read here' }
    : check(secret);
}

function findSource({ source, token }: HookRequest, deps: InboundDeps): SourceConfig | undefined {
  return deps.config.current().webhooks.sources.find((entry) => {
    const expected = entry.source === source ? tokenOf(entry, deps) : null;
    return expected !== null && isSame(token, expected);
  });
}

function tokenOf({ source, tokenFile }: SourceConfig, { apiToken, readSecret }: InboundDeps): string | null {
  if (tokenFile !== undefined) return readSecret(tokenFile);
  return createHmac('sha256', apiToken).update(`hooks/${source}`).digest('base64url').slice(0, 32);
}

type Body =
  | { readonly kind: 'good'; readonly body: unknown }
  | { readonly kind: 'bad'; readonly reason: string };

function parseBody(raw: Buffer): Body {
  let forbidden = false;
  try {
    const body: unknown = JSON.parse(raw.toString('utf8'), (key, value: unknown) => {
      if (key === '__proto__') forbidden = true;
      return value;
    });
    if (forbidden) return { kind: 'bad', reason: 'the key __proto__ is not taken' };
    if (isDeeperThan(body, DEEPEST)) return { kind: 'bad', reason: `nested deeper than ${DEEPEST} levels` };
    return { kind: 'good', body };
  } catch {
    // JSON.parse has only one way to fail; its words are of no use to a sender.
    return { kind: 'bad', reason: 'the body is not JSON' };
  }
}

function alertView({ key, state, severity, kind, target, text }: OutsideAlert): object {
  return { key, state, severity, kind, target, text };
}

function starting(): HttpAnswer {
  return problem('UNAVAILABLE', 'Nightshift is starting.');
}
