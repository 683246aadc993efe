import { describe, expect, it } from 'vitest';
import { minutes, ms, seconds } from '../../../src/domain/units.ts';
import { WorkersConfig } from '../../../src/healing/workers-config.ts';

const parse = (worker: Readonly<Record<string, unknown>>) =>
  WorkersConfig.safeParse({ workers: [{ name: 'billing', command: ['/usr/bin/billing'], ...worker }] });

/** `path: message` of every fault. */
function faults(worker: Readonly<Record<string, unknown>>): readonly string[] {
  const result = parse(worker);
  return result.success
    ? []
    : result.error.issues.map(({ path, message }) => `${path.slice(2).join('.')}: ${message}`);
}

describe('WorkersConfig', () => {
  it('fills in the policy of the specification', () => {
    expect(parse({}).data?.workers[0]).toMatchObject({
      instances: 1,
      stopSignal: 'SIGTERM',
      stopWithin: seconds(10),
      onBotStop: 'keep',
      critical: false,
      health: null,
      ready: { check: null, after: seconds(1), within: seconds(60) },
      restart: {
        firstDelay: 0,
        backoff: seconds(10),
        maxBackoff: seconds(300),
        jitter: 0.2,
        maxExitsInTenMinutes: 5,
        maxExitsInDay: 20,
        resetAfter: minutes(10),
      },
    });
  });

  it('takes each kind of health check, and the word node for the Node of the bot', () => {
    const check = (health: unknown) =>
      parse({ command: ['node', 'x.js'], health }).data?.workers[0]?.health?.check;

    expect(check({ http: { url: 'http://127.0.0.1:1/' } })).toEqual({
      kind: 'http',
      url: 'http://127.0.0.1:1/',
      timeLimit: ms(2_000),
    });
    expect(check({ heartbeatFile: { path: '/run/beat' } })).toMatchObject({
      kind: 'heartbeat',
      maxAge: 30_000,
    });
    expect(check({ command: { argv: ['/bin/true'] } })).toMatchObject({
      kind: 'command',
      argv: ['/bin/true'],
    });
  });

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['a program looked up in PATH', { command: ['billing'] }, /command\.0: expected the absolute path/],
    ['a shell line', { command: ['/bin/sh', '-c', 'billing | tee log'] }, /command\.1: .*shell line/],
    ['an unknown key', { restarts: 3 }, /restarts/],
    ['a wrong unit', { restart: { backoffMilliseconds: 10 } }, /backoffMilliseconds/],
    ['a negative delay', { restart: { backoffSeconds: -1 } }, /restart\.backoffSeconds/],
    [
      'two health checks',
      { health: { heartbeatFile: { path: '/a' }, command: { argv: ['/b'] } } },
      /exactly one/,
    ],
    ['an empty health check', { health: {} }, /exactly one/],
    ['a secret in the file', { env: { DB_PASSWORD: 'x' } }, /envFrom: expected "DB_PASSWORD" here/],
    ['a name of ours', { env: { NIGHTSHIFT_WORKER: 'x' } }, /set by the bot/],
    ['a name that is no file name', { name: '../etc' }, /name/],
    [
      'a health URL of another protocol',
      { health: { http: { url: 'file:///etc/passwd' } } },
      /http or https/,
    ],
  ])('refuses %s, by its path', (_, worker, fault) => {
    expect(faults(worker).join('\n')).toMatch(fault);
  });

  it('refuses two workers of one name', () => {
    const worker = { name: 'billing', command: ['/usr/bin/billing'] };

    expect(WorkersConfig.safeParse({ workers: [worker, worker] }).error?.issues[0]).toMatchObject({
      path: ['workers', 1, 'name'],
    });
  });
});
