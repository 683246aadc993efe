import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandResult, HttpResult } from '../../../src/domain/ports.ts';
import { epochMs, ms, seconds } from '../../../src/domain/units.ts';
import { askWorker, type CheckDeps } from '../../../src/healing/worker-checks.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { createMemoryCommands, createMemoryHttp } from '../../support/memory-ports.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightshift-checks-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const deps = (over: Partial<CheckDeps> = {}): CheckDeps => ({
  clock: createSystemClock(),
  http: createMemoryHttp(),
  commands: createMemoryCommands(),
  ...over,
});

describe('askWorker by HTTP', () => {
  const ask = (answer: HttpResult, instance = 0) => {
    const http = createMemoryHttp(() => answer);
    const check = {
      kind: 'http',
      url: 'http://127.0.0.1:90{instance}/health',
      timeLimit: seconds(2),
    } as const;
    return { http, finding: askWorker(check, instance, deps({ http })) };
  };

  it.each<[string, HttpResult, string]>([
    ['good on 204', { kind: 'answered', status: 204, body: '', took: ms(1) }, 'good'],
    ['bad on 503', { kind: 'answered', status: 503, body: '', took: ms(1) }, 'bad'],
    ['bad without an answer in time', { kind: 'timed_out', took: seconds(2) }, 'bad'],
    ['bad when nobody listens', { kind: 'failed', reason: 'connect ECONNREFUSED', took: ms(1) }, 'bad'],
    [
      'unknown when this host has no descriptors left',
      { kind: 'failed', reason: 'socket EMFILE', took: ms(1) },
      'unknown',
    ],
  ])('is %s', async (_, answer, kind) => {
    expect((await ask(answer).finding).kind).toBe(kind);
  });

  it('asks each instance at its own address', async () => {
    const { http, finding } = ask({ kind: 'answered', status: 200, body: '', took: ms(1) }, 3);
    await finding;

    expect(http.calls[0]?.url).toBe('http://127.0.0.1:903/health');
  });
});

describe('askWorker by heartbeat', () => {
  const ask = () =>
    askWorker({ kind: 'heartbeat', path: join(folder, 'beat-{instance}'), maxAge: seconds(30) }, 1, deps());

  it('tells when the file was written, and that there is none', async () => {
    const missing = await ask();
    await writeFile(join(folder, 'beat-1'), '');
    await utimes(join(folder, 'beat-1'), 1_700_000_000, 1_700_000_000);

    expect(missing).toEqual({ kind: 'beat', writtenAt: null });
    expect(await ask()).toEqual({ kind: 'beat', writtenAt: epochMs(1_700_000_000_000) });
  });
});

describe('askWorker by command', () => {
  const ask = (result: CommandResult) => {
    const commands = createMemoryCommands(() => result);
    const check = {
      kind: 'command',
      argv: ['node', 'check.js', '{instance}'],
      timeLimit: seconds(5),
    } as const;
    return { commands, finding: askWorker(check, 2, deps({ commands })) };
  };
  const end = { output: '', took: ms(1) };

  it.each<[string, CommandResult, string]>([
    ['good on exit 0', { kind: 'exited', code: 0, ...end }, 'good'],
    ['bad on exit 1', { kind: 'exited', code: 1, ...end }, 'bad'],
    ['bad when it does not end', { kind: 'timed_out', ...end }, 'bad'],
    ['unknown when it was killed by somebody else', { kind: 'killed', signal: 'SIGKILL', ...end }, 'unknown'],
    ['unknown when it could not be started', { kind: 'not_started', reason: 'spawn EAGAIN' }, 'unknown'],
  ])('is %s', async (_, result, kind) => {
    expect((await ask(result).finding).kind).toBe(kind);
  });

  it('runs the Node of the bot where that is asked for', async () => {
    const { commands, finding } = ask({ kind: 'exited', code: 0, ...end });
    await finding;

    expect(commands.calls[0]?.argv).toEqual([process.execPath, 'check.js', '2']);
  });
});
