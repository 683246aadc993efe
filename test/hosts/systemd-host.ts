/** A real systemd in namespaces of its own, for one test file. See systemd-host.sh. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../support/supervisor-bench.ts';
import { until } from './until.ts';

const run = promisify(execFile);
const SCRIPT = new URL('systemd-host.sh', import.meta.url).pathname;
const NAMESPACES = ['--fork', '--pid', '--mount', '--uts', '--ipc', '--net', '--cgroup', '--mount-proc'];

export interface SystemdHost {
  /** Its bus, as an address. */
  readonly bus: string;
  readonly pid: number;
  /** What goes before an argv to run it inside. */
  readonly enter: readonly string[];
  systemctl(...args: readonly string[]): Promise<string>;
  /** Writes a unit and makes it known. */
  unit(name: string, lines: readonly string[]): Promise<void>;
  /** Starts polkitd with one rule beside those that it comes with. */
  polkit(rule: string): Promise<void>;
  /** Runs a program inside. */
  inside(...argv: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

export async function startSystemdHost(): Promise<SystemdHost> {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-systemd-'));
  mkdirSync(join(folder, 'bus'), { mode: 0o755 });
  const outer = spawn('/usr/bin/unshare', [...NAMESPACES, SCRIPT, join(folder, 'bus')], { stdio: 'ignore' });
  const pid = await eventually('systemd runs', () => childOf(outer.pid));
  const enter = ['/usr/bin/nsenter', '-t', String(pid), '-m', '-p', '-u', '-i', '-n'];
  const inside = async (...argv: readonly string[]): Promise<string> =>
    (await run(enter[0] ?? '', [...enter.slice(1), ...argv])).stdout;
  const host: SystemdHost = {
    bus: `unix:path=${join(folder, 'bus', 'system_bus_socket')}`,
    pid,
    enter,
    inside,
    systemctl: (...args) => inside('/usr/bin/systemctl', ...args),
    async unit(name, lines) {
      writeFileSync(`/proc/${pid}/root/run/systemd/system/${name}`, `${lines.join('\n')}\n`);
      await host.systemctl('daemon-reload');
    },
    async polkit(rule) {
      writeFileSync(`/proc/${pid}/root/etc/polkit-1/rules.d/50-nightshift.rules`, rule);
      await host.systemctl('start', 'polkit.service');
    },
    async stop() {
      process.kill(pid, 'SIGKILL'); // everything inside goes with it
      await until('systemd is gone', () => outer.exitCode !== null || outer.signalCode !== null);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await until('its bus is there', () => existsSync(join(folder, 'bus', 'system_bus_socket')));
  await until('it is up', async () =>
    /^(running|degraded)/.test(await host.systemctl('is-system-running').catch(() => '')),
  );
  return host;
}

/** unshare has one child: the process 1 of the new namespaces, once the script has become systemd. */
function childOf(outer: number | undefined): number | undefined {
  if (outer === undefined) return undefined;
  try {
    const pid = Number(readFileSync(`/proc/${outer}/task/${outer}/children`, 'utf8').trim());
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'systemd' ? pid : undefined;
  } catch {
    return undefined; // not there yet
  }
}
