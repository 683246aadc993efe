import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { HTTP_STATUS } from '../../../../src/platform/http-problem.ts';
import { bearer, startWeb, type TestWeb } from '../../../support/web.ts';

let test: TestWeb | undefined;
afterEach(() => test?.web.stop());

const ALL_PARTS = {
  push: () => ({ accepted: 0, refused: [] }),
  demo: { faults: () => [], inject: async () => ({ kind: 'done', text: '' }) as const },
};

describe('openApi', () => {
  it('knows the same routes and roles as docs/api.md', async () => {
    test = await startWeb(ALL_PARTS);
    const { json } = await test.call('/api/openapi.json', { headers: bearer() });
    const served = Object.entries(
      json.paths as Record<string, Record<string, { 'x-role'?: string }>>,
    ).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { 'x-role': role = '' }]) => {
        const address = path.replace(/\{(\w+)\}/, ':$1');
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
});
