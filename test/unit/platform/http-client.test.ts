import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HttpRequest, HttpResult } from '../../../src/domain/ports.ts';
import { ms, seconds } from '../../../src/domain/units.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { createHttpClient } from '../../../src/platform/http-client.ts';
import { createNameLookup } from '../../../src/platform/name-lookup.ts';

const clock = createSystemClock();
const http = createHttpClient({ clock });
const get = (url: string, over: Partial<HttpRequest> = {}): Promise<HttpResult> =>
  http.request({ url, timeLimit: seconds(5), ...over });

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** A server that says whatever a test wants, HTTP or not. */
async function serveRaw(talk: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).resume();
    talk(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe('createHttpClient', () => {
  it('sends method, headers and body, and gives status and body back', async () => {
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        response.statusCode = 201;
        response.end(
          `${request.method} ${request.headers['x-test']} ${request.headers['content-length']} ${body}`,
        );
      });
    });

    const result = await get(url, { method: 'POST', headers: { 'x-test': 'yes' }, body: 'grüße' });

    expect(result).toMatchObject({ kind: 'answered', status: 201, body: 'POST yes 7 grüße' });
    expect(result.took).toBeGreaterThan(0);
  });

  it('takes every status for an answer and follows no redirect', async () => {
    const url = await serve((request, response) => {
      response.writeHead(request.url === '/' ? 302 : 200, { location: '/elsewhere' }).end('moved');
    });

    expect(await get(url)).toMatchObject({ kind: 'answered', status: 302, body: 'moved' });
    expect(await get(url, { method: 'HEAD' })).toMatchObject({ kind: 'answered', status: 302, body: '' });
  });

  it('cuts a body past a mebibyte and still answers', async () => {
    const url = await serve((_, response) => {
      const more = (): void => {
        while (response.write(Buffer.alloc(65_536, 'x')));
        response.once('drain', more);
      };
      more();
    });

    const result = await get(url);

    expect(result.kind === 'answered' && result.body.length).toBe(1_048_576);
  });

  it.each([
    ['the connection says nothing', () => {}],
    ['the headers never end', (socket: Socket) => void socket.write('HTTP/1.1 200 OK\r\nx-a: ')],
    [
      'the body never ends',
      (socket: Socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'),
    ],
  ])('gives up at its deadline when %s', async (_, talk) => {
    const result = await get(await serveRaw(talk), { timeLimit: ms(200) });

    expect(result.kind).toBe('timed_out');
    expect(result.took).toBeGreaterThanOrEqual(195);
    expect(result.took).toBeLessThan(2_000);
  });

  it('gives up at its deadline when the name server says nothing', async () => {
    const names = createNameLookup(clock, () => new Promise(() => {}));
    const result = await createHttpClient({ clock, names }).request({
      url: 'http://web.example/',
      timeLimit: ms(100),
    });

    expect(result.kind).toBe('timed_out');
  });

  it('gives up when its caller does', async () => {
    const stop = new AbortController();
    const running = get(await serveRaw(() => {}), { signal: stop.signal });

    clock.in(ms(50), () => stop.abort());

    expect(await running).toMatchObject({ kind: 'failed', reason: 'it was given up' });
    expect(await get('http://127.0.0.1/', { signal: stop.signal })).toMatchObject({ kind: 'failed' });
  });

  it('says in words why there was no answer', async () => {
    const closed = await serveRaw((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'),
    );
    const noHttp = await serveRaw((socket) => socket.end('SSH-2.0-OpenSSH\r\n'));
    const unknown = createNameLookup(clock, async () => {
      throw Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
    });
    const reasonOf = async (result: Promise<HttpResult>): Promise<string> => {
      const end = await result;
      return end.kind === 'failed' ? end.reason : end.kind;
    };

    expect(await reasonOf(get('http://127.0.0.1:1/'))).toBe(
      'nobody listens there (127.0.0.1:1, ECONNREFUSED)',
    );
    expect(await reasonOf(get(closed))).toMatch(/closed in the middle|cut/);
    expect(await reasonOf(get(noHttp))).toContain('Parse Error');
    expect(await reasonOf(get(noHttp.replace('http:', 'https:')))).toContain('does not speak TLS');
    expect(await reasonOf(get('ftp://127.0.0.1/'))).toContain('is no http or https address');
    expect(await reasonOf(get('nonsense'))).toContain('is no http or https address');
    expect(await reasonOf(get('http://127.0.0.1/', { headers: { 'x-a': 'a\r\nb: c' } }))).toContain(
      'Invalid character',
    );
    expect(
      await reasonOf(
        createHttpClient({ clock, names: unknown }).request({
          url: 'http://web.example/',
          timeLimit: seconds(5),
        }),
      ),
    ).toBe('there is no such host name (web.example, ENOTFOUND)');
  });

  it('leaves no connection open', async () => {
    let open = 0;
    const url = await serve((_, response) => response.end('ok'));
    const raw = await serveRaw((socket) => {
      open += 1;
      socket.on('close', () => {
        open -= 1;
      });
    });

    await get(raw, { timeLimit: ms(100) });
    await get(url);

    await expect.poll(() => open).toBe(0);
  });
});
