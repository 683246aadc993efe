/** Asks a worker how it is: one HTTP request, one stat of its heartbeat file, or one command. Never throws. */
import { stat } from 'node:fs/promises';
import { describeError } from '../domain/errors.ts';
import type { Clock, CommandRunner, HttpClient } from '../domain/ports.ts';
import { epochMs, seconds } from '../domain/units.ts';
import { withDeadline } from '../platform/deadline.ts';
import { codeOf } from '../platform/durable-file.ts';
import type { WorkerCheck } from './worker-check-config.ts';
import type { Finding } from './worker-health.ts';

/** A stat on a dead network file system never returns. */
const STAT_LIMIT = seconds(5);
/** Words of a machine that could not ask; they say nothing about the worker. */
const MACHINE_FAULT = /EMFILE|ENFILE|ENOMEM|EAGAIN|ENOBUFS|EADDRNOTAVAIL/;

export interface CheckDeps {
  readonly clock: Clock;
  readonly http: HttpClient;
  readonly commands: CommandRunner;
}

export function askWorker(check: WorkerCheck, instance: number, deps: CheckDeps): Promise<Finding> {
  switch (check.kind) {
    case 'http':
      return askByHttp(fill(check.url, instance), check, deps);
    case 'heartbeat':
      return askHeartbeat(fill(check.path, instance), deps);
    case 'command':
      return askByCommand(check, instance, deps);
  }
}

async function askByHttp(
  url: string,
  check: WorkerCheck & { kind: 'http' },
  deps: CheckDeps,
): Promise<Finding> {
  const answer = await deps.http.request({ url, timeLimit: check.timeLimit });
  switch (answer.kind) {
    case 'answered':
      return answer.status >= 200 && answer.status < 400
        ? { kind: 'good' }
        : { kind: 'bad', reason: `its health check answers ${answer.status}` };
    case 'timed_out':
      return { kind: 'bad', reason: `no answer within ${check.timeLimit.toLocaleString('en-US')} ms` };
    case 'failed':
      return MACHINE_FAULT.test(answer.reason)
        ? { kind: 'unknown', reason: answer.reason }
        : { kind: 'bad', reason: `its health check cannot be reached: ${answer.reason}` };
  }
}

async function askHeartbeat(path: string, deps: CheckDeps): Promise<Finding> {
  try {
    const found = await withDeadline(deps.clock, { what: 'the heartbeat file', span: STAT_LIMIT }, () =>
      stat(path),
    );
    return { kind: 'beat', writtenAt: epochMs(found.mtimeMs) };
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'beat', writtenAt: null };
    return { kind: 'unknown', reason: describeError(cause) };
  }
}

async function askByCommand(
  check: WorkerCheck & { kind: 'command' },
  instance: number,
  deps: CheckDeps,
): Promise<Finding> {
  const [program = '', ...args] = check.argv.map((part) => fill(part, instance));
  const argv = [program === 'node' ? process.execPath : program, ...args];
  const result = await deps.commands.run({ argv, timeLimit: check.timeLimit });
  switch (result.kind) {
    case 'exited':
      return result.code === 0
        ? { kind: 'good' }
        : { kind: 'bad', reason: `its health command exits ${result.code}` };
    case 'timed_out':
      return { kind: 'bad', reason: 'its health command does not end' };
    case 'killed':
      return { kind: 'unknown', reason: `its health command was killed by ${result.signal}` };
    case 'not_started':
      return { kind: 'unknown', reason: result.reason };
  }
}

/** Only a number is ever filled in. */
function fill(text: string, instance: number): string {
  return text.replaceAll('{instance}', String(instance));
}
