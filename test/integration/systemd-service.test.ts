/**
 * The unit as shipped, under a real systemd of its own: only user, program and the length of the watchdog differ.
 * It beats through the descriptor; `systemd-notify` cannot be tried in namespaces where systemd does not see the
 * cgroup of a child.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacking, skips } from '../hosts/available.ts';
import { type SystemdHost, startSystemdHost } from '../hosts/systemd-host.ts';
import { until } from '../hosts/until.ts';
import { buildOnce, ROOT } from '../support/bot-process.ts';

const UNIT = 'nightshift.service';
/** Debian 12 has systemd 252, which does not know `OpenFile=`. */
const LAUNCHER = `/usr/bin/perl ${ROOT}/test/hosts/open-notify.pl`;
const needs = lacking(
  '/usr/bin/perl',
  '/usr/bin/unshare',
  '/usr/bin/nsenter',
  '/lib/systemd/systemd',
  '/usr/bin/systemd-notify',
);
const hidden = /^\/(tmp|run|var)\//.test(ROOT) ? 'the folder of the project cannot be seen from inside' : '';
const skipped = skips('the bot under systemd', needs || hidden);

let host: SystemdHost;

beforeAll(async () => {
  if (skipped) return;
  buildOnce();
  host = await startSystemdHost();
  await host.inside('/usr/bin/mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/var/lib');
  await host.unit(UNIT, unitForHere());
}, 60_000);

afterAll(async () => {
  await host?.stop();
});

describe.skipIf(skipped)('packaging/nightshift.service', () => {
  it('is active once the bot is ready, in its sandbox', async () => {
    await host.systemctl('start', '--no-block', UNIT);
    await until('it said ready', async () => (await show('ActiveState'))[0] === 'active', 20_000);

    expect(await show('ActiveState', 'SubState', 'Type', 'ProtectSystem', 'NoNewPrivileges')).toEqual([
      'active',
      'running',
      'notify',
      'strict',
      'yes',
    ]);
    expect(audit()).toContain('"kind":"start"');
    const status = await mainStatus();
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect(status).toMatch(/^Seccomp:\s+2$/m);
  }, 30_000);

  it('is killed when its loop is wedged, and comes back with its state', async () => {
    const [before] = await show('MainPID');
    const lines = audit().trim().split('\n').length;

    await host.systemctl('kill', '--kill-who=main', '--signal=STOP', UNIT);

    await until(
      'it was started again',
      async () => (await show('NRestarts', 'ActiveState')).join() === '1,active',
      25_000,
    );
    expect((await show('MainPID'))[0]).not.toBe(before);
    const after = audit().trim().split('\n');
    expect(after.length).toBeGreaterThan(lines);
    expect(after.filter((line) => line.includes('"kind":"start"'))).toHaveLength(2);
  }, 40_000);

  it('beats on: nothing is killed while it is well', async () => {
    const [pid, state] = await show('MainPID', 'ActiveState');
    expect(state).toBe('active');
    const begun = process.hrtime.bigint();

    await until('two watchdogs have passed', () => process.hrtime.bigint() - begun > 7_000_000_000n, 10_000);

    expect((await show('MainPID'))[0]).toBe(pid);
  }, 20_000);

  it('stops cleanly', async () => {
    await host.systemctl('stop', UNIT);

    expect(await show('ActiveState', 'Result', 'ExecMainStatus')).toEqual(['inactive', 'success', '0']);
    expect(audit().trim().split('\n').at(-1)).toContain('"kind":"stop"');
  }, 30_000);
});

function unitForHere(): readonly string[] {
  const text = readFileSync(join(ROOT, 'packaging', UNIT), 'utf8');
  return text
    .replace(/^ExecStart=.*$/m, `ExecStart=${LAUNCHER} ${process.execPath} ${ROOT}/dist/main.js start`)
    .replace(/^User=.*$/m, 'User=root')
    .replace(/^Group=.*$/m, 'Group=root')
    .replace(/^WatchdogSec=.*$/m, 'WatchdogSec=3\nEnvironment=NIGHTSHIFT_PORT=0')
    .split('\n');
}

async function show(...properties: readonly string[]): Promise<readonly string[]> {
  const text = await host.systemctl('show', UNIT, ...properties.flatMap((name) => ['-p', name]));
  const values = new Map(
    text
      .trim()
      .split('\n')
      .map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]),
  );
  return properties.map((name) => values.get(name) ?? '');
}

async function mainStatus(): Promise<string> {
  const [pid] = await show('MainPID');
  return host.inside('/usr/bin/cat', `/proc/${pid}/status`);
}

function audit(): string {
  return readFileSync(`/proc/${host.pid}/root/var/lib/nightshift/data/audit/healing_log.jsonl`, 'utf8');
}
