import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/app/config.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const shipped = resolve(import.meta.dirname, '../../../configs');

/** The faults of the shipped configuration with some keys changed. */
async function faultsWith(changes: Readonly<Record<string, object>>): Promise<readonly string[]> {
  const folder = temporaryFolder();
  cpSync(shipped, folder, { recursive: true });
  for (const [name, change] of Object.entries(changes)) {
    const before = JSON.parse(readFileSync(join(folder, name), 'utf8')) as object;
    writeFileSync(join(folder, name), JSON.stringify({ ...before, ...change }));
  }
  const result = await loadConfig(folder);
  return result.kind === 'invalid' ? result.faults : [];
}

describe('crossFaults', () => {
  it('names a task whose queue nobody has: it would never run', async () => {
    const tasks = [{ name: 'mail', command: ['/bin/true'], queue: 'mails' }];

    expect(await faultsWith({ 'workers.json': { tasks } })).toEqual([
      'workers.json: tasks[0].queue: expected an embedded queue of targets.json (default), found "mails"',
    ]);
    const queues = [{ engine: 'embedded', name: 'mails' }];
    expect(await faultsWith({ 'workers.json': { tasks }, 'targets.json': { queues } })).toEqual([]);
  });

  it('names a budget and a throttle of a target nobody has', async () => {
    const budget = {
      budgets: { targets: [{ target: 'nobody', cpuPercent: 50 }] },
      throttle: { targets: ['no-one'], clearCachesOf: ['none'] },
    };

    expect(await faultsWith({ 'resource_budget.json': budget })).toEqual([
      'resource_budget.json: budgets.targets[0].target: expected a known target, found "nobody"',
      'resource_budget.json: throttle.targets[0]: expected a known target, found "no-one"',
      'resource_budget.json: throttle.clearCachesOf[0]: expected a known target, found "none"',
    ]);
  });

  it('refuses a budget of 0, 101, "lots" and less than nothing, with the place and what was found', async () => {
    for (const wrong of [0, 101, 'lots', -5]) {
      const faults = await faultsWith({ 'resource_budget.json': { budgets: { cpuPercent: wrong } } });

      expect(faults).toHaveLength(1);
      expect(faults[0]).toMatch(/^resource_budget\.json: budgets\.cpuPercent: /);
      expect(faults[0]).toContain(JSON.stringify(wrong));
    }
  });
});
