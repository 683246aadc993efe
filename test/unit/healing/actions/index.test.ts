import { describe, expect, it } from 'vitest';
import { ACTION_KINDS, type Action } from '../../../../src/domain/strategy.ts';
import { incidentId, minutes, seconds } from '../../../../src/domain/units.ts';
import type { ActionDoors, Place } from '../../../../src/healing/actions/action.ts';
import { createActions } from '../../../../src/healing/actions/index.ts';
import { HealingConfig } from '../../../../src/healing/config.ts';
import type { CapabilityCall } from '../../../../src/healing/targets/driver.ts';
import type { Targets } from '../../../../src/healing/targets/registry.ts';
import { createMemoryCommands, createMemoryHttp, live } from '../../../support/memory-ports.ts';

const base = { target: null, timeLimit: seconds(60), needsApproval: false };
const ALL: { readonly [K in Action['kind']]: Extract<Action, { kind: K }> } = {
  rate_limit: { ...base, kind: 'rate_limit', perSecond: 5, span: minutes(1) },
  restart_process: { ...base, kind: 'restart_process' },
  clear_cache: { ...base, kind: 'clear_cache' },
  restart_worker: { ...base, kind: 'restart_worker' },
  llm_fallback: { ...base, kind: 'llm_fallback', goBackAfter: null },
  restart_service: { ...base, kind: 'restart_service' },
  alert: { ...base, kind: 'alert', message: 'look' },
  enable_cache: { ...base, kind: 'enable_cache', goBackAfter: null },
  scale_up_workers: { ...base, kind: 'scale_up_workers', goBackAfter: null, by: 2 },
  redistribute_tasks: { ...base, kind: 'redistribute_tasks', to: 'b' },
  save_snapshot: { ...base, kind: 'save_snapshot' },
  run_command: { ...base, kind: 'run_command', command: 'vacuum' },
  http_call: { ...base, kind: 'http_call', url: 'http://127.0.0.1/{target}?k=1', method: 'POST' },
  trigger_workflow: { ...base, kind: 'trigger_workflow', workflow: 'deploy.yml' },
};
const PLACE: Place = { target: 'api', incidentId: incidentId('inc-1') };
const HOST: Place = { ...PLACE, target: null };
const signal = new AbortController().signal;

function stage(over: { healing?: object; token?: string | null; hasProgram?: boolean } = {}) {
  const calls: CapabilityCall[] = [];
  const driver = {
    describe: () => ({ kind: 'can', effect: 'do it', undo: 'undo it', idempotent: true, forks: true }),
    perform: async (call: CapabilityCall) => {
      calls.push(call);
      return { kind: 'succeeded', note: '' };
    },
    undo: async () => ({ kind: 'succeeded', note: 'undone' }),
  };
  const http = createMemoryHttp();
  const commands = createMemoryCommands();
  const config = live(
    HealingConfig.parse({
      commands: { vacuum: { argv: ['/bin/vacuum', '{target}'], undo: ['/bin/unvacuum'], idempotent: true } },
      github: { repository: 'acme/shop' },
      ...over.healing,
    }),
  );
  const doors: ActionDoors = {
    targets: { get: (name: string) => (name === 'api' ? driver : undefined) } as unknown as Targets,
    commands,
    http,
    config,
    host: 'web-1',
    snapshots: { take: async () => ({ kind: 'succeeded', note: 'snapshots/inc-1-1' }) },
    hasProgram: () => over.hasProgram ?? true,
    githubToken: () => (over.token === undefined ? 'ghp_secret' : over.token),
  };
  return { actions: createActions(doors), calls, http, commands, config };
}

describe('createActions', () => {
  it.each(ACTION_KINDS)('%s says what it would do before it does it', async (kind) => {
    const { actions } = stage();
    const text = actions.describe(ALL[kind], PLACE);
    expect(text).toMatchObject({ kind: 'can', effect: expect.any(String) });
    expect(await actions.run(ALL[kind], PLACE, signal)).toMatchObject({ kind: 'succeeded' });
  });

  it('asks targets for what each kind needs', async () => {
    const { actions, calls } = stage();
    for (const kind of ACTION_KINDS) await actions.run(ALL[kind], PLACE, signal);
    expect(calls).toEqual([
      { capability: 'rate_limit', perSecond: 5, span: minutes(1) },
      { capability: 'restart' },
      { capability: 'clear_cache' },
      { capability: 'restart' },
      { capability: 'fallback' },
      { capability: 'restart' },
      { capability: 'enable_cache' },
      { capability: 'scale', by: 2 },
      { capability: 'redistribute', to: 'b' },
    ]);
  });

  it('cannot act on the whole host or on a target that is gone where it needs one', async () => {
    const { actions } = stage();
    expect(actions.describe(ALL.clear_cache, HOST)).toMatchObject({ kind: 'cannot' });
    expect(actions.describe(ALL.clear_cache, { ...PLACE, target: 'gone' })).toMatchObject({ kind: 'cannot' });
    expect(await actions.run(ALL.clear_cache, HOST, signal)).toMatchObject({ kind: 'failed' });
    expect(await actions.undo(ALL.clear_cache, HOST, signal)).toMatchObject({ kind: 'failed' });
    expect(await actions.undo(ALL.clear_cache, PLACE, signal)).toMatchObject({ note: 'undone' });
  });

  it('takes back what has an inverse and says so of what has none', async () => {
    const { actions, commands } = stage();
    expect(await actions.undo(ALL.run_command, PLACE, signal)).toMatchObject({ kind: 'succeeded' });
    expect(commands.calls[0]?.argv).toEqual(['/bin/unvacuum']);
    for (const kind of ['alert', 'save_snapshot', 'http_call', 'trigger_workflow'] as const) {
      expect(await actions.undo(ALL[kind], PLACE, signal)).toMatchObject({ kind: 'failed' });
    }
  });

  it('does not touch targets with what only looks and speaks', () => {
    const { actions } = stage();
    for (const kind of ['alert', 'save_snapshot'] as const) {
      expect(actions.describe(ALL[kind], HOST)).toMatchObject({ touches: false, heals: false, forks: false });
    }
  });
});

describe('run_command', () => {
  it('runs only what is on the list, exists here, and has its blanks filled', async () => {
    const { actions, commands, config } = stage();
    expect(actions.describe(ALL.run_command, PLACE)).toMatchObject({
      effect: '/bin/vacuum api',
      undo: '/bin/unvacuum',
      needsApproval: true,
      idempotent: true,
    });
    expect(actions.describe(ALL.run_command, HOST)).toMatchObject({
      kind: 'cannot',
      reason: /needs a target/,
    });
    expect(stage({ hasProgram: false }).actions.describe(ALL.run_command, PLACE)).toMatchObject({
      kind: 'cannot',
    });
    config.set(HealingConfig.parse({}));
    expect(actions.describe(ALL.run_command, PLACE)).toMatchObject({ kind: 'cannot' });
    expect(await actions.run(ALL.run_command, PLACE, signal)).toMatchObject({ kind: 'failed' });
    expect(await actions.undo(ALL.run_command, PLACE, signal)).toMatchObject({ kind: 'failed' });
    expect(actions.describe({ ...ALL.run_command, command: 'constructor' }, PLACE)).toMatchObject({
      kind: 'cannot',
    });
    expect(commands.calls).toEqual([]);
  });
});

describe('http_call', () => {
  it('fills the target in and hides the query', async () => {
    const { actions, http } = stage();
    expect(actions.describe(ALL.http_call, PLACE)).toMatchObject({
      effect: 'POST http://127.0.0.1/api?…',
      idempotent: false,
    });
    expect(actions.describe(ALL.http_call, HOST)).toMatchObject({ kind: 'cannot' });
    await actions.run(ALL.http_call, PLACE, signal);
    expect(http.calls[0]).toMatchObject({ url: 'http://127.0.0.1/api?k=1', method: 'POST' });
  });
});

describe('trigger_workflow', () => {
  it('starts the workflow with the token, which is in no text', async () => {
    const { actions, http } = stage();
    expect(actions.describe(ALL.trigger_workflow, PLACE)).toMatchObject({
      effect: 'start workflow deploy.yml of acme/shop on main',
    });
    await actions.run(ALL.trigger_workflow, PLACE, signal);
    expect(http.calls[0]).toMatchObject({
      url: 'https://api.github.com/repos/acme/shop/actions/workflows/deploy.yml/dispatches',
      body: '{"ref":"main"}',
      headers: { authorization: 'Bearer ghp_secret' },
    });
    expect(JSON.stringify(actions.describe(ALL.trigger_workflow, PLACE))).not.toContain('ghp_secret');
  });

  it('says clearly when it is not configured', async () => {
    expect(stage({ token: null }).actions.describe(ALL.trigger_workflow, PLACE)).toMatchObject({
      reason: /GITHUB_TOKEN/,
    });
    const { actions, http } = stage({ healing: { github: null } });
    expect(actions.describe(ALL.trigger_workflow, PLACE)).toMatchObject({ reason: /not configured/ });
    expect(await actions.run(ALL.trigger_workflow, PLACE, signal)).toMatchObject({ kind: 'failed' });
    expect(http.calls).toEqual([]);
  });
});
