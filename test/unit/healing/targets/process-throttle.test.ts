import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import type { ThrottlePlan } from '../../../../src/domain/throttle.ts';
import { seconds } from '../../../../src/domain/units.ts';
import {
  type ProcessThrottleDeps,
  planProcesses,
  processesHold,
  releaseProcesses,
  slowProcesses,
} from '../../../../src/healing/targets/process-throttle.ts';
import { createSystemClock } from '../../../../src/platform/clock.ts';
import { createProcReader } from '../../../../src/platform/proc.ts';
import { createPriorityDoor } from '../../../../src/platform/process-priority.ts';
import { createCommandRunner } from '../../../../src/platform/run-command.ts';

const IONICE = '/usr/bin/ionice';
const priority = createPriorityDoor();
const commands = createCommandRunner({ clock: createSystemClock(), redact: (text) => text });
const deps: ProcessThrottleDeps = {
  proc: createProcReader(),
  priority,
  commands,
  ionice: existsSync(IONICE) ? IONICE : null,
};
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
});

/** A shell and the sleep it started: pids of both. */
async function family(): Promise<readonly [number, number]> {
  const child = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!; wait'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  const said = await new Promise<string>((resolve) =>
    child.stdout.once('data', (data) => resolve(String(data))),
  );
  return [child.pid ?? 0, Number(said)];
}

async function disk(pid: number): Promise<string> {
  const result = await commands.run({ argv: [IONICE, '-p', String(pid)], timeLimit: seconds(5) });
  return result.kind === 'exited' ? result.output.trim() : result.kind;
}

async function planOf(pid: number): Promise<ThrottlePlan> {
  const answer = await planProcesses('etl', [pid], deps);
  if (answer.kind !== 'can') throw new Error(answer.reason);
  return answer.plan;
}

// Taking nice back needs CAP_SYS_NICE; where it is missing nothing is slowed, which the last test asks.
const mayNice = process.platform === 'linux' && priority.mayTakeBack();

describe.skipIf(!mayNice)('planProcesses', () => {
  it('slows a real process with all it started, and puts back what each had before', async () => {
    const [shell, sleep] = await family();
    setPriority(sleep, 3);
    const before = await disk(shell);
    const found = getPriority(shell);
    const plan = await planOf(shell);
    expect(plan.effect).toMatch(/^nice 10.* for 2 processes$/);

    expect(await slowProcesses(plan, deps)).toMatchObject({ kind: 'succeeded' });
    expect([shell, sleep].map((pid) => getPriority(pid))).toEqual([10, 10]);
    if (deps.ionice !== null) expect(await disk(sleep)).toBe('best-effort: prio 7');
    expect(processesHold(plan, [shell])).toBe(true);

    expect(await releaseProcesses(plan, deps)).toMatchObject({ kind: 'succeeded' });
    expect([shell, sleep].map((pid) => getPriority(pid))).toEqual([found, 3]);
    expect(await disk(shell)).toBe(before);
  });

  it('leaves alone what a person has set since, and a process that is another one by now', async () => {
    const [shell, sleep] = await family();
    const plan = await planOf(shell);
    await slowProcesses(plan, deps);
    setPriority(sleep, 15);

    await releaseProcesses(plan, deps);
    expect(getPriority(sleep)).toBe(15);

    const other = JSON.parse(JSON.stringify(plan).replaceAll(/"startTicks":\d+/g, '"startTicks":1'));
    expect(await slowProcesses(other, deps)).toMatchObject({ kind: 'failed' });
    expect(getPriority(sleep)).toBe(15);
    expect(processesHold(plan, [1])).toBe(false);
  });
});

describe('planProcesses without the right to take it back', () => {
  it('does nothing: a worker that stays slow for ever is worse', async () => {
    const poor = { ...deps, priority: { ...priority, mayTakeBack: () => false } };

    expect(await planProcesses('etl', [process.pid], poor)).toMatchObject({
      kind: 'cannot',
      reason: expect.stringContaining('CAP_SYS_NICE'),
    });
  });
});
