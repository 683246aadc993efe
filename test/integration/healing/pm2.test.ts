/** The pm2 driver against a real pm2. It is no dependency of ours: NIGHTSHIFT_TEST_PM2 names the program. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pm2Target } from '../../../src/domain/target.ts';
import type { TargetDriver } from '../../../src/healing/targets/driver.ts';
import { createVolatileMemory } from '../../../src/healing/targets/memory.ts';
import { createPm2Driver } from '../../../src/healing/targets/pm2/driver.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { createProcReader } from '../../../src/platform/proc.ts';
import { isDead } from '../../../src/platform/process-stat.ts';
import { createCommandRunner } from '../../../src/platform/run-command.ts';
import { isThere, skips } from '../../hosts/available.ts';
import { until } from '../../hosts/until.ts';
import { createMemoryLogger } from '../../support/memory-ports.ts';

const PROGRAM = process.env['NIGHTSHIFT_TEST_PM2'] ?? '';
const why = isThere(PROGRAM) ? '' : 'NIGHTSHIFT_TEST_PM2 names no program';
const exec = promisify(execFile);
const clock = createSystemClock();
const proc = createProcReader();
const RESTART = { capability: 'restart' } as const;
const signal = new AbortController().signal;

describe.skipIf(skips('pm2', why))('the pm2 driver', () => {
  let home: string;
  const pm2 = (...args: readonly string[]): Promise<unknown> =>
    exec(PROGRAM, [...args, '-s'], {
      env: { PM2_HOME: home, HOME: dirname(home), PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
      cwd: dirname(home),
    });

  beforeAll(async () => {
    home = join(mkdtempSync(join(tmpdir(), 'nightshift-pm2-')), 'home');
    writeFileSync(join(dirname(home), 'steady.js'), 'setInterval(() => {}, 1000)');
    writeFileSync(join(dirname(home), 'short.js'), 'setTimeout(() => process.exit(3), 1500)');
    await pm2('start', 'steady.js', '--name', 'web');
    await pm2('start', 'short.js', '--name', 'once', '--no-autorestart');
  }, 60_000);
  afterAll(async () => {
    await pm2('kill').catch(() => {}); // one test ends it already
    rmSync(dirname(home), { recursive: true, force: true });
  }, 30_000);

  function driverOf(app: string): TargetDriver {
    const target: Pm2Target = {
      name: app,
      kind: 'pm2',
      app,
      home,
      program: PROGRAM,
      maxInstances: 4,
      critical: false,
      dependsOn: [],
      group: null,
      probes: [],
    };
    return createPm2Driver(target, {
      clock,
      commands: createCommandRunner({ clock, redact: (text) => text }),
      memory: createVolatileMemory(),
      log: createMemoryLogger(),
      startOf(pid) {
        const stat = proc.process(pid);
        return stat === null || isDead(stat) ? null : stat.startTicks;
      },
    });
  }
  const becomes = (driver: TargetDriver, what: string, is: () => boolean): Promise<void> =>
    until(what, async () => {
      await driver.refresh();
      return is();
    });

  it('restarts an app and sees its new process', async () => {
    const driver = driverOf('web');
    await driver.refresh();
    const [before] = driver.state().pids;
    expect(driver.state()).toMatchObject({ up: true, hold: null });
    expect(await driver.perform(RESTART, signal)).toEqual({
      kind: 'succeeded',
      note: '1 running, 1 of them new',
    });
    expect(driver.state().pids[0]).not.toBe(before);
  });

  it('respects a stop by hand until the start by hand', async () => {
    const driver = driverOf('web');
    await driver.refresh();
    await pm2('stop', 'web');
    await becomes(driver, 'the stop is seen', () => driver.state().hold?.kind === 'manual_stop');
    expect(driver.state().hold?.reason).toContain('was stopped by somebody');
    await pm2('start', 'web');
    await becomes(driver, 'it is up', () => driver.state().up === true && driver.state().hold === null);
  });

  it('knows an app that ended on its own and is not restarted by pm2', async () => {
    const driver = driverOf('once');
    await becomes(driver, 'its end is seen', () => driver.state().up === false);
    expect(driver.state()).toMatchObject({ hold: null, reason: 'it ended on its own' });
  });

  it('can do nothing with an app that is not there, nor without a daemon, and starts none', async () => {
    const nobody = driverOf('nobody');
    await nobody.refresh();
    expect(nobody.describe(RESTART)).toEqual({ kind: 'cannot', reason: 'pm2 has no app nobody' });
    await pm2('kill');
    const driver = driverOf('web');
    await driver.refresh();
    expect(driver.state().up).toBeNull();
    expect(await driver.perform(RESTART, signal)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('daemon'),
    });
  });
});
