import { afterEach, describe, expect, it } from 'vitest';
import { bearer, startWeb, type TestWeb } from '../../../support/web.ts';

let test: TestWeb | undefined;
afterEach(() => test?.web.stop());

describe('openApi', () => {
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
