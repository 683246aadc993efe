import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpResult } from '../../../src/domain/ports.ts';
import { minutes, ms, seconds } from '../../../src/domain/units.ts';
import { actor, anomaly } from '../../support/builders.ts';
import { createWorld, WORKER_DOWN, type World } from '../../support/healing-world.ts';

const ev = (metric: string) => ({ ...anomaly().evidence, metric });
const API = {
  name: 'api',
  kind: 'http',
  controls: { rate_limit: { url: 'http://127.0.0.1:1/limit' } },
  undo: { rate_limit: { url: 'http://127.0.0.1:1/limit', method: 'DELETE' } },
};
const HIGH_CPU = { name: 'high_cpu', match: { kinds: ['high_cpu'] }, actions: ['rate_limit'] };
const cpuWorld = (answer?: (method: string) => HttpResult | Promise<HttpResult>): World =>
  createWorld({
    targets: [API],
    workers: [{ name: 'rpa-worker' }, { name: 'x' }, { name: 'y' }],
    healing: { strategies: [HIGH_CPU, WORKER_DOWN] },
    ...(answer === undefined ? {} : { http: (request) => answer(request.method ?? 'GET') }),
  });
const sickenApi = (world: World, severity: 'warning' | 'critical' = 'warning') =>
  world.sicken({ target: 'api', kind: 'high_cpu', severity, evidence: ev('cpu') });
const OK: HttpResult = { kind: 'answered', status: 200, body: '', took: ms(1) };

/** Snapshots are written to a real disk, which takes real time. */
async function written(world: World, isDone: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !isDone(); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await world.clock.settle();
  }
}
const folders: string[] = [];
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'healing-'));
  folders.push(made);
  return made;
}
afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
});

describe('a rung that only looks', () => {
  it('goes on to the next one at once; where nothing else is tried a warning stays quiet', async () => {
    const world = createWorld({
      dataFolder: folder(),
      healing: {
        strategies: [{ name: 'ml', match: { kinds: ['ml_composite_anomaly'] }, actions: ['save_snapshot'] }],
      },
    });
    await world.boot();
    await world.sicken({
      kind: 'ml_composite_anomaly',
      severity: 'warning',
      target: null,
      evidence: ev('cpu'),
    });
    await written(world, () => world.only().timeline.length > 3);
    await world.advance(minutes(20));

    expect(world.only().attempts).toMatchObject([
      { kind: 'save_snapshot', outcome: { kind: 'succeeded' }, verification: null },
    ]);
    expect(world.only()).toMatchObject({ state: { kind: 'open' }, pagedAt: null });
    expect(world.only().timeline.at(-1)?.text).toBe('Watching: nothing is left to try.');
  });

  it('is followed by the action that heals, and an alert ends the ladder', async () => {
    const world = createWorld({
      healing: {
        strategies: [
          {
            ...WORKER_DOWN,
            actions: ['save_snapshot', 'restart_worker', { kind: 'alert', message: 'Look at rpa-worker.' }],
          },
        ],
      },
    });
    world.onRestart = () => {};
    await world.boot();
    await world.sicken({ severity: 'warning' });
    await written(world, () => world.restarts.length > 0);
    expect(world.restarts).toEqual(['rpa-worker']);
    await world.advance(minutes(3));

    expect(world.only().state).toMatchObject({ kind: 'escalated', reason: 'Look at rpa-worker.' });
    expect(world.only().pagedAt).not.toBeNull();
  });

  it('only proposes to call people in a dry run', async () => {
    const world = createWorld({
      mode: 'dry-run',
      healing: { strategies: [{ ...WORKER_DOWN, actions: ['alert'] }] },
    });
    await world.boot();
    await world.sicken({ severity: 'warning' });
    expect(world.only()).toMatchObject({ state: { kind: 'held', gate: 'mode' }, pagedAt: null });
  });

  it('by hand ends with what it came to', async () => {
    const world = createWorld({
      healing: { strategies: [{ name: 'look', match: { kinds: ['high_cpu'] }, actions: ['save_snapshot'] }] },
    });
    await world.boot();
    await world.healer.runHeal({ strategy: 'look', target: 'rpa-worker' }, actor(), '', false);
    await written(world, () => world.lines('outcome').length > 0);
    await world.advance(seconds(3));
    expect(world.only().state).toMatchObject({ kind: 'resolved', how: 'by_hand' });
  });
});

describe('an action that fails', () => {
  it('gets half a minute to be proved wrong, then the next rung', async () => {
    const world = createWorld({
      targets: [
        {
          name: 'shop',
          kind: 'command',
          commands: { restart: ['/bin/restart'], clear_cache: ['/bin/clear'] },
        },
      ],
      workers: [],
      healing: { strategies: [{ ...WORKER_DOWN, actions: ['clear_cache', 'restart_service'] }] },
    });
    world.onCommand = (argv) => ({
      kind: 'exited',
      code: argv[0] === '/bin/clear' ? 1 : 0,
      output: 'no cache',
      took: ms(1),
    });
    await world.boot();
    await world.sicken({ target: 'shop' });
    expect(world.only().attempts).toMatchObject([
      { outcome: { kind: 'failed', reason: 'exit 1: no cache' } },
    ]);
    await world.advance(seconds(32));
    expect(world.commands.calls.map(({ argv }) => argv[0])).toEqual(['/bin/clear', '/bin/restart']);
  });

  it('asks with what was tried before', async () => {
    const world = createWorld({
      targets: [
        {
          name: 'shop',
          kind: 'command',
          commands: { restart: ['/bin/restart'], clear_cache: ['/bin/clear'] },
        },
      ],
      workers: [],
      healing: {
        strategies: [
          { ...WORKER_DOWN, actions: ['clear_cache', { kind: 'restart_service', needsApproval: true }] },
        ],
      },
    });
    await world.boot();
    await world.sicken({ target: 'shop' });
    await world.advance(minutes(3));
    expect(world.healer.approvals('pending')).toMatchObject([
      { tried: '/bin/clear: no effect.', approversNeeded: 1 },
    ]);
  });
});

describe('taking back', () => {
  it('that fails is said, left to a person, and not tried again', async () => {
    const world = cpuWorld((method) => (method === 'DELETE' ? { ...OK, status: 500 } : OK));
    await world.boot();
    await sickenApi(world);
    await sickenApi(world, 'critical');
    await world.advance(seconds(12));
    expect(world.http.calls.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
    expect(world.only().state).toMatchObject({
      kind: 'escalated',
      reason: expect.stringContaining('could not be undone'),
    });
    expect(await world.healer.undoHeal(world.only().id, actor(), false)).toMatchObject({ kind: 'not_found' });
  });

  it('by hand tells when it failed, and is refused while frozen', async () => {
    const world = cpuWorld((method) => (method === 'DELETE' ? { ...OK, status: 500 } : OK));
    await world.boot();
    await sickenApi(world);
    const { id } = world.only();
    await world.healer.freeze('all', minutes(5), actor(), '', false);
    expect(await world.healer.undoHeal(id, actor(), false)).toMatchObject({ kind: 'refused' });
    await world.healer.thaw(actor(), false);
    expect(await world.healer.undoHeal(id, actor(), false)).toMatchObject({ kind: 'failed' });
  });

  it('does not happen while frozen: people are called with the action in place', async () => {
    const world = cpuWorld();
    await world.boot();
    await sickenApi(world);
    await world.healer.freeze('all', minutes(30), actor(), 'hands off', false);
    await sickenApi(world, 'critical');
    await world.advance(seconds(12));
    expect(world.http.calls).toHaveLength(1);
    expect(world.only().state.kind).toBe('escalated');
    expect(world.only().timeline.some(({ text }) => text.startsWith('Not undone: frozen'))).toBe(true);
  });

  it('waits while another action runs, and then happens once', async () => {
    const world = cpuWorld();
    let release = (): void => {};
    world.onRestart = () => new Promise((resolve) => (release = resolve));
    await world.boot();
    await sickenApi(world);
    await world.sicken();
    await sickenApi(world, 'critical');
    await world.advance(seconds(12));
    expect(world.http.calls).toHaveLength(1);
    expect(await world.healer.undoHeal(world.find('api')?.id ?? '', actor(), false)).toMatchObject({
      kind: 'refused',
    });
    release();
    await world.advance(seconds(3));
    expect(world.http.calls.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
  });

  it('that was interrupted is unknown, told to a person, and not repeated', async () => {
    const world = cpuWorld((method) => (method === 'DELETE' ? new Promise(() => {}) : OK));
    await world.boot();
    await sickenApi(world);
    await sickenApi(world, 'critical');
    await world.advance(seconds(12));
    world.kill();
    await world.boot();
    await world.advance(minutes(1));

    expect(world.http.calls.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
    expect(world.lines('intent')).toHaveLength(2);
    expect(world.lines('outcome')).toHaveLength(2);
    expect(world.only().state).toMatchObject({
      kind: 'escalated',
      reason: expect.stringContaining('unknown whether it was undone'),
    });
  });

  it('is put off when its intent cannot be written', async () => {
    const world = cpuWorld();
    await world.boot();
    await sickenApi(world);
    world.audit.fail(true);
    expect(await world.healer.undoHeal(world.only().id, actor(), false)).toMatchObject({ kind: 'refused' });
    world.audit.fail(false);
    expect(await world.healer.undoHeal(world.only().id, actor(), false)).toMatchObject({ kind: 'done' });
  });
});

describe('a yes', () => {
  const critical = (over: object = {}): World =>
    createWorld({
      workers: [{ name: 'rpa-worker', critical: true }],
      healing: { criticalAllowList: ['rpa-worker'], ...over },
    });
  const yes = async (world: World) => {
    const [one] = world.healer.approvals('pending');
    const result = await world.healer.decide(one?.id ?? '', 'approve', actor(), '');
    await world.clock.settle();
    return result;
  };

  it('for a strategy or a step that is gone is void', async () => {
    const world = critical();
    await world.boot();
    await world.sicken();
    const before = world.config.current();
    world.config.set({ ...before, strategies: [] });
    expect(await yes(world)).toMatchObject({ code: 'PLAN_CHANGED', reason: 'strategy worker_down is gone' });
    expect(world.only().state).toMatchObject({ kind: 'escalated' });

    const other = critical();
    await other.boot();
    await other.sicken();
    other.config.set({ ...before, strategies: before.strategies.map((one) => ({ ...one, actions: [] })) });
    expect(await yes(other)).toMatchObject({
      code: 'PLAN_CHANGED',
      reason: expect.stringContaining('no such step'),
    });
  });

  it('for what cannot run any more is void', async () => {
    const world = critical({
      strategies: [{ ...WORKER_DOWN, actions: [{ kind: 'run_command', command: 'fix' }] }],
      commands: { fix: { argv: ['/bin/fix'] } },
    });
    await world.boot();
    await world.sicken();
    world.config.set({ ...world.config.current(), commands: {} });
    expect(await yes(world)).toMatchObject({
      code: 'PLAN_CHANGED',
      reason: expect.stringContaining('cannot run any more'),
    });
    expect(world.commands.calls).toEqual([]);
  });

  it('that was used up when the log failed is asked for again', async () => {
    const world = critical();
    await world.boot();
    await world.sicken();
    world.failAppend('intent');
    await yes(world);
    expect(world.restarts).toEqual([]);
    expect(world.only().state).toMatchObject({ kind: 'held', gate: 'self_protection' });

    world.failAppend(null);
    await world.advance(seconds(40));
    expect(world.only().state.kind).toBe('awaiting_approval');
    await yes(world);
    expect(world.restarts).toEqual(['rpa-worker']);
    expect(world.healer.approvals('all')).toHaveLength(2);
  });

  it('of a worker whose supervisor gives up meanwhile is void', async () => {
    const world = critical();
    await world.boot();
    await world.sicken();
    await world.healer.workerGaveUp({ worker: 'rpa-worker', reason: 'too many exits', evidence: '' });
    await world.clock.settle();
    expect(world.only().state.kind).toBe('escalated');
    expect(world.healer.approvals('all')).toMatchObject([{ state: { kind: 'void' } }]);
  });

  it('twice over needs two people for a named command or target', async () => {
    const world = critical({ twoPerson: ['target:rpa-worker'] });
    await world.boot();
    await world.sicken();
    expect(world.healer.approvals('pending')).toMatchObject([{ approversNeeded: 2 }]);
  });
});

describe('what is known of a target', () => {
  it('comes from its probes where its driver cannot tell', async () => {
    const shop = { name: 'shop', kind: 'http', probes: ['shop'] };
    const world = createWorld({ targets: [shop], workers: [{ name: 'rpa-worker', dependsOn: ['shop'] }] });
    await world.boot();
    world.setMetric('success_rate:shop', 'bad');
    await world.sicken();
    expect(world.only().state).toMatchObject({
      gate: 'dependency',
      reason: 'rpa-worker depends on shop, which is sick',
    });
    world.setMetric('success_rate:shop', 'silent');
    await world.advance(minutes(2));
    expect(world.only().state).toMatchObject({ reason: 'rpa-worker depends on shop, which is unknown' });
    world.setMetric('success_rate:shop', 'good');
    await world.advance(seconds(40));
    expect(world.restarts).toEqual(['rpa-worker']);
  });

  it('can be its own state, where an alert from outside has no metric of ours', async () => {
    const world = createWorld();
    await world.boot();
    world.setMetric('foreign', 'silent');
    await world.sicken({ evidence: ev('foreign') });
    expect(world.only().state).toMatchObject({
      kind: 'held',
      gate: 'unknown_data',
      reason: 'nothing is known of foreign',
    });
    world.setWorker('rpa-worker', {
      kind: 'unhealthy',
      pid: 3,
      since: world.clock.now(),
      reason: 'no answer',
    });
    await world.advance(seconds(40));
    expect(world.restarts).toEqual(['rpa-worker']);
  });

  it('must be fresh', async () => {
    const world = createWorld({ mode: 'dry-run' });
    await world.boot();
    await world.sicken();
    world.setMetric('target_up:rpa-worker', 'silent');
    await world.advance(minutes(2));
    await world.healer.setMode('production', null, actor(), false);
    await world.clock.settle();
    expect(world.only().state).toMatchObject({
      gate: 'unknown_data',
      reason: 'the last sample of target_up:rpa-worker is too old',
    });
  });

  it('goes by the name that targets.json gives a worker', async () => {
    const world = createWorld({ targets: [{ name: 'rpa', kind: 'process', worker: 'rpa-worker' }] });
    await world.boot();
    await world.healer.workerGaveUp({ worker: 'rpa-worker', reason: 'x', evidence: '' });
    await world.clock.settle();
    expect(world.only()).toMatchObject({ target: 'rpa', title: 'rpa keeps crashing' });
  });
});

describe('a worker that the monitor lost sight of in a restart', () => {
  it('is taken in again when its anomaly still holds, and cleared only by fresh good samples', async () => {
    const world = createWorld({ mode: 'dry-run' });
    await world.boot();
    const found = await world.sicken();
    world.forgetActive(found.fingerprint);
    await world.advance(minutes(2));
    expect(world.only().state.kind).toBe('held');
    world.setMetric('target_up:rpa-worker', 'unknown');
    await world.advance(minutes(2));
    expect(world.only().state.kind).toBe('held');
    world.setMetric('target_up:rpa-worker', 'good');
    await world.advance(seconds(30));
    expect(world.only().state).toMatchObject({ kind: 'resolved', how: 'recovered' });

    world.setActive(anomaly({ ...found, fingerprint: 'web-1/other/worker_down' }));
    await world.advance(seconds(10));
    expect(world.healer.incidents({ limit: 10 })).toHaveLength(2);
  });

  it('is opened again when it is bad again before the monitor had cleared it', async () => {
    const world = createWorld();
    await world.boot();
    await world.sicken();
    await world.advance(seconds(15));
    expect(world.only().state.kind).toBe('resolved');
    world.setMetric('target_up:rpa-worker', 'bad');
    await world.advance(seconds(20));
    expect(world.only()).toMatchObject({ reopened: 1, state: { kind: 'held', gate: 'grace_period' } });
  });
});
