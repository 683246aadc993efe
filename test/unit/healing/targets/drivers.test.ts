import { describe, expect, it } from 'vitest';
import type { CommandResult, HttpResult } from '../../../../src/domain/ports.ts';
import type { CommandTarget, HttpTarget, ProcessTarget } from '../../../../src/domain/target.ts';
import { minutes, ms } from '../../../../src/domain/units.ts';
import type { WorkerChange, WorkerPool, WorkerState } from '../../../../src/domain/worker.ts';
import { createCommandDriver } from '../../../../src/healing/targets/command.ts';
import type { CapabilityCall } from '../../../../src/healing/targets/driver.ts';
import { createHttpDriver } from '../../../../src/healing/targets/http.ts';
import { createProcessDriver } from '../../../../src/healing/targets/process.ts';
import { START } from '../../../support/builders.ts';
import { createMemoryCommands, createMemoryHttp } from '../../../support/memory-ports.ts';

const base = { critical: false, dependsOn: [], group: null, probes: [] };
const RESTART: CapabilityCall = { capability: 'restart' };
const LIMIT: CapabilityCall = { capability: 'rate_limit', perSecond: 5, span: minutes(15) };
const signal = new AbortController().signal;

const running = (pid: number): WorkerState => ({ kind: 'running', pid, since: START, adopted: false });

function processDriver(states: readonly WorkerState[], change: WorkerChange = { kind: 'done', text: 'ok' }) {
  const calls: string[] = [];
  const pool: WorkerPool = {
    list: () =>
      states.map((state, instance) => ({
        worker: 'w',
        instance,
        state,
        exitsInTenMinutes: 0,
        exitsInDay: 0,
        lastExit: null,
      })),
    start: async () => change,
    stop: async () => change,
    restart: async (worker, by) => {
      calls.push(`restart ${worker} by ${by}`);
      return change;
    },
    scale: async (worker, count) => {
      calls.push(`scale ${worker} ${count}`);
      return change;
    },
    logs: async () => [],
  };
  const target: ProcessTarget = { ...base, name: 'rpa', kind: 'process', worker: 'w' };
  return { driver: createProcessDriver(target, pool), calls };
}

describe('createProcessDriver', () => {
  it('restarts and scales through the supervisor, and scales back as many', async () => {
    const { driver, calls } = processDriver([running(1), running(2)]);
    const scale: CapabilityCall = { capability: 'scale', by: 2 };
    expect(driver.describe(RESTART)).toMatchObject({
      effect: 'stop worker w and start it again',
      undo: null,
      forks: true,
    });
    expect(driver.describe(scale)).toMatchObject({
      effect: 'start 2 more of worker w (2 now)',
      undo: 'stop 2 of worker w again',
    });
    expect(await driver.perform(RESTART, signal)).toEqual({ kind: 'succeeded', note: 'ok' });
    await driver.perform(scale, signal);
    await driver.undo(scale, signal);
    expect(calls).toEqual(['restart w by nightshift', 'scale w 4', 'scale w 1']);
  });

  it('cannot do what a worker cannot, nor act on one that nobody knows', async () => {
    const { driver } = processDriver([running(1)]);
    expect(driver.describe(LIMIT)).toMatchObject({ kind: 'cannot' });
    expect(await driver.perform(LIMIT, signal)).toMatchObject({ kind: 'failed' });
    expect(await driver.undo(RESTART, signal)).toMatchObject({ kind: 'failed' });
    expect(processDriver([]).driver.describe(RESTART)).toMatchObject({ kind: 'cannot' });
    expect(driver.capabilities()).toEqual(['restart', 'scale']);
    await driver.refresh();
  });

  it.each([
    [[running(1), running(2)], true],
    [[running(1), { kind: 'unhealthy', pid: 2, since: START, reason: 'no answer' }], false],
    [[{ kind: 'backing_off', until: START, reason: 'exit 1' }], false],
    [[{ kind: 'gave_up', at: START, reason: 'too often' }], false],
    [[running(1), { kind: 'starting', pid: 3, since: START }], null],
    [[{ kind: 'stopping', pid: 3 }], null],
    [[{ kind: 'stopped', by: 'ada', at: START }], null],
    [[{ kind: 'not_started', reason: 'EAGAIN' }], null],
    [[], null],
  ] as [WorkerState[], boolean | null][])('%# tells up, down or unknown from all instances', (states, up) => {
    const { driver } = processDriver(states);
    expect(driver.state()).toMatchObject({ name: 'rpa', up });
    expect(driver.state().reason).not.toBe('');
  });

  it('takes the supervisor at its word', async () => {
    const outcome = async (change: WorkerChange) =>
      (await processDriver([running(1)], change).driver.perform(RESTART, signal)).kind;
    expect(await outcome({ kind: 'refused', reason: 'stopped by ada' })).toBe('failed');
    expect(await outcome({ kind: 'failed', reason: 'EAGAIN' })).toBe('failed');
    expect(await outcome({ kind: 'not_found' })).toBe('failed');
  });
});

const HTTP: HttpTarget = {
  ...base,
  name: 'api',
  kind: 'http',
  controls: {
    rate_limit: {
      url: 'http://127.0.0.1/limit?key=k',
      method: 'POST',
      body: '{"rps":{perSecond},"for":{spanSeconds},"t":"{target}"}',
    },
    clear_cache: { url: 'http://127.0.0.1/cache', method: 'DELETE', body: null },
    scale: { url: 'http://127.0.0.1/scale/{by}', method: 'POST', body: null },
    redistribute: { url: 'http://127.0.0.1/to/{to}', method: 'POST', body: null },
  },
  undo: { rate_limit: { url: 'http://127.0.0.1/limit', method: 'DELETE', body: null } },
};

describe('createHttpDriver', () => {
  const outcomeOf = async (result: HttpResult) => {
    const http = createMemoryHttp(() => result);
    return (await createHttpDriver(HTTP, http, 'web-1').perform(LIMIT, signal)).kind;
  };

  it('fills typed values into its controls and hides the query from people', async () => {
    const http = createMemoryHttp();
    const driver = createHttpDriver(HTTP, http, 'web-1');
    expect(driver.describe(LIMIT)).toEqual({
      kind: 'can',
      effect: 'POST http://127.0.0.1/limit?… {"rps":5,"for":900,"t":"api"}',
      undo: 'DELETE http://127.0.0.1/limit',
      idempotent: true,
      forks: false,
    });
    await driver.perform(LIMIT, signal);
    await driver.perform({ capability: 'scale', by: 2 }, signal);
    await driver.perform({ capability: 'redistribute', to: 'b' }, signal);
    await driver.undo(LIMIT, signal);
    expect(http.calls.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST http://127.0.0.1/limit?key=k',
      'POST http://127.0.0.1/scale/2',
      'POST http://127.0.0.1/to/b',
      'DELETE http://127.0.0.1/limit',
    ]);
    expect(http.calls[0]?.body).toBe('{"rps":5,"for":900,"t":"api"}');
  });

  it('has what is configured and nothing else', async () => {
    const driver = createHttpDriver(HTTP, createMemoryHttp(), 'web-1');
    expect(driver.describe(RESTART)).toEqual({
      kind: 'cannot',
      reason: 'api (http) has no restart configured',
    });
    expect(await driver.perform(RESTART, signal)).toMatchObject({ kind: 'failed' });
    expect(driver.capabilities()).toContain('clear_cache');
    expect(driver.describe({ capability: 'scale', by: 1 })).toMatchObject({ idempotent: false, undo: null });
    expect(driver.state()).toMatchObject({ up: null });
    await driver.refresh();
  });

  it('calls silence after sending unknown, and a refused connection failed', async () => {
    expect(await outcomeOf({ kind: 'answered', status: 204, body: '', took: ms(1) })).toBe('succeeded');
    expect(await outcomeOf({ kind: 'answered', status: 302, body: '', took: ms(1) })).toBe('failed');
    expect(await outcomeOf({ kind: 'answered', status: 500, body: '', took: ms(1) })).toBe('failed');
    expect(await outcomeOf({ kind: 'timed_out', took: ms(1) })).toBe('unknown');
    expect(await outcomeOf({ kind: 'failed', reason: 'ECONNRESET', took: ms(1) })).toBe('unknown');
    expect(await outcomeOf({ kind: 'failed', reason: 'connect ECONNREFUSED', took: ms(1) })).toBe('failed');
  });
});

const COMMAND: CommandTarget = {
  ...base,
  name: 'shop',
  kind: 'command',
  commands: { restart: ['/bin/restart', '{target}'], enable_cache: ['/bin/cache', 'on'] },
  undo: { enable_cache: ['/bin/cache', 'off'] },
  check: ['/bin/check', '{target}'],
};

describe('createCommandDriver', () => {
  const stateAfter = async (result: CommandResult) => {
    const driver = createCommandDriver(
      COMMAND,
      createMemoryCommands(() => result),
      'web-1',
    );
    await driver.refresh();
    return driver.state();
  };
  const exited = (code: number, output = ''): CommandResult => ({
    kind: 'exited',
    code,
    output,
    took: ms(1),
  });

  it('runs the argv of a capability and of its inverse', async () => {
    const commands = createMemoryCommands();
    const driver = createCommandDriver(COMMAND, commands, 'web-1');
    const cache: CapabilityCall = { capability: 'enable_cache' };
    expect(driver.describe(RESTART)).toMatchObject({
      effect: '/bin/restart shop',
      undo: null,
      idempotent: true,
    });
    expect(driver.describe(cache)).toMatchObject({
      effect: '/bin/cache on',
      undo: '/bin/cache off',
      idempotent: false,
    });
    expect(driver.describe(LIMIT)).toMatchObject({ kind: 'cannot' });
    await driver.perform(RESTART, signal);
    await driver.undo(cache, signal);
    expect(await driver.undo(RESTART, signal)).toMatchObject({ kind: 'failed' });
    expect(commands.calls.map(({ argv }) => argv)).toEqual([
      ['/bin/restart', 'shop'],
      ['/bin/cache', 'off'],
    ]);
    expect(driver.capabilities()).toEqual(['restart', 'enable_cache']);
  });

  it('calls a command that was ended unknown, and one that could not begin failed', async () => {
    const outcome = async (result: CommandResult) =>
      (
        await createCommandDriver(
          COMMAND,
          createMemoryCommands(() => result),
          'h',
        ).perform(RESTART, signal)
      ).kind;
    expect(await outcome(exited(0))).toBe('succeeded');
    expect(await outcome(exited(1, 'a\nno such unit\n'))).toBe('failed');
    expect(await outcome({ kind: 'killed', signal: 'SIGKILL', output: '', took: ms(1) })).toBe('unknown');
    expect(await outcome({ kind: 'timed_out', output: '', took: ms(1) })).toBe('unknown');
    expect(await outcome({ kind: 'not_started', reason: 'EAGAIN' })).toBe('failed');
  });

  it('tells up and down by its check; what could not be started says nothing', async () => {
    expect(await stateAfter(exited(0))).toMatchObject({ up: true });
    expect(await stateAfter(exited(3, 'down'))).toMatchObject({ up: false, reason: 'check: exit 3: down' });
    expect(await stateAfter({ kind: 'not_started', reason: 'EAGAIN' })).toMatchObject({
      up: null,
      reason: 'check: EAGAIN',
    });
    expect(await stateAfter({ kind: 'timed_out', output: '', took: ms(1) })).toMatchObject({ up: null });
    const blind = createCommandDriver({ ...COMMAND, check: null }, createMemoryCommands(), 'h');
    await blind.refresh();
    expect(blind.state()).toMatchObject({ up: null, reason: 'nothing checks it' });
  });

  it('runs nothing whose name does not fit an argument', async () => {
    const odd: CommandTarget = { ...COMMAND, name: '-rf' };
    const commands = createMemoryCommands();
    const driver = createCommandDriver(odd, commands, 'h');
    expect(driver.describe(RESTART)).toMatchObject({ kind: 'cannot' });
    expect(await driver.perform(RESTART, signal)).toMatchObject({ kind: 'failed' });
    await driver.refresh();
    expect(driver.state().up).toBeNull();
    expect(commands.calls).toEqual([]);
  });
});
