/**
 * A deadline that holds even when the work ignores its signal.
 *
 * The work is told by its signal and abandoned at the same moment; what it still does afterwards is its own.
 */
import { OpsError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import type { Ms } from '../domain/units.ts';

export interface DeadlineOptions {
  /** What is being waited for, for people: "the mail server". */
  readonly what: string;
  readonly span: Ms;
  /** Ends the work early; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * @throws OpsError `DEADLINE` when `span` is over first, the signal's reason when that aborts first, else what
 * the work threw.
 *
 * @example
 * await withDeadline(clock, { what: 'the probe', span: seconds(5) }, (signal) => probe(url, signal));
 */
export async function withDeadline<T>(
  clock: Clock,
  options: DeadlineOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  options.signal?.throwIfAborted();
  const controller = new AbortController();
  const ended = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
  });
  const onOuter = (): void => controller.abort(options.signal?.reason);
  options.signal?.addEventListener('abort', onOuter, { once: true });
  const cancel = clock.in(options.span, () => controller.abort(overdue(options)));
  try {
    return await Promise.race([work(controller.signal), ended]);
  } finally {
    cancel();
    options.signal?.removeEventListener('abort', onOuter);
  }
}

function overdue(options: DeadlineOptions): OpsError {
  return new OpsError('DEADLINE', `${options.what} did not end within ${Math.round(options.span)} ms`, {
    context: { what: options.what, spanMs: options.span },
  });
}
