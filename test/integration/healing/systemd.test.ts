/** The systemd driver against a real systemd that boots in namespaces of its own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SystemdTarget } from '../../../src/domain/target.ts';
import type { TargetDriver } from '../../../src/healing/targets/driver.ts';
import { createVolatileMemory } from '../../../src/healing/targets/memory.ts';
import { createDbusDoor } from '../../../src/healing/targets/systemd/dbus-door.ts';
import type { SystemdDoor } from '../../../src/healing/targets/systemd/door.ts';
import { createSystemdDriver } from '../../../src/healing/targets/systemd/driver.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { lacking, skips } from '../../hosts/available.ts';
import { type SystemdHost, startSystemdHost } from '../../hosts/systemd-host.ts';
import { until } from '../../hosts/until.ts';
import { createMemoryLogger } from '../../support/memory-ports.ts';

const why = lacking('/lib/systemd/systemd', '/usr/bin/dbus-daemon', '/usr/bin/unshare', '/usr/bin/nsenter');
const clock = createSystemClock();
const RESTART = { capability: 'restart' } as const;
const signal = new AbortController().signal;
const memory = createVolatileMemory();

describe.skipIf(skips('systemd', why))('the systemd driver', () => {
  let host: SystemdHost;
  let door: SystemdDoor;
  const drivers: TargetDriver[] = [];

  beforeAll(async () => {
    host = await startSystemdHost();
    door = createDbusDoor({ address: host.bus, clock, log: createMemoryLogger() });
  }, 30_000);
  afterAll(async () => {
    for (const driver of drivers) driver.close?.();
    door?.close();
    await host?.stop();
  });

  function driverOf(unit: string, over: Partial<SystemdTarget> = {}): TargetDriver {
    const target: SystemdTarget = {
      name: unit,
      kind: 'systemd',
      unit: `${unit}.service`,
      bus: host.bus,
      critical: false,
      dependsOn: [],
      group: null,
      probes: [],
      ...over,
    };
    const driver = createSystemdDriver(target, { door, clock, memory, log: createMemoryLogger() });
    drivers.push(driver);
    return driver;
  }
  const service = (name: string, ...lines: readonly string[]): Promise<void> =>
    host.unit(`${name}.service`, ['[Service]', ...lines]);
  const started = async (name: string, ...lines: readonly string[]): Promise<TargetDriver> => {
    await service(name, ...lines);
    const driver = driverOf(name);
    await driver.refresh();
    await host.systemctl('start', name);
    await until(`${name} is up`, () => driver.state().up === true);
    return driver;
  };

  it('restarts a unit and says its new process', async () => {
    const driver = await started('web', 'ExecStart=/bin/sleep 1000');
    const outcome = await driver.perform(RESTART, signal);
    expect(outcome).toMatchObject({ kind: 'succeeded', note: expect.stringContaining('main process') });
    expect(driver.state()).toMatchObject({ up: true, hold: null });
  });

  it('tells a manual stop from a kill by hand, and a start by hand from both', async () => {
    const stopped = await started('stopped', 'ExecStart=/bin/sleep 1000');
    await host.systemctl('stop', 'stopped');
    await until('the stop is seen', () => stopped.state().hold?.kind === 'manual_stop');
    expect(stopped.state()).toMatchObject({
      up: null,
      hold: { reason: expect.stringContaining('was stopped by somebody') },
    });
    await host.systemctl('start', 'stopped');
    await until('it is up again', () => stopped.state().up === true);

    const killed = await started('killed', 'ExecStart=/bin/sleep 1000');
    await host.systemctl('kill', '-s', 'TERM', 'killed');
    await until('the end is seen', () => killed.state().up === false);
    expect(killed.state()).toMatchObject({ hold: null, reason: expect.stringContaining('ended') });
    expect(await killed.perform(RESTART, signal)).toMatchObject({ kind: 'succeeded' });
  });

  it('leaves a unit alone while systemd restarts it, and says so', async () => {
    const driver = await started('healer', 'ExecStart=/bin/sleep 1000', 'Restart=always', 'RestartSec=3');
    await host.systemctl('kill', '-s', 'KILL', 'healer');
    await until('it is about to be restarted', () => driver.state().hold?.kind === 'foreign');
    expect(driver.state()).toMatchObject({
      up: false,
      hold: { reason: expect.stringContaining('Restart=always') },
    });
    await until('systemd has healed it', () => driver.state().up === true);
    expect(driver.state().hold).toBeNull();
  });

  it('knows that a missing unit cannot be restarted', async () => {
    const driver = driverOf('nothing-of-the-sort');
    await driver.refresh();
    expect(driver.state().up).toBeNull();
    expect(driver.describe(RESTART)).toMatchObject({
      kind: 'cannot',
      reason: expect.stringContaining('not-found'),
    });
    expect(await driver.perform(RESTART, signal)).toMatchObject({ kind: 'failed' });
  });
});
