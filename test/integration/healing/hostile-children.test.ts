/** Children that hang, fork, flood, die badly or cannot be started: nobody else is restarted, and nothing is left. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ms, seconds } from '../../../src/domain/units.ts';
import type { WorkerPool } from '../../../src/domain/worker.ts';
import { createTargets, type Targets } from '../../../src/healing/targets/registry.ts';
import { TargetsConfig } from '../../../src/healing/targets-config.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { createRedactor } from '../../../src/platform/redact.ts';
import { createCommandRunner } from '../../../src/platform/run-command.ts';
import { skips } from '../../hosts/available.ts';
import { until } from '../../hosts/until.ts';
import { createMemoryHttp, createMemoryLogger, live } from '../../support/memory-ports.ts';

const exec = promisify(execFile);
const clock = createSystemClock();
const RESTART = { capability: 'restart' } as const;
const PIDS = '/sys/fs/cgroup/pids';

/** Targets whose restart is a Node script; each is marked, so that what it leaves behind can be counted. */
function targetsOf(scripts: Readonly<Record<string, string>>, mark: string): Targets {
  const entry = ([name, script]: readonly [string, string]): object => ({
    name,
    kind: 'command',
    check: ['/bin/true'],
    commands: { restart: [process.execPath, '-e', script, mark] },
  });
  return createTargets({
    config: live(TargetsConfig.parse({ targets: Object.entries(scripts).map(entry) })),
    workers: live({ workers: [] }),
    pool: { list: () => [] } as unknown as WorkerPool,
    http: createMemoryHttp(),
    commands: createCommandRunner({ clock, redact: createRedactor([]) }),
    clock,
    log: createMemoryLogger(),
    host: 'web-1',
  });
}

/** Living processes that have the mark among their arguments. */
function left(mark: string): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(mark);
    } catch {
      return false; // no process, or gone
    }
  }).length;
}

const SPAWN =
  "require('child_process').spawn(process.execPath, ['-e', 'process.on(\"SIGTERM\", () => {}); setInterval(() => {}, 1000)', process.argv[1]]";
const STAY = 'setInterval(() => {}, 1000)';

describe('a restart command', () => {
  it.concurrent.each([
    ['hangs', STAY],
    ['ignores TERM', `process.on('SIGTERM', () => {}); ${STAY}`],
    [
      'forks grandchildren that ignore TERM',
      `for (let i = 0; i < 3; i++) ${SPAWN}, { stdio: 'ignore' }); ${STAY}`,
    ],
    [
      'forks grandchildren into sessions of their own',
      `for (let i = 0; i < 3; i++) ${SPAWN}, { stdio: 'ignore', detached: true }).unref(); ${STAY}`,
    ],
  ])(
    'that %s is cut off as unknown, and nothing of it is left',
    { timeout: 30_000 },
    async (what, script) => {
      const mark = `hostile-${what.replaceAll(' ', '-')}`;
      const targets = targetsOf({ sick: script, healthy: STAY }, mark);
      await targets.look();
      const outcome = await targets.get('sick')?.perform(RESTART, clock.deadline(ms(900)));
      expect(outcome).toMatchObject({ kind: 'unknown' });
      await until('nothing is left', () => left(mark) === 0);
      expect(targets.get('healthy')?.state().up).toBe(true);
    },
  );

  it('that prints a gigabyte costs no memory', { timeout: 60_000 }, async () => {
    const flood =
      "const b = Buffer.alloc(1 << 20, 'x '); let n = 0; (function go() { while (n < 1024) { n += 1; if (!process.stdout.write(b)) return process.stdout.once('drain', go); } })()";
    const targets = targetsOf({ sick: flood }, 'hostile-flood');
    const before = process.memoryUsage().rss;
    expect(await targets.get('sick')?.perform(RESTART, clock.deadline(seconds(50)))).toMatchObject({
      kind: 'succeeded',
    });
    expect((process.memoryUsage().rss - before) / 1_048_576).toBeLessThan(100);
  });

  it('that leaves zombies behind is judged by its own end', { timeout: 30_000 }, async () => {
    // The middle process never reaps: its children stay as zombies until it ends itself.
    const zombies =
      "const cp = require('child_process'); for (let i = 0; i < 5; i++) cp.spawn('/bin/true', { stdio: 'ignore' }); const at = Date.now(); while (Date.now() - at < 500); process.exit(4)";
    const targets = targetsOf({ sick: zombies }, 'hostile-zombies');
    expect(await targets.get('sick')?.perform(RESTART, clock.deadline(seconds(20)))).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('exit 4'),
    });
  });
});

const noGroup =
  process.getuid?.() !== 0 ? 'this needs root' : existsSync(PIDS) ? '' : `there is no ${PIDS} here`;

describe.skipIf(skips('pid limit', noGroup))('at the limit of processes', () => {
  it('nothing is known of anybody, nothing counts as down, and no restart is said to have happened', {
    timeout: 60_000,
  }, async () => {
    const group = `${PIDS}/nightshift-test-${process.pid}`;
    mkdirSync(group);
    try {
      const child = fileURLToPath(new URL('../../support/children/starved.ts', import.meta.url));
      const enter = `echo $$ > ${group}/cgroup.procs && exec "$@"`;
      const argv = ['-c', enter, 'sh', process.execPath, '--import', 'tsx', child, `${group}/pids.max`];
      const { stdout } = await exec('/bin/sh', argv);
      const seen = JSON.parse(stdout);
      expect(seen).toMatchObject({
        before: [true, true],
        during: [null, null],
        acted: { kind: 'failed', reason: expect.stringContaining('could not be started') },
        after: [true, true],
      });
      expect(seen.pids.used / seen.pids.most).toBeGreaterThan(0.9);
    } finally {
      await until('the group is empty', () => readFileSync(`${group}/cgroup.procs`, 'utf8') === '');
      rmdirSync(group);
    }
  });
});
