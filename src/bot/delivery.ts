/**
 * Hands a command or a press to the core once, however often the platform delivers it. The core's own
 * compare-and-set stays the last word; this spares the second run of a command.
 */
import { describeError } from '../domain/errors.ts';
import type { Logger } from '../domain/ports.ts';
import { remember } from './shown-memory.ts';
import type { ChatSurfaceId, PrivateReply, SurfaceInbound } from './surface.ts';
import type { Inbound, InboundReply } from './surface-wire.ts';

/** About an hour of a busy night; platforms repeat within minutes. */
const REMEMBERED = 1_000;
const FAILED: PrivateReply = { ok: false, text: 'This did not work. The log of Nightshift says why.' };

/** Never rejects: what the core throws becomes an answer and a log line. */
export type Deliver = (inbound: Inbound, to: SurfaceInbound) => Promise<InboundReply>;

export function createDelivery(surface: ChatSurfaceId, log: Logger): Deliver {
  const replies = new Map<string, Promise<InboundReply>>();

  async function handOver(inbound: Inbound, to: SurfaceInbound): Promise<InboundReply> {
    try {
      if (inbound.what === 'suggest')
        return { ok: true, text: '', suggestions: await to.suggest(inbound.query) };
      return inbound.what === 'command'
        ? await to.command(inbound.invocation)
        : await to.press(inbound.press);
    } catch (cause) {
      log.error('inbound failed', { surface, what: inbound.what, error: describeError(cause) });
      return FAILED;
    }
  }

  return (inbound, to) => {
    if (inbound.what === 'suggest') return handOver(inbound, to);
    const dedupe = inbound.what === 'command' ? inbound.invocation.dedupe : inbound.press.dedupe;
    const before = replies.get(dedupe);
    if (before !== undefined) return before;
    const reply = handOver(inbound, to);
    remember(replies, dedupe, reply, REMEMBERED);
    return reply;
  };
}
