/** The systemd driver against a real systemd that boots in namespaces of its own. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandRunner } from '../../../src/domain/ports.ts';
import type { SystemdTarget } from '../../../src/domain/target.ts';
import type { ThrottlePlan } from '../../../src/domain/throttle.ts';
import { ms } from '../../../src/domain/units.ts';
import type { TargetDriver } from '../../../src/healing/targets/driver.ts';
import { createVolatileMemory } from '../../../src/healing/targets/memory.ts';
import type { SlowingRoom } from '../../../src/healing/targets/slowing.ts';
import { createDbusDoor } from '../../../src/healing/targets/systemd/dbus-door.ts';
import { NOT_ALLOWED, type SystemdDoor } from '../../../src/healing/targets/systemd/door.ts';
import { createSystemdDriver } from '../../../src/healing/targets/systemd/driver.ts';
import { createSystemctlDoor } from '../../../src/healing/targets/systemd/systemctl-door.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { createCommandRunner } from '../../../src/platform/run-command.ts';
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
    const driver = createSystemdDriver(target, {
      door,
      clock,
      memory,
      commands: null,
      log: createMemoryLogger(),
    });
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

  const planOf = async (driver: TargetDriver, room: SlowingRoom): Promise<ThrottlePlan> => {
    const answer = await driver.slowing?.plan(room);
    if (answer?.kind !== 'can') throw new Error(`no plan: ${answer?.reason}`);
    return answer.plan;
  };

  it.concurrent('restarts a unit and says its new process', async () => {
    const driver = await started('web', 'ExecStart=/bin/sleep 1000');
    const outcome = await driver.perform(RESTART, signal);
    expect(outcome).toMatchObject({ kind: 'succeeded', note: expect.stringContaining('main process') });
    expect(driver.state()).toMatchObject({ up: true, hold: null });
  });

  it.concurrent('tells a manual stop from a kill by hand, and a start by hand from both', async () => {
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

  it.concurrent('leaves a unit alone while systemd restarts it, and says so', async () => {
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

  it.concurrent('holds a unit to a CPUQuota and sets back what it had', async () => {
    const driver = await started('hungry', 'ExecStart=/bin/sleep 1000', 'CPUQuota=150%');
    const quota = async (): Promise<string> =>
      (await host.systemctl('show', '-p', 'CPUQuotaPerSecUSec', 'hungry')).trim();
    const plan = await planOf(driver, { need: 'cpu', cores: 0.5, memoryBytes: null, usedBytes: null });
    expect(plan).toMatchObject({
      effect: 'CPUQuota 50 % for hungry.service',
      undo: 'CPUQuota 150 % for hungry.service as before',
    });

    expect(await driver.slowing?.apply(plan, signal)).toMatchObject({ kind: 'succeeded' });
    expect(await quota()).toBe('CPUQuotaPerSecUSec=500ms');
    expect(await driver.slowing?.apply(plan, signal)).toMatchObject({ kind: 'succeeded' });
    expect(await driver.slowing?.release(plan, signal)).toMatchObject({ kind: 'succeeded' });
    expect(await quota()).toBe('CPUQuotaPerSecUSec=1.500000s');
  });

  it.concurrent('holds a unit to a MemoryHigh, never below what it uses, and takes it off again', async () => {
    const driver = await started('fat', 'ExecStart=/bin/sleep 1000');
    const high = async (): Promise<string> =>
      (await host.systemctl('show', '-p', 'MemoryHigh', 'fat')).trim();
    const room = { need: 'memory', cores: null, memoryBytes: 64 * 1_048_576 } as const;
    const plan = await planOf(driver, { ...room, usedBytes: 100 * 1_048_576 });

    expect(await driver.slowing?.apply(plan, signal)).toMatchObject({ kind: 'succeeded' });
    expect(await high()).toBe(`MemoryHigh=${110 * 1_048_576}`);
    expect(await driver.slowing?.release(plan, signal)).toMatchObject({ kind: 'succeeded' });
    expect(await high()).toBe('MemoryHigh=infinity');
    expect(await driver.slowing?.plan({ ...room, usedBytes: null })).toMatchObject({
      kind: 'cannot',
      reason: expect.stringContaining('is not known'),
    });
  });

  it.concurrent('leaves a limit as a person has set it since, and one that is tighter than ours', async () => {
    const driver = await started('theirs', 'ExecStart=/bin/sleep 1000');
    const room = { need: 'cpu', cores: 0.5, memoryBytes: null, usedBytes: null } as const;
    const plan = await planOf(driver, room);
    await driver.slowing?.apply(plan, signal);
    await host.systemctl('set-property', '--runtime', 'theirs', 'CPUQuota=10%');

    expect(await driver.slowing?.release(plan, signal)).toMatchObject({
      kind: 'succeeded',
      note: expect.stringContaining('left at CPUQuota 10 %'),
    });
    expect(await driver.slowing?.plan(room)).toMatchObject({
      kind: 'cannot',
      reason: 'theirs.service is held to CPUQuota 10 % already',
    });
  });

  it.concurrent('knows that a missing unit cannot be restarted', async () => {
    const driver = driverOf('nothing-of-the-sort');
    await driver.refresh();
    expect(driver.state().up).toBeNull();
    expect(driver.describe(RESTART)).toMatchObject({
      kind: 'cannot',
      reason: expect.stringContaining('not-found'),
    });
    expect(await driver.perform(RESTART, signal)).toMatchObject({ kind: 'failed' });
  });

  it.concurrent('waits for a unit that ignores TERM, and says the truth of its end', async () => {
    const driver = await started(
      'deaf',
      'ExecStart=/bin/sh -c "trap "" TERM; while true; do sleep 0.2; done"',
      'TimeoutStopSec=1',
    );
    expect(await driver.perform(RESTART, signal)).toMatchObject({ kind: 'succeeded' });
  });

  it.concurrent('takes a job that was done for no evidence: the program is missing', async () => {
    await service('broken', 'ExecStart=/bin/does-not-exist');
    const driver = driverOf('broken');
    expect(await driver.perform(RESTART, signal)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('203'),
    });
    expect(driver.state()).toMatchObject({ up: false, hold: null });
  });

  it.concurrent('fails at a unit that crashes again and again, and has it down afterwards', async () => {
    await service('loop', 'ExecStart=/bin/sh -c "sleep 0.3; exit 7"', 'Restart=always', 'RestartSec=100ms');
    const driver = driverOf('loop');
    expect(await driver.perform(RESTART, signal)).toMatchObject({ kind: 'failed' });
    await until('systemd has given up', () => driver.state().reason.startsWith('failed'));
    expect(driver.state()).toMatchObject({ up: false, hold: null });
  });

  it.concurrent('does not run into the start limit by its own restarts', async () => {
    const driver = await started('limited', 'ExecStart=/bin/sleep 1000', 'StartLimitBurst=5');
    for (const attempt of [1, 2, 3]) {
      for (const _ of [1, 2]) await host.systemctl('restart', 'limited').catch(() => {}); // past the limit of systemd
      expect(await driver.perform(RESTART, signal), `attempt ${attempt}`).toMatchObject({
        kind: 'succeeded',
      });
    }
  });

  it.concurrent('says that a unit never became ready', async () => {
    await service('unready', 'Type=notify', 'ExecStart=/bin/sleep 1000', 'TimeoutStartSec=1');
    expect(await driverOf('unready').perform(RESTART, signal)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('timeout'),
    });
  });

  it.concurrent('has a wish that was cut off as unknown, and does not say that it failed', async () => {
    await service('slow', 'Type=notify', 'ExecStart=/bin/sleep 1000', 'TimeoutStartSec=30');
    expect(await driverOf('slow').perform(RESTART, clock.deadline(ms(700)))).toMatchObject({
      kind: 'unknown',
    });
  });

  it.concurrent('respects a manual stop that an earlier life of the bot saw', async () => {
    const first = await started('kept', 'ExecStart=/bin/sleep 1000');
    await host.systemctl('stop', 'kept');
    await until('the stop is seen', () => first.state().hold?.kind === 'manual_stop');
    const second = driverOf('kept');
    await second.refresh();
    expect(second.state()).toMatchObject({
      up: null,
      hold: { kind: 'manual_stop', reason: expect.stringContaining('was stopped by somebody') },
    });
  });

  it.concurrent('works by systemctl where there is no bus, and leaves alone what it finds stopped', async () => {
    await service('plain', 'ExecStart=/bin/sleep 1000');
    const commands = createCommandRunner({ clock, redact: (text) => text });
    const inside: CommandRunner = {
      run: (request) => commands.run({ ...request, argv: [...host.enter, ...request.argv] }),
    };
    const target: SystemdTarget = { ...driverOf('plain').target } as SystemdTarget;
    const driver = createSystemdDriver(
      { ...target, name: 'plain by command' },
      {
        door: createSystemctlDoor(inside, '/usr/bin/systemctl'),
        clock,
        memory,
        commands: null,
        log: createMemoryLogger(),
      },
    );
    await driver.refresh();
    expect(driver.state().hold?.reason).toContain('was found stopped');
    expect(await driver.perform(RESTART, signal)).toMatchObject({ kind: 'succeeded' });
    expect(driver.state()).toMatchObject({ up: true, hold: null });

    const plan = await planOf(driver, { need: 'cpu', cores: 0.3, memoryBytes: null, usedBytes: null });
    const quota = (): Promise<string> => host.systemctl('show', '-p', 'CPUQuotaPerSecUSec', 'plain');
    expect(await driver.slowing?.apply(plan, signal)).toMatchObject({ kind: 'succeeded' });
    expect(await quota()).toContain('=300ms');
    expect(await driver.slowing?.release(plan, signal)).toMatchObject({ kind: 'succeeded' });
    expect(await quota()).toContain('=infinity');
  });

  it('says who may not, and may what the polkit rule of the manual allows: that unit, and no other', async () => {
    for (const name of ['shop', 'guarded']) await service(name, 'ExecStart=/bin/sleep 1000');
    const asNobody: CommandRunner = {
      run: (request) =>
        createCommandRunner({ clock, redact: (text) => text }).run({
          ...request,
          argv: [...host.enter, '/usr/bin/setpriv', '--reuid=65534', '--clear-groups', ...request.argv],
        }),
    };
    const door = createSystemctlDoor(asNobody, '/usr/bin/systemctl');
    const refused = { kind: 'refused', reason: NOT_ALLOWED };
    expect(await door.restart('shop.service', signal)).toEqual(refused);
    expect(await door.setLimit('guarded.service', 'CPUQuotaPerSecUSec', 500_000)).toEqual(refused);

    if (lacking('/usr/lib/polkit-1/polkitd') !== '') return;
    await host.polkit(ruleOfTheManual().replace("'nightshift'", "'nobody'"));
    expect(await door.restart('shop.service', signal)).toEqual({ kind: 'ended', result: 'done' });
    expect(await host.systemctl('is-active', 'shop.service')).toContain('active');
    expect(await door.restart('guarded.service', signal)).toEqual(refused);
  });
});

/** As a person copies it from there. */
function ruleOfTheManual(): string {
  const manual = readFileSync(new URL('../../../docs/targets.md', import.meta.url), 'utf8');
  return /```js\n(polkit\.addRule[\s\S]*?)```/.exec(manual)?.[1] ?? '';
}
