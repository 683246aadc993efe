import { afterEach, describe, expect, it } from 'vitest';
import { ratio } from '../../../../src/domain/units.ts';
import { OptimizerConfig } from '../../../../src/optimizer/config.ts';
import { createOptimizerWorld } from '../../../support/optimizer-world.ts';
import { bearer, startWeb, type TestWeb } from '../../../support/web.ts';

const started: TestWeb[] = [];
afterEach(async () => {
  for (const { web } of started.splice(0)) await web.stop();
});

describe('GET /api/budget', () => {
  it('tells use in percent against budget, the throttle, busy hours and suggestions, and needs the token', async () => {
    const world = createOptimizerWorld();
    world.config.set(OptimizerConfig.parse({ budgets: { messagesPerHour: 20 } }));
    world.messages = 9;
    const optimizer = await world.start();
    await optimizer.learn();
    const by = { surface: 'cli', id: 'ada', display: 'Ada', person: 'ada', roles: [] } as const;
    await optimizer.setBudget({ target: 'api', cpu: ratio(0.25), until: null }, by, false);
    await world.beats(optimizer, 6, 0.95);
    const web = await startWeb({});
    started.push(web);
    Object.assign(web.night.controls, { optimizer });

    const { status, json } = await web.call('/api/budget', { headers: bearer() });

    expect(status).toBe(200);
    expect(json.budgets).toMatchObject([
      { target: null, resource: 'cpu', limit: 80, used: 95, state: 'over', source: 'config' },
      { resource: 'memory', limit: 70, used: null, state: 'unknown' },
      { resource: 'messages', limit: 20, used: 9, state: 'within' },
      { target: 'api', resource: 'cpu', limit: 25, used: null, source: 'set', by: 'cli:ada' },
    ]);
    expect(json.throttle).toMatchObject([{ target: null, rung: 'delay_batch' }]);
    expect(json.profiles).toMatchObject([{ metric: 'cpu', kind: 'split', peakHours: 'Mon–Fri 09–18 h' }]);
    expect(json.suggestions.map(({ state }: { state: string }) => state).sort()).toEqual(['holds', 'open']);
    expect((await web.call('/api/budget')).status).toBe(401);
  });
});
