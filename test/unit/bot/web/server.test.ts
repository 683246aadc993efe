import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { WebDeps } from '../../../../src/bot/web/deps.ts';
import { minutes, seconds } from '../../../../src/domain/units.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { createMemoryStateStore, createSeededRandom, live } from '../../../support/memory-ports.ts';
import { API_TOKEN, bearer, startWeb, type TestWeb } from '../../../support/web.ts';

const started: TestWeb[] = [];
afterEach(async () => {
  for (const { web } of started.splice(0)) await web.stop();
});

async function start(over: Parameters<typeof startWeb>[0] = {}): Promise<TestWeb> {
  const web = await startWeb(over);
  started.push(web);
  return web;
}

const READS = [
  '/api/status',
  '/api/session',
  '/api/incidents',
  '/api/incidents/inc-7f3a',
  '/api/metrics',
  '/api/approvals',
  '/api/workers',
  '/api/tasks',
  '/api/tasks/t03',
  '/api/healing',
  '/api/audit',
  '/api/audit/verify',
];

const WRITES: readonly (readonly [path: string, body: unknown])[] = [
  ['/api/commands', { command: 'status' }],
  ['/api/approvals/9f2c4e7a1b6d4f0893ac5d2e7b1f6a04', { decision: 'approve' }],
  ['/api/metrics', { samples: [{ metric: 'queue_depth:orders', value: 4 }] }],
  ['/api/demo/faults', { fault: 'hang' }],
  ['/api/login-links', {}],
  ['/api/logout', {}],
  ['/api/tasks', { task: 'rebuild-index' }],
];

const ALL_PARTS: Pick<WebDeps, 'push' | 'demo'> = {
  push: (samples) => ({ accepted: samples.length, refused: [] }),
  demo: {
    faults: () => [{ name: 'hang', label: 'Hang', summary: 'It stops answering.', active: false }],
    inject: async (fault) => ({ kind: 'done', text: `${fault} injected.` }),
  },
};

describe('createWeb', () => {
  it('tells nothing and does nothing without credentials', async () => {
    const { call, night, asked } = await start(ALL_PARTS);

    const answers = [
      ...(await Promise.all([...READS, '/api/demo', '/api/events'].map((path) => call(path)))),
      ...(await Promise.all(WRITES.map(([path, body]) => call(path, { method: 'POST', body })))),
      ...(await Promise.all(READS.map((path) => call(path, { headers: bearer('wrong') })))),
      await call('/api/status', { headers: { cookie: 'nightshift_0=abc' } }),
    ];

    expect(answers.map(({ status, json }) => `${status} ${json.error.code}`)).toEqual(
      answers.map(() => '401 UNAUTHENTICATED'),
    );
    expect([night.calls, asked]).toEqual([[], []]);
  });

  it('answers everything to the local token', async () => {
    const { call } = await start(ALL_PARTS);

    const answers = await Promise.all([
      ...[...READS, '/api/demo'].map((path) => call(path, { headers: bearer() })),
      ...WRITES.map(([path, body]) => call(path, { method: 'POST', body, headers: bearer() })),
    ]);

    expect(answers.filter(({ status }) => status >= 400).map(({ text }) => text)).toEqual([]);
    expect(answers.every(({ headers }) => headers['cache-control'] === 'no-store')).toBe(true);
  });

  it('lets scoped tokens do what their scopes say', async () => {
    const { call, tokens, asked } = await start(ALL_PARTS);
    tokens.set([
      { name: 'reader', scopes: ['read'], token: 'reader-token-0001' },
      { name: 'actor', scopes: ['act'], token: 'actor-token-00001' },
      { name: 'approver', scopes: ['approve'], token: 'approver-token-01' },
    ]);
    const [, approval, push, demo, link] = WRITES;
    const statusOf = async (token: string, write: (typeof WRITES)[number] | undefined): Promise<number> => {
      const [path, body] = write ?? ['/nothing', {}];
      return (await call(path, { method: 'POST', body, headers: bearer(token) })).status;
    };

    expect([await statusOf('reader-token-0001', push), await statusOf('reader-token-0001', demo)]).toEqual([
      403, 403,
    ]);
    expect([await statusOf('actor-token-00001', push), await statusOf('actor-token-00001', demo)]).toEqual([
      202, 200,
    ]);
    expect(await statusOf('reader-token-0001', approval)).toBe(403);
    expect(await statusOf('actor-token-00001', approval)).toBe(403);
    expect(await statusOf('actor-token-00001', link)).toBe(403);
    expect(await statusOf('approver-token-01', approval)).toBe(200);
    await statusOf('reader-token-0001', WRITES[0]);
    expect(asked.at(-1)?.actor).toMatchObject({ id: 'token:reader', roles: ['viewer'] });
  });

  it('says alive, ready and not ready to anybody, and counts for Prometheus', async () => {
    const { call, night } = await start();

    expect((await call('/healthz', { headers: { host: 'balancer.example' } })).json).toMatchObject({
      ok: true,
    });
    expect((await call('/readyz')).status).toBe(200);
    night.ready = false;
    expect(await call('/readyz')).toMatchObject({
      status: 503,
      json: { ready: false, parts: { audit: { ok: false } } },
    });
    const metrics = await call('/metrics');
    expect(metrics.headers['content-type']).toContain('text/plain');
    expect(metrics.text).toContain('nightshift_audit_lines_total 6');
  });

  it('answers commands with their reply, and refusals with their status', async () => {
    const { call, asked } = await start();
    const run = async (body: unknown): Promise<unknown[]> => {
      const { status, json } = await call('/api/commands', { method: 'POST', body, headers: bearer() });
      return [status, json.code ?? json.error.code, json.error?.code];
    };

    expect(await run({ command: 'status', options: { window: '1h' }, dryRun: true })).toEqual([
      200,
      'OK',
      undefined,
    ]);
    expect(asked.at(-1)?.call).toEqual({ command: 'status', options: { window: '1h' }, dryRun: true });
    expect(await run({ text: 'status' })).toEqual([200, 'OK', undefined]);
    expect(await run({ command: 'fail' })).toEqual([200, 'FAILED', undefined]);
    expect(await run({ command: 'stauts' })).toEqual([400, 'UNKNOWN_COMMAND', 'UNKNOWN_COMMAND']);
    expect(await run({ command: 'bad' })).toEqual([400, 'BAD_OPTION', 'BAD_OPTION']);
    expect(await run({ command: 'role' })).toEqual([403, 'FORBIDDEN', 'FORBIDDEN']);
    expect(await run({ command: 'lost' })).toEqual([404, 'NOT_FOUND', 'NOT_FOUND']);
    expect(await run({ command: 'no' })).toEqual([409, 'REFUSED', 'REFUSED']);
    expect(await run({ command: 'status', more: 1 })).toEqual([400, 'BAD_REQUEST', 'BAD_REQUEST']);
    expect(await run([])).toEqual([400, 'BAD_REQUEST', 'BAD_REQUEST']);
  });

  it('records one decision, whoever presses how often', async () => {
    const { call, night } = await start();
    const path = `/api/approvals/${night.approval.id}`;
    const press = (decision: string): ReturnType<typeof call> =>
      call(path, { method: 'POST', body: { decision }, headers: bearer() });

    const answers = await Promise.all(Array.from({ length: 20 }, () => press('approve')));

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ json }) => json.code === 'REFUSED')).toHaveLength(19);
    expect(night.calls).toHaveLength(1);
    expect(
      (
        await call('/api/approvals/unknown', {
          method: 'POST',
          body: { decision: 'deny' },
          headers: bearer(),
        })
      ).status,
    ).toBe(404);
    expect((await press('maybe')).status).toBe(400);
  });

  it.each(
    READS.map((path) => `${path}?nonsense=1`).filter((path) =>
      /incidents\?|metrics|approvals|healing|audit\?/.test(path),
    ),
  )('names an unknown filter: %s', async (path) => {
    const { call } = await start();

    expect((await call(path, { headers: bearer() })).json.error.code).toBe('BAD_REQUEST');
  });

  it('filters incidents, and tells what it does not understand', async () => {
    const { call } = await start();
    const list = async (query: string): Promise<unknown> => {
      const { status, json } = await call(`/api/incidents?${query}`, { headers: bearer() });
      return status === 200
        ? json.incidents.map(({ id }: { id: string }) => id)
        : [status, json.error.message];
    };

    expect(await list('state=live')).toEqual(['inc-7f3a']);
    expect(await list('severity=warning&target=rpa-worker')).toEqual(['inc-5b11']);
    expect(await list('since=2h&limit=1')).toEqual(['inc-7f3a']);
    expect(await list('since=yesterday')).toEqual([400, expect.stringContaining('since: a time like 2h')]);
    expect(await list('limit=0')).toEqual([400, expect.stringContaining('limit')]);
    expect((await call('/api/incidents/inc-0000', { headers: bearer() })).status).toBe(404);
  });

  it('gives a metric with its history over a window', async () => {
    const { call } = await start();

    const { json } = await call('/api/metrics?metric=cpu&metric=memory&window=1h&points=60', {
      headers: bearer(),
    });

    expect(json.metrics.map(({ metric }: { metric: string }) => metric)).toEqual(['cpu', 'memory']);
    expect(json.series[0]).toMatchObject({ metric: 'cpu', stepSeconds: expect.closeTo(60, 0) });
    expect(json.series[0].mean).toHaveLength(60);
    expect((await call('/api/metrics?metric=nope', { headers: bearer() })).status).toBe(404);
    expect((await call('/api/metrics?metric=cpu&window=week', { headers: bearer() })).status).toBe(400);
    const backwards = '/api/metrics?metric=cpu&from=2026-11-22T02:00:00Z&to=2026-11-22T01:00:00Z';
    expect((await call(backwards, { headers: bearer() })).status).toBe(400);
  });

  it('hands pushed samples on, and says which it cannot read', async () => {
    const pushed: unknown[] = [];
    const { call, clock } = await start({
      push: (samples) => {
        pushed.push(...samples);
        return { accepted: samples.length, refused: [] };
      },
    });
    const push = (samples: unknown): ReturnType<typeof call> =>
      call('/api/metrics', { method: 'POST', body: { samples }, headers: bearer() });

    const { status, json } = await push([
      { metric: 'queue_depth:orders', value: 4 },
      { metric: 'queue_depth:mail', value: null, time: 'noon' },
    ]);

    expect([status, json.accepted]).toEqual([202, 1]);
    expect(json.refused).toEqual([{ metric: 'queue_depth:mail', reason: 'expected an ISO 8601 time' }]);
    expect(pushed).toEqual([{ metric: 'queue_depth:orders', value: 4, at: clock.now() }]);
    expect((await push([{ metric: 'cpu\n', value: 1 }])).status).toBe(400);
    expect((await push([{ metric: 'cpu', value: '1' }])).status).toBe(400);
  });

  it('has no route for parts that are not there', async () => {
    const { call } = await start();

    for (const [path, method] of [
      ['/api/demo', 'GET'],
      ['/api/demo/faults', 'POST'],
      ['/slack/events', 'POST'],
      ['/api/metrics', 'POST'],
    ] as const) {
      expect((await call(path, { method, headers: bearer() })).status).toBe(404);
    }
  });

  it('hands Slack its own bytes, whatever host name it came by', async () => {
    const { call } = await start({
      slackHttp: async (body, headers) => ({
        status: 200,
        headers: { 'content-type': 'text/plain' },
        body: `${headers['x-slack-signature']} ${body.toString()}`,
      }),
    });

    const { text } = await call('/slack/events', {
      method: 'POST',
      body: 'payload=%7B%22a%22%3A%201%7D',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        host: 'tunnel.example',
        'x-slack-signature': 'v0=1',
      },
    });

    expect(text).toBe('v0=1 payload=%7B%22a%22%3A%201%7D');
  });
});

describe('every route', () => {
  const HOSTILE = [
    'null',
    '[]',
    '"text"',
    '12e999',
    '{}',
    '{"text": 7}',
    '{"command": {"a": 1}}',
    '{"command": "status", "options": {"__proto__": {"x": 1}}}',
    '{"command": "status", "options": []}',
    '{"decision": ["approve"]}',
    '{"samples": [{"metric": "a", "value": 1e999}]}',
    '{"samples": {"length": 1000000}}',
    '{"token": {"toString": 1}}',
    '{"fault": "\\u0000"}',
    `{"text": "${'a'.repeat(5_000)}"}`,
    '\u0000\u0001',
    '',
  ];
  const QUERIES = [
    '',
    '?limit=NaN',
    '?since=%00',
    '?metric=&metric=',
    '?metric=__proto__',
    '?token[]=1',
    '?state=',
    '?window=9999999999999d',
    '?from=x&to=y',
    '?points=1e9',
  ];

  const IDS = ['%00', '..%2f..', 'x'.repeat(300), '%F0%9F%92%A9', '__proto__'];

  type Try = readonly [address: string, body: string | undefined];

  function triesOf(path: string, method: string): readonly Try[] {
    const addresses = path.includes('{') ? IDS.map((id) => path.replace(/\{\w+\}/, id)) : [path];
    return addresses.flatMap((address): readonly Try[] =>
      method === 'post'
        ? HOSTILE.map((body) => [address, body])
        : QUERIES.map((query) => [address + query, undefined]),
    );
  }

  it('answers whatever is thrown at it, and never with our own fault', async () => {
    const { call, log } = await start(ALL_PARTS);
    const { json } = await call('/api/openapi.json', { headers: bearer() });
    const tries = Object.entries(json.paths as Record<string, object>)
      .filter(([path]) => path !== '/api/events')
      .flatMap(([path, methods]) => Object.keys(methods).flatMap((method) => triesOf(path, method)));

    const statuses: string[] = [];
    for (const [address, body] of tries) {
      const method = body === undefined ? 'GET' : 'POST';
      const { status } = await call(address, { method, body, headers: bearer() });
      statuses.push(`${status} ${method} ${address}`);
    }

    expect(statuses.length).toBeGreaterThan(200);
    expect(statuses.filter((line) => line.startsWith('5'))).toEqual([]);
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
    expect((await call('/healthz')).status).toBe(200);
  });
});

describe('signing in', () => {
  it('opens a session by a one-time link, once', async () => {
    const { call, web, night } = await start();
    const link = new URL(web.issueLoginLink());
    const path = `${link.pathname}${link.search}`;

    const head = await call(path, { method: 'HEAD' });
    const first = await call(path);
    const second = await call(path);

    expect(head.headers['set-cookie']).toBeUndefined();
    expect([first.status, first.headers.location]).toEqual([303, '/']);
    expect(first.headers['set-cookie']?.[0]).toMatch(
      /^nightshift_\d+=[0-9a-f]{64}; .*Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect([second.headers.location, second.headers['set-cookie']]).toEqual(['/login?link=used', undefined]);
    expect(night.calls).toEqual(['console login by web:local-token: by a one-time link']);
  });

  it('opens a session by token, and holds guessing back', async () => {
    const { call } = await start();
    const login = (token: string): ReturnType<typeof call> =>
      call('/api/login', { method: 'POST', body: { token } });

    expect((await login(API_TOKEN)).headers['set-cookie']).toHaveLength(1);
    const guesses = [];
    for (let count = 0; count < 12; count += 1) guesses.push((await login(`guess-${count}`)).status);

    expect(guesses.slice(0, 9)).toEqual(Array.from({ length: 9 }, () => 401));
    expect(guesses.at(-1)).toBe(429);
  });

  it('lets the page read by cookie, and write with its CSRF token and Origin only', async () => {
    const { call, signIn, web, asked } = await start();
    const { cookie, csrf } = await signIn();
    const write = (headers: Readonly<Record<string, string>>): ReturnType<typeof call> =>
      call('/api/commands', { method: 'POST', body: { command: 'status' }, headers: { cookie, ...headers } });

    expect((await call('/api/status', { headers: { cookie } })).status).toBe(200);
    expect((await write({})).status).toBe(403);
    expect((await write({ origin: web.url() })).status).toBe(403);
    expect((await write({ origin: 'http://evil.example', 'x-nightshift-csrf': csrf })).status).toBe(403);
    expect(asked).toEqual([]);
    expect((await write({ origin: web.url(), 'x-nightshift-csrf': csrf })).status).toBe(200);
    expect(asked[0]?.actor).toMatchObject({ surface: 'web', id: 'local-token' });
  });

  it('is over after signing out', async () => {
    const { call, signIn, web } = await start();
    const { cookie, csrf } = await signIn();

    await call('/api/logout', {
      method: 'POST',
      body: {},
      headers: { cookie, origin: web.url(), 'x-nightshift-csrf': csrf },
    });

    expect((await call('/api/status', { headers: { cookie } })).status).toBe(401);
  });

  it('makes more links for the API token alone', async () => {
    const { call } = await start();

    const { json } = await call('/api/login-links', { method: 'POST', headers: bearer() });
    const link = new URL(json.url);

    expect((await call(`${link.pathname}${link.search}`)).headers.location).toBe('/');
  });

  it('makes links to the address that people use', async () => {
    const { web, call } = await start({
      config: live({ people: [], groups: [], consoleUrl: 'https://ops.example/' }),
    });

    const link = new URL(web.issueLoginLink());
    const { headers } = await call(`${link.pathname}${link.search}`, { headers: { host: 'ops.example' } });

    expect(link.origin).toBe('https://ops.example');
    expect(headers['set-cookie']?.[0]).toContain('Secure');
  });
});

describe('the live feed over HTTP', () => {
  it('sends a snapshot and patches, and ends when the bot stops', async () => {
    const clock = createFakeClock();
    const { web, night, signIn } = await start({ clock });
    const { cookie } = await signIn();
    const answer = await openFeed(`${web.url()}/api/events`, { cookie });
    const events: string[] = [];
    answer.on('data', (chunk: Buffer) => events.push(chunk.toString()));
    await once(answer, 'data');

    await night.controls.decide(night.approval.id, 'approve', ACTOR, '');
    await clock.advance(seconds(1));
    const ended = once(answer, 'end');
    await web.stop();
    await ended;

    expect(answer.headers['content-type']).toContain('text/event-stream');
    expect(answer.headers['content-security-policy']).toBeDefined();
    expect(events[0]).toMatch(/^retry: 2000\n\nevent: snapshot\ndata: \{/);
    expect(events.join('')).toContain('"state":"healing"');
  });
});

const ACTOR = {
  surface: 'web',
  id: 'local-token',
  display: 'local',
  person: 'local',
  roles: ['viewer', 'responder', 'operator', 'approver'],
} as const;

function openFeed(url: string, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { headers, agent: false }, resolve).on('error', reject).end();
  });
}

describe('the page over HTTP', () => {
  function pageFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'page-'));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Nightshift</title>');
    writeFileSync(join(folder, 'assets', 'main-abc.js'), 'plain');
    writeFileSync(join(folder, 'assets', 'main-abc.js.br'), 'compressed');
    writeFileSync(join(folder, '.secret'), 'hidden');
    return folder;
  }

  it('is the same page at every address of its own', async () => {
    const { call } = await start({ pageFolder: pageFolder() });

    for (const path of ['/', '/login', '/incidents/inc-7f3a']) {
      const { status, text, headers } = await call(path);
      expect([status, text.includes('<title>Nightshift'), headers['cache-control']]).toEqual([
        200,
        true,
        'no-cache',
      ]);
      expect(headers['content-security-policy']).toContain("script-src 'self'");
    }
  });

  it('sends built files compressed, to be kept for ever', async () => {
    const { call } = await start({ pageFolder: pageFolder() });

    const { text, headers } = await call('/assets/main-abc.js', {
      headers: { 'accept-encoding': 'br, gzip' },
    });

    expect([text, headers['content-encoding']]).toEqual(['compressed', 'br']);
    expect(headers['cache-control']).toContain('immutable');
    expect(headers['content-type']).toContain('javascript');
  });

  it.each(['/assets/../.secret', '/..%2f..%2fetc%2fpasswd', '/.secret', '/assets/none.js', '/api/nothing'])(
    'has nothing at %s',
    async (path) => {
      const { call } = await start({ pageFolder: pageFolder() });

      const { text, status } = await call(path);

      expect(text).not.toMatch(/hidden|root:/);
      expect(status === 404 || text.includes('<title>')).toBe(true);
    },
  );

  it('says how to build it where it is not built', async () => {
    const { call } = await start();

    expect((await call('/')).json.error.message).toContain('npm run build');
  });
});

describe('start and stop', () => {
  it('keeps sessions over a restart', async () => {
    const states = createMemoryStateStore();
    const first = await start({ states });
    const { cookie } = await first.signIn();
    const port = Number(new URL(first.web.url()).port);
    await first.web.stop();

    const second = await start({ states, port, random: createSeededRandom(8) });

    expect((await second.call('/api/status', { headers: { cookie } })).status).toBe(200);
  });

  it('starts once, and stops as often as it is asked to', async () => {
    const { web } = await start();

    await web.start();
    await Promise.all([web.stop(), web.stop()]);
  });

  it('fails with the address when the port is in use, and can still be stopped', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };

    await expect(startWeb({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    other.close();
  });

  it('expires the sessions of people who went home', async () => {
    const clock = createFakeClock();
    const { call, signIn } = await start({ clock });
    const { cookie } = await signIn();

    await clock.advance(minutes(12 * 60));

    expect((await call('/api/status', { headers: { cookie } })).status).toBe(401);
  });
});
