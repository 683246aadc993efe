/** The redis driver against a real redis-server: clears what it may, and says what it cannot know. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RedisTarget } from '../../../src/domain/target.ts';
import { seconds } from '../../../src/domain/units.ts';
import type { TargetDriver } from '../../../src/healing/targets/driver.ts';
import { createRedisDriver, type RedisClient } from '../../../src/healing/targets/redis.ts';
import { connectRedis } from '../../../src/healing/targets/redis-connect.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { skips } from '../../hosts/available.ts';
import { until } from '../../hosts/until.ts';
import { hasRedis, type RedisProcess, startRedis } from '../../support/redis-process.ts';

const why = hasRedis ? '' : 'redis-server is not installed';
const clock = createSystemClock();
const CLEAR = { capability: 'clear_cache' } as const;
const signal = new AbortController().signal;

describe.skipIf(skips('redis', why))('the redis driver', () => {
  let folder: string;
  let server: RedisProcess;
  let client: RedisClient;
  const drivers: TargetDriver[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nightshift-redis-'));
    server = await startRedis(folder);
    client = await connectRedis(server.url, 0, seconds(1));
  });
  afterAll(async () => {
    client?.close();
    for (const driver of drivers) driver.close?.();
    await server?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  function driverOf(over: Partial<RedisTarget> = {}): TargetDriver {
    const target: RedisTarget = {
      name: 'cache',
      kind: 'redis',
      url: server.url,
      database: 0,
      prefix: 'page:',
      ownsDatabase: false,
      maxKeys: 100_000,
      critical: false,
      dependsOn: [],
      group: null,
      probes: [],
      ...over,
    };
    const driver = createRedisDriver(target, { clock, connect: connectRedis, usualUrl: null });
    drivers.push(driver);
    return driver;
  }
  const fill = (prefix: string, count: number): Promise<unknown> =>
    run(server.url, ['EVAL', `for i=1,${count} do redis.call('SET','${prefix}'..i,'x') end`, '0']);

  it('removes the keys of its prefix and no other', async () => {
    await fill('page:', 2_000);
    await fill('user:', 10);
    const driver = driverOf();
    await driver.refresh();
    expect(driver.state()).toMatchObject({ up: true });
    expect(await driver.perform(CLEAR, signal)).toEqual({ kind: 'succeeded', note: '2000 keys removed' });
    expect((await client.scan('0', 'user:*', 1_000))[1]).toHaveLength(10);
  });

  it('takes a prefix as it is written, wildcards and all', async () => {
    await fill('page*:', 3);
    await fill('pageant:', 3);
    expect(await driverOf({ prefix: 'page*:' }).perform(CLEAR, signal)).toMatchObject({
      note: '3 keys removed',
    });
    expect((await client.scan('0', 'pageant:*', 1_000))[1]).toHaveLength(3);
  });

  it('stops at its limit', async () => {
    await fill('page:', 50);
    const outcome = await driverOf({ maxKeys: 20 }).perform(CLEAR, signal);
    expect(outcome).toMatchObject({ note: expect.stringMatching(/^20 keys removed, and no more/) });
  });

  it('empties a database only where it is said to be a cache alone, and then that one only', async () => {
    const other = await connectRedis(server.url, 5, seconds(1));
    await run(server.url, [
      'EVAL',
      "redis.call('SELECT','5') for i=1,5 do redis.call('SET','k'..i,'x') end",
      '0',
    ]);
    const shared = driverOf({ prefix: null, database: 5 });
    expect(shared.describe(CLEAR)).toMatchObject({ kind: 'cannot' });
    expect(await shared.perform(CLEAR, signal)).toMatchObject({ kind: 'failed' });
    expect((await other.scan('0', '*', 1_000))[1]).toHaveLength(5);

    const own = driverOf({ prefix: null, database: 5, ownsDatabase: true });
    expect(await own.perform(CLEAR, signal)).toMatchObject({ kind: 'succeeded' });
    expect((await other.scan('0', '*', 1_000))[1]).toHaveLength(0);
    expect((await client.scan('0', 'user:*', 1_000))[1]).toHaveLength(10);
    other.close();
  });

  it('is down while redis hangs, and up again without a new driver', async () => {
    const driver = driverOf();
    await driver.refresh();
    await server.signal('SIGSTOP');
    const begun = clock.monotonic();
    await driver.refresh();
    expect(driver.state().up).toBe(false);
    expect(clock.monotonic() - begun).toBeLessThan(4_000);
    expect(driver.describe(CLEAR)).toMatchObject({ kind: 'cannot' });
    await server.signal('SIGCONT');
    await until('it is up again', async () => {
      await driver.refresh();
      return driver.state().up === true;
    });
  });

  it('is down when redis was killed, and up again when it is back', async () => {
    const driver = driverOf();
    await driver.refresh();
    await server.signal('SIGKILL');
    await until('it is down', async () => {
      await driver.refresh();
      return driver.state().up === false;
    });
    expect(await driver.perform(CLEAR, signal)).toMatchObject({ kind: 'failed' });
    await server.restart();
    await until('it is up again', async () => {
      await driver.refresh();
      return driver.state().up === true;
    });
  });
});

async function run(url: string, command: readonly string[]): Promise<unknown> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url);
  try {
    return await redis.call(command[0] ?? '', ...command.slice(1));
  } finally {
    redis.disconnect();
  }
}
