/** Answers of commands: one maker for each way a command can end. */
import type { ControlResult } from '../../domain/controls.ts';
import { assertNever } from '../../domain/errors.ts';
import { after, type Ms } from '../../domain/units.ts';
import type { WorkerChange } from '../../domain/worker.ts';
import { localTime } from '../figures.ts';
import type { CommandContext, Reply } from './command.ts';

export function ok(text: string, data: unknown = null): Reply {
  return { ok: true, code: 'OK', text, data };
}

export function failed(text: string, data: unknown = null): Reply {
  return { ok: false, code: 'FAILED', text, data };
}

export function refused(text: string, data: unknown = null): Reply {
  return { ok: false, code: 'REFUSED', text, data };
}

export function notFound(text: string, data: unknown = null): Reply {
  return { ok: false, code: 'NOT_FOUND', text, data };
}

export function badOption(text: string, data: unknown = null): Reply {
  return { ok: false, code: 'BAD_OPTION', text, data };
}

export function forbidden(text: string, data: unknown = null): Reply {
  return { ok: false, code: 'FORBIDDEN', text, data };
}

export function fromControl(result: ControlResult): Reply {
  switch (result.kind) {
    case 'done':
      return ok(result.text, { changed: true });
    case 'would':
      return ok(result.text, { changed: false, dryRun: true });
    case 'refused':
      return refused(result.reason, { reason: result.reason });
    case 'failed':
      return failed(result.reason, { reason: result.reason });
    case 'not_found':
      return notFound(result.reason);
    default:
      return assertNever(result);
  }
}

/** What holds for a while says until when, and what it leaves as it is. */
export function endsByItself(
  result: ControlResult,
  span: Ms,
  meanwhile: string,
  { now, timezone }: Pick<CommandContext, 'now' | 'timezone'>,
): Reply {
  if (result.kind !== 'done') return fromControl(result);
  const until = localTime(after(now, span), timezone, now);
  return fromControl({ ...result, text: `${result.text.replace(/\.$/, '')}. Until ${until}; ${meanwhile}` });
}

export function fromWorkerChange(worker: string, change: WorkerChange): Reply {
  if (change.kind === 'not_found') return notFound(`There is no worker ${worker}.`);
  return fromControl(change);
}

/** The answer of a dry run that the command itself can tell. */
export function would(text: string): Reply {
  return ok(text, { changed: false, dryRun: true });
}
