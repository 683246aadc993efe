import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ms } from '../../../src/domain/units.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { createHttpServer, type HttpServer, type HttpServerDeps } from '../../../src/platform/http-server.ts';
import { createMemoryLogger } from '../../support/memory-ports.ts';
import { type Answer, callOnce } from '../../support/web.ts';

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(over: Partial<HttpServerDeps> = {}): Promise<{
  readonly server: HttpServer;
  readonly call: (path: string, options?: Parameters<typeof callOnce>[2]) => Promise<Answer>;
  readonly base: string;
}> {
  const server = await createHttpServer({
    clock: createSystemClock(),
    log: createMemoryLogger(),
    host: '127.0.0.1',
    port: 0,
    hostNames: () => ['web-1'],
    ...over,
  });
  servers.push(server);
  server.app.post('/echo', async (request) => request.body);
  server.app.get('/broken', async () => {
    throw new Error('the inside of it');
  });
  server.app.get('/limited', { config: { rateLimit: { max: 2, timeWindow: 60_000 } } }, async () => 'ok');
  server.app.get('/signed', { config: { anyHost: true } }, async () => 'ok');
  server.app.get('/open', (_request, reply) => {
    reply.hijack();
    reply.raw.write('and so on');
  });
  await server.listen();
  const base = `http://127.0.0.1:${server.port()}`;
  return { server, base, call: (path, options = {}) => callOnce(base, path, options) };
}

/** What comes back on a bare connection until it ends. */
async function rawAnswer(server: HttpServer, text: string): Promise<string> {
  const socket = connect(server.port(), '127.0.0.1');
  let read = '';
  socket.on('data', (chunk) => {
    read += chunk.toString();
  });
  socket.write(text);
  await once(socket, 'close');
  return read;
}

describe('createHttpServer', () => {
  it('answers every fault in one shape', async () => {
    const { call } = await start();

    const answers = [
      await call('/nothing'),
      await call('/echo', { method: 'POST', body: '{"broken"' }),
      await call('/echo', { method: 'POST', body: '{"__proto__": {"a": 1}}' }),
      await call('/echo', { method: 'POST', body: '{"constructor": {"prototype": {"a": 1}}}' }),
      await call('/echo', { method: 'POST', body: JSON.stringify('x'.repeat(1_048_577)) }),
      await call('/echo', { method: 'POST', body: `${'['.repeat(40)}${']'.repeat(40)}` }),
      await call('/echo', { method: 'POST', body: 'a=1', headers: { 'content-type': 'text/html' } }),
      await call('/%zz'),
      await call('/broken'),
    ];

    expect(answers.map(({ status, json }) => [status, json.error.code])).toEqual([
      [404, 'NOT_FOUND'],
      [400, 'BAD_REQUEST'],
      [400, 'BAD_REQUEST'],
      [400, 'BAD_REQUEST'],
      [413, 'TOO_LARGE'],
      [400, 'BAD_REQUEST'],
      [415, 'UNSUPPORTED_MEDIA'],
      [400, 'BAD_REQUEST'],
      [500, 'INTERNAL'],
    ]);
    for (const { json } of answers) expect(Object.keys(json.error)).toEqual(['code', 'message', 'details']);
    expect(answers.at(-1)?.text).not.toContain('the inside of it');
  });

  it('lets a sender of too much finish, so that it reads why instead of a reset', async () => {
    const { call } = await start();
    const body = JSON.stringify('x'.repeat(5_000_000));

    const answers = await Promise.all(
      Array.from({ length: 10 }, () => call('/echo', { method: 'POST', body })),
    );

    expect(answers.map(({ status, json }) => [status, json.error.code])).toEqual(
      Array.from({ length: 10 }, () => [413, 'TOO_LARGE']),
    );
  });

  it('never repeats a query in an error: a login link carries its token there', async () => {
    const { call } = await start();

    expect((await call('/nothing?token=s3cret')).text).not.toContain('s3cret');
  });

  it('knows only its own host names, but for routes that prove themselves', async () => {
    const { call } = await start();
    const headers = { host: 'evil.example' };

    expect((await call('/echo', { method: 'POST', body: {}, headers })).status).toBe(403);
    expect((await call('/echo', { method: 'POST', body: {}, headers: { host: 'web-1:80' } })).status).toBe(
      200,
    );
    expect((await call('/signed', { headers })).status).toBe(200);
  });

  it('sends the strictest policy with every answer', async () => {
    const { call } = await start();

    const { headers } = await call('/nothing');

    expect(headers['content-security-policy']).toMatch(
      /default-src 'none'.*require-trusted-types-for 'script'/,
    );
    expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:/);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  });

  it('holds back who tries too often, and says for how long', async () => {
    const { call } = await start();
    await call('/limited');
    await call('/limited');

    const { status, json, headers } = await call('/limited');

    expect([status, json.error.code]).toEqual([429, 'RATE_LIMITED']);
    expect(json.error.message).toMatch(/Try again in \d+ s/);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });

  it('cuts off a client that sends its headers or its body too slowly', async () => {
    const { server } = await start({ limits: { headers: ms(60), request: ms(120), sweep: ms(20) } });

    const slowHeaders = await rawAnswer(server, 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: 1');
    const slowBody = await rawAnswer(
      server,
      'POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{"a"',
    );

    expect(slowHeaders).toContain('408');
    expect(slowBody).toContain('"TIMEOUT"');
  });

  it('answers bytes that are not HTTP, and goes on', async () => {
    const { server, call } = await start();

    expect(await rawAnswer(server, 'hello\r\n\r\n')).toContain('"BAD_REQUEST"');
    expect((await call('/signed')).status).toBe(200);
  });

  it('names the address and the way out when the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };

    const failure = start({ port });

    await expect(failure).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      context: { host: '127.0.0.1', port },
    });
    await expect(failure).rejects.toThrow(
      new RegExp(`127\\.0\\.0\\.1:${port} is already in use.*NIGHTSHIFT_PORT`),
    );
    other.close();
  });

  it('names an address that is not of this machine', async () => {
    await expect(start({ host: '203.0.113.9' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('closes while a feed is still open', async () => {
    const { server, base } = await start();
    const socket = connect(server.port(), '127.0.0.1');
    socket.write(`GET /open HTTP/1.1\r\nHost: ${new URL(base).host}\r\n\r\n`);
    await once(socket, 'data');

    await server.close();

    await expect(callOnce(base, '/signed', {})).rejects.toThrow();
  });
});
