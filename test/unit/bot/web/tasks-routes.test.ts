import { afterEach, describe, expect, it } from 'vitest';
import { bearer, startWeb, type TestWeb } from '../../../support/web.ts';

const started: TestWeb[] = [];
afterEach(async () => {
  for (const { web } of started.splice(0)) await web.stop();
});

async function start(): Promise<TestWeb> {
  const web = await startWeb({});
  started.push(web);
  return web;
}

describe('taskRoutes', () => {
  it('shows queues and tasks, with null where a queue does not answer', async () => {
    const { call } = await start();

    const { status, json } = await call('/api/tasks?limit=2', { headers: bearer() });

    expect(status).toBe(200);
    expect(json).toMatchObject({
      queues: [
        { queue: 'default', depth: 2, oldestSeconds: 90, startsPerMinute: 120 },
        { queue: 'emails', depth: null, running: null, reason: 'Redis: connect ECONNREFUSED' },
      ],
      tasks: [{ id: 't01', task: 'rebuild-index', state: 'waiting' }, { id: 't02' }],
      total: null,
    });
  });

  it('shows one task with its progress and what it wrote', async () => {
    const { call } = await start();

    const found = await call('/api/tasks/t03', { headers: bearer() });

    expect(found.json).toMatchObject({ task: { progress: 0.4 }, log: ['progress: 40 %', 'shop 42'] });
    expect((await call('/api/tasks/nope', { headers: bearer() })).status).toBe(404);
  });

  it('says by its status what became of a submission', async () => {
    const { call } = await start();
    const post = (body: unknown): ReturnType<typeof call> =>
      call('/api/tasks', { method: 'POST', headers: bearer(), body });
    const task = 'rebuild-index';

    const answers = [
      await post({ task, variables: { shop: 42 } }),
      await post({ task, key: 'known' }),
      await post({ task, dryRun: true }),
      await post({ task, key: 'full' }),
      await post({ task, key: 'away' }),
      await post({ task: 'other' }),
      await post({ task, priority: 0 }),
      await post({ command: ['/bin/sh'] }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([202, 202, 200, 429, 503, 404, 400, 400]);
    expect(answers[0]?.json).toMatchObject({ existing: false, task: { variables: { shop: '42' } } });
    expect(answers[1]?.json).toMatchObject({ existing: true });
    expect(answers[3]?.json).toMatchObject({ error: { code: 'REFUSED' } });
  });
});
