import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../src/domain/units.ts';
import { HealingConfig } from '../../../src/healing/config.ts';
import { checkHealing, checkTargets } from '../../../src/healing/config-checks.ts';
import { TargetsConfig } from '../../../src/healing/targets-config.ts';

const shipped = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../configs', name), 'utf8'));
const faults = (
  data: unknown,
  schema: typeof HealingConfig | typeof TargetsConfig = HealingConfig,
): string[] => {
  const parsed = schema.safeParse(data);
  return parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
};
const rung = (action: unknown): string[] =>
  faults({ strategies: [{ name: 's', match: { kinds: ['high_cpu'] }, actions: [action] }] });
const argv = (...parts: string[]): string[] => faults({ commands: { x: { argv: parts } } });

describe('HealingConfig', () => {
  it('takes the shipped file, with its ladders as they are listed', () => {
    const config = HealingConfig.parse(shipped('healing_strategies.json'));
    const ladders = Object.fromEntries(
      config.strategies.map(({ name, actions }) => [name, actions.map(({ kind }) => kind).join(' ')]),
    );
    expect(ladders).toEqual({
      high_cpu: 'rate_limit restart_process',
      high_memory: 'clear_cache restart_worker',
      low_success_rate: 'llm_fallback restart_service alert',
      high_latency: 'enable_cache scale_up_workers',
      queue_stuck: 'restart_worker redistribute_tasks',
      ml_composite_anomaly: 'save_snapshot',
      disk_filling: 'clear_cache run_command alert',
      worker_down: 'restart_worker',
      service_down: 'restart_service',
    });
    expect(checkHealing(config, [])).toEqual([]);
  });

  it('is complete by its defaults, and safe', () => {
    const config = HealingConfig.parse({
      strategies: [{ name: 's', match: { kinds: ['high_cpu'] }, actions: ['clear_cache'] }],
    });
    expect(config.strategies[0]).toMatchObject({
      gracePeriod: seconds(300),
      maxAttemptsPerHour: 3,
      verifyWithin: seconds(120),
    });
    expect(config.limits).toMatchObject({
      perTargetPerHour: 6,
      perHostPerHour: 10,
      breaker: { failures: 2, openFor: minutes(60) },
    });
    expect(config).toMatchObject({
      criticalAllowList: [],
      approvalFor: minutes(15),
      reopenWithin: minutes(30),
      pageHold: minutes(10),
    });
  });

  it('takes limits of the file for every strategy that has none of its own', () => {
    const config = HealingConfig.parse({
      limits: { gracePeriodSeconds: 60, maxAttemptsPerHour: 2 },
      strategies: [
        { name: 'a', match: { kinds: ['high_cpu'] }, actions: ['clear_cache'] },
        {
          name: 'b',
          match: { kinds: ['high_cpu'] },
          actions: ['clear_cache'],
          maxAttemptsPerHour: 1,
          gracePeriodSeconds: 5,
        },
      ],
    });
    expect(
      config.strategies.map(({ gracePeriod, maxAttemptsPerHour }) => [gracePeriod, maxAttemptsPerHour]),
    ).toEqual([
      [seconds(60), 2],
      [seconds(5), 1],
    ]);
  });

  it('reads each kind of rung with its own fields', () => {
    const config = HealingConfig.parse({
      strategies: [
        {
          name: 's',
          match: { kinds: ['high_cpu'] },
          actions: [
            { kind: 'rate_limit', perSecond: 5, spanMinutes: 2, timeoutSeconds: 9 },
            { kind: 'redistribute_tasks', to: 'b' },
            { kind: 'run_command', command: 'x', needsApproval: true, target: 'api' },
            { kind: 'http_call', url: 'http://x/y' },
            { kind: 'trigger_workflow', workflow: 'deploy.yml' },
            'alert',
          ],
        },
      ],
    });
    expect(config.strategies[0]?.actions).toMatchObject([
      { perSecond: 5, span: minutes(2), timeLimit: seconds(9), target: null },
      { to: 'b' },
      { command: 'x', needsApproval: true, target: 'api' },
      { method: 'POST' },
      { workflow: 'deploy.yml' },
      { message: expect.any(String) },
    ]);
  });

  it('names unknown keys, wrong units and wrong rungs', () => {
    expect(faults({ limits: { gracePeriodMinutes: 5 } })[0]).toMatch(/limits: .*gracePeriodMinutes/);
    expect(faults({ limits: { gracePeriodSeconds: -5 } })[0]).toMatch(/^limits.gracePeriodSeconds/);
    expect(faults({ approvalMinutes: 1441 })[0]).toMatch(/^approvalMinutes/);
    expect(faults({ pageHoldMinutes: 11 })[0]).toMatch(/^pageHoldMinutes/);
    expect(rung('restart')[0]).toMatch(/expected one of rate_limit/);
    expect(rung('run_command')[0]).toMatch(/needs fields of its own/);
    expect(rung({ kind: 'run_command' })[0]).toMatch(/command/);
    expect(rung({ kind: 'clear_cache', timeoutMinutes: 5 })[0]).toMatch(/timeoutMinutes/);
    expect(rung(7)[0]).toMatch(/strategies.0.actions.0/);
    expect(faults({ maintenance: [{ from: '25:00', forMinutes: 5 }] })[0]).toMatch(/maintenance.0.from/);
    expect(
      faults({ strategies: [{ name: '-x', match: { kinds: ['high_cpu'] }, actions: ['alert'] }] })[0],
    ).toMatch(/name/);
  });

  it('never lets info start anything', () => {
    const strategy = { name: 's', match: { kinds: ['high_cpu'], minSeverity: 'info' }, actions: ['alert'] };
    expect(faults({ strategies: [strategy] })[0]).toMatch(/minSeverity/);
  });

  it('takes no shell line, no relative program and no half-filled argument', () => {
    expect(argv('/usr/bin/x', '{target}', '{host}', '--a=b')).toEqual([]);
    expect(argv('/opt/heal.sh', '-c')).toEqual([]);
    expect(argv('x')[0]).toMatch(/absolute path/);
    expect(argv('/bin/sh', '-c', 'rm -rf /')[0]).toMatch(/shell line/);
    expect(argv('/usr/bin/bash', '-ec', 'x')[0]).toMatch(/shell line/);
    expect(argv('/bin/x', '--name={target}')[0]).toMatch(/whole argument/);
    expect(argv('/bin/x', '{metric}')[0]).toMatch(/whole argument/);
    expect(argv('/bin/{target}')[0]).toMatch(/whole argument/);
    expect(argv()[0]).toMatch(/commands.x.argv/);
  });
});

describe('TargetsConfig', () => {
  it('takes the shipped file and the three kinds', () => {
    expect(TargetsConfig.parse(shipped('targets.json')).targets).toEqual([]);
    const config = TargetsConfig.parse({
      targets: [
        { name: 'a', kind: 'process', worker: 'w' },
        { name: 'b', kind: 'http', controls: { clear_cache: { url: 'http://x/' } } },
        { name: 'c', kind: 'command', commands: { restart: ['/bin/x'] }, check: ['/bin/y'] },
      ],
    });
    expect(config.targets.map(({ kind }) => kind)).toEqual(['process', 'http', 'command']);
    expect(config.targets[1]).toMatchObject({
      controls: { clear_cache: { method: 'POST', body: null } },
      undo: {},
    });
  });

  it('names the kinds there are when another is asked for', () => {
    expect(faults({ targets: [{ name: 'a', kind: 'podman' }] }, TargetsConfig)[0]).toBe(
      'targets.0.kind: expected kind to be one of process, systemd, docker, pm2, http, redis, queue, command',
    );
    expect(
      faults({ targets: [{ name: 'a', kind: 'command', commands: { restart: ['x'] } }] }, TargetsConfig)[0],
    ).toMatch(/targets.0.commands.restart.0: .*absolute/);
    expect(
      faults({ targets: [{ name: 'a', kind: 'http', controls: { reboot: {} } }] }, TargetsConfig),
    ).not.toEqual([]);
  });
});

describe('checkTargets', () => {
  it('reports duplicates, unknown names and circles, all of them', () => {
    const config = TargetsConfig.parse({
      targets: [
        { name: 'a', kind: 'http', dependsOn: ['b', 'nobody'] },
        { name: 'b', kind: 'http', dependsOn: ['a'] },
        { name: 'b', kind: 'process', worker: 'ghost' },
      ],
    });
    expect(checkTargets(config, [{ name: 'w', dependsOn: [] }])).toEqual([
      { path: 'targets.2.name', expected: 'a name used once', found: '"b"' },
      { path: 'targets.0.dependsOn.1', expected: 'a known target', found: '"nobody"' },
      { path: 'targets.2.worker', expected: 'a worker of workers.json', found: '"ghost"' },
      { path: 'targets', expected: 'dependencies that end', found: 'a -> b -> a' },
    ]);
    const fine = TargetsConfig.parse({
      targets: [{ name: 'a', kind: 'process', worker: 'w', dependsOn: ['w'] }],
    });
    expect(checkTargets(fine, [{ name: 'w', dependsOn: [] }])).toEqual([]);
  });
});

describe('checkHealing', () => {
  it('reports every name that nothing answers to', () => {
    const config = HealingConfig.parse({
      criticalAllowList: ['ghost'],
      maintenance: [{ target: 'ghost', from: '02:00', forMinutes: 5 }],
      autonomy: [{ strategy: 'nothing', target: 'ghost', autonomy: 'ask' }],
      twoPerson: ['restart_worker', 'command:none', 'target:ghost', 'x'],
      strategies: [
        {
          name: 's',
          match: { kinds: ['high_cpu', 'high_cpu'], targets: ['ghost'] },
          actions: [{ kind: 'clear_cache', target: 'ghost' }],
        },
        {
          name: 's',
          match: { kinds: ['high_cpu'] },
          actions: [
            { kind: 'run_command', command: 'none' },
            { kind: 'trigger_workflow', workflow: 'x.yml' },
          ],
        },
      ],
    });
    expect(checkHealing(config, ['api']).map(({ path }) => path)).toEqual([
      'strategies.1.name',
      'strategies.0.match.targets.0',
      'strategies.0.match.kinds.1',
      'strategies.0.actions.0.target',
      'strategies.1.actions.0.command',
      'strategies.1.actions.1',
      'criticalAllowList.0',
      'maintenance.0.target',
      'autonomy.0.strategy',
      'autonomy.0.target',
      'twoPerson.1',
      'twoPerson.2',
      'twoPerson.3',
    ]);
  });
});
