import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { HTTP_STATUS } from '../../../../src/platform/http-problem.ts';
import { type Answer, bearer, startWeb, type TestWeb } from '../../../support/web.ts';

let test: TestWeb | undefined;
afterEach(() => test?.web.stop());

const ALL_PARTS = {
  push: () => ({ accepted: 0, refused: [] }),
  demo: {
    faults: () => [{ name: 'hang', label: 'Hang', summary: 'It hangs.', active: false }],
    inject: async () => ({ kind: 'done', text: '' }) as const,
  },
  hooks: {
    receive: async () => ({ status: 202, body: { accepted: 1 } }),
    ping: async () => ({ status: 200, body: { ok: true } }),
  },
  slackHttp: async () => ({ status: 200, headers: {}, body: '' }),
};

describe('openApi', () => {
  it('knows the same routes and roles as docs/api.md', async () => {
    test = await startWeb(ALL_PARTS);
    const { json } = await test.call('/api/openapi.json', { headers: bearer() });
    const served = Object.entries(
      json.paths as Record<string, Record<string, { 'x-role'?: string }>>,
    ).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { 'x-role': role = '' }]) => {
        const address = path.replaceAll(/\{(\w+)\}/g, ':$1');
        return `${method.toUpperCase()} ${address} ${role}`.trim();
      }),
    );

    const lines = readFileSync('docs/api.md', 'utf8').matchAll(/^\| `((?:GET|POST) \S+)` \| (\w*) ?\|/gm);
    const documented = [...lines].map(([, address, role]) => `${address} ${role}`.trim());

    expect(documented.toSorted()).toEqual(served.toSorted());
  });

  it('documents every code with its status', () => {
    const lines = readFileSync('docs/api.md', 'utf8').matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \|/gm);

    expect(Object.fromEntries([...lines].map(([, code, status]) => [code, Number(status)]))).toEqual(
      HTTP_STATUS,
    );
  });

  it('tells every route with what it takes, from the schemas that check it', async () => {
    test = await startWeb({ push: () => ({ accepted: 0, refused: [] }) });

    const { json } = await test.call('/api/openapi.json', { headers: bearer() });

    expect(json.openapi).toBe('3.0.3');
    expect(Object.keys(json.paths)).toEqual(
      expect.arrayContaining([
        '/healthz',
        '/api/status',
        '/api/incidents/{id}',
        '/api/commands',
        '/api/events',
      ]),
    );
    expect(json.paths['/api/incidents'].get.parameters).toContainEqual(
      expect.objectContaining({
        name: 'severity',
        in: 'query',
        schema: expect.objectContaining({ enum: expect.any(Array) }),
      }),
    );
    const { schema } = json.paths['/api/approvals/{id}'].post.requestBody.content['application/json'];
    expect(schema).toMatchObject({
      required: ['decision'],
      properties: { decision: { enum: ['approve', 'deny'] } },
    });
    expect(json.paths['/healthz'].get.security).toBeUndefined();
    expect(json.paths['/api/metrics'].post['x-role']).toBe('responder');
    expect(JSON.stringify(json)).not.toMatch(/greedy|"choices"/);
  });

  it('holds every door that the server has, and no other', async () => {
    const opened: string[] = [];
    const watch = (message: unknown): void => {
      const { fastify } = message as { readonly fastify: FastifyInstance };
      fastify.addHook('onRoute', ({ method, url }) => {
        opened.push(...[method].flat().map((one) => `${one} ${url}`));
      });
    };
    subscribe('fastify.initialization', watch);
    test = await startWeb(ALL_PARTS).finally(() => unsubscribe('fastify.initialization', watch));

    const document = await documentOf(test);

    const doors = opened.filter((door) => !/^HEAD | \/\*?$/.test(door));
    expect(doors.length).toBeGreaterThan(30);
    expect(Object.keys(document).toSorted()).toEqual(doors.toSorted());
  });

  it('tells what every GET answers, as a running server does', async () => {
    const pageFolder = await mkdtemp(join(tmpdir(), 'page-'));
    await writeFile(join(pageFolder, 'index.html'), '<!doctype html><title>Nightshift</title>');
    test = await startWeb({ ...ALL_PARTS, pageFolder });
    const document = await documentOf(test);

    const answers = await Promise.all(
      Object.keys(document)
        .filter((door) => door.startsWith('GET /') && !STREAMS.includes(door))
        .map(async (door) => ({ door, ...(await askOnce(test as TestWeb, door)) })),
    );

    expect(answers.length).toBeGreaterThan(18);
    for (const { door, status, headers, text, json } of answers) {
      const content = document[door]?.responses[String(status)]?.content ?? {};
      const [type = '', shape] = Object.entries(content)[0] ?? [];
      expect(headers['content-type'], door).toContain(type === '' ? 'no such answer' : type);
      const checked = z
        .fromJSONSchema(shape?.schema ?? false, { defaultTarget: 'openapi-3.0' })
        .safeParse(json ?? text);
      expect(checked.error?.issues ?? [], door).toEqual([]);
    }
  });

  it('tells what every POST answers too', async () => {
    test = await startWeb(ALL_PARTS);

    const document = await documentOf(test);

    for (const [door, { responses }] of Object.entries(document)) {
      const good = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      expect(
        good.flatMap(([, { content }]) => Object.keys(content ?? {})),
        door,
      ).toHaveLength(1);
    }
  });
});

/** Held open: looked at by the tests of the feed. */
const STREAMS = ['GET /api/events'];

interface Operation {
  readonly responses: Readonly<
    Record<
      string,
      { readonly content?: Readonly<Record<string, { readonly schema: z.core.JSONSchema.JSONSchema }>> }
    >
  >;
}

/** Operations by `METHOD /path`. */
async function documentOf({ call }: TestWeb): Promise<Readonly<Record<string, Operation>>> {
  const { json } = await call('/api/openapi.json', { headers: bearer() });
  const paths = json.paths as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  return Object.fromEntries(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [
        `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
        operation,
      ]),
    ),
  );
}

async function askOnce({ call, night }: TestWeb, door: string): Promise<Answer> {
  const examples: Readonly<Record<string, string>> = {
    '/api/incidents/:id': `/api/incidents/${night.incidents[0]?.id}`,
    '/api/tasks/:id': `/api/tasks/${(await call('/api/tasks', { headers: bearer() })).json.tasks[0]?.id}`,
    '/api/metrics': '/api/metrics?metric=cpu',
    '/api/approvals': '/api/approvals?state=all',
    '/ping/:id': '/ping/nightly',
    '/ping/:id/:signal': '/ping/nightly/start',
  };
  const path = door.slice('GET '.length);
  return call(examples[path] ?? path, { headers: bearer() });
}
