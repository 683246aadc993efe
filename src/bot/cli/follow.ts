/**
 * A drill takes minutes. At a terminal one waits for it: its progress is told beside the answer, and the answer is
 * what came of it.
 */
import { type Ms, seconds } from '../../domain/units.ts';
import type { Reply } from '../commands/command.ts';

const LOOK_EVERY: Ms = seconds(2);

export interface FollowDeps {
  /** The answer of `drill status`. */
  status(): Promise<Reply>;
  sleep(span: Ms): Promise<void>;
  /** Told when it changes. */
  tell(line: string): void;
}

/** The reply itself where nothing was begun. */
export async function followDrill(begun: Reply, deps: FollowDeps): Promise<Reply> {
  if (!begun.ok || dataOf(begun)['begun'] !== true) return begun;
  deps.tell(begun.text);
  let said = '';
  for (;;) {
    await deps.sleep(LOOK_EVERY);
    const reply = await deps.status();
    const { running, failure, last } = dataOf(reply);
    if (!reply.ok) return reply;
    if (typeof running !== 'object' || running === null) return ended(reply, failure, last);
    const { done, total, now } = running as Readonly<Record<string, unknown>>;
    const line = `${done} of ${total} done, now ${Array.isArray(now) ? now.join(' and ') : ''}`;
    if (line !== said) deps.tell(line);
    said = line;
  }
}

/** Passed is done; a drill that shows a fault of ours has failed, as a failed verification has. */
function ended(reply: Reply, failure: unknown, last: unknown): Reply {
  const hasPassed = (last as { readonly passed?: unknown } | null)?.passed === true;
  return failure === null && hasPassed ? reply : { ...reply, ok: false, code: 'FAILED' };
}

function dataOf({ data }: Reply): Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>) : {};
}
