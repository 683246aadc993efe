/**
 * At most so many starts in a span, spread evenly: the bucket holds one second's worth (one token at least), so that
 * a quiet minute does not let a burst through afterwards. Pure: the caller passes the monotonic time.
 */
import type { StartRate } from '../../domain/queue.ts';
import { type Ms, ms } from '../../domain/units.ts';

const BURST_MS = 1_000;

export interface TokenBucket {
  /** Takes one token if there is one. */
  take(now: Ms): boolean;
  /** How long until there is one; 0 when there is. */
  wait(now: Ms): Ms;
}

export function createTokenBucket({ max, per }: StartRate, now: Ms): TokenBucket {
  const perMs = max / per;
  const most = Math.max(1, perMs * BURST_MS);
  let tokens = most;
  let last: number = now;

  function fill(at: Ms): void {
    tokens = Math.min(most, tokens + Math.max(0, at - last) * perMs);
    last = at;
  }

  return {
    take(at) {
      fill(at);
      if (tokens < 1 - 1e-9) return false;
      tokens -= 1;
      return true;
    },
    wait(at) {
      fill(at);
      return tokens >= 1 - 1e-9 ? ms(0) : ms(Math.ceil((1 - tokens) / perMs));
    },
  };
}
