/**
 * How well a surface is connected, judged from its parts (the socket, the API, the channel). A short loss is
 * the platforms' daily routine and is not told; a long one makes the surface degraded, then down.
 */
import type { Cancel, Clock } from '../domain/ports.ts';
import { type Ms, ms } from '../domain/units.ts';
import type { SurfaceTiming } from './surface-timing.ts';

/** From well to worst. */
const STATES = ['up', 'degraded', 'down'] as const;

/** What is wrong with one part, and since when (monotonic). */
export interface Loss {
  readonly reason: string;
  readonly since: Ms;
  /** False: told at once, but never grows into `down` (a missing scope, a closed channel). */
  readonly grows: boolean;
}

export interface LinkVerdict {
  readonly state: 'up' | 'degraded' | 'down';
  readonly reason: string;
  /** When the verdict will change by itself; `null` = never. */
  readonly againIn: Ms | null;
}

export interface LinkHealth {
  ok(part: string): void;
  lost(part: string, reason: string): void;
  /** Works, but not as it should: degraded at once and until `ok`. */
  hint(part: string, reason: string): void;
  stop(): void;
}

type Spans = Pick<SurfaceTiming, 'degradedAfter' | 'downAfter'>;

/** The worst of all; losses of the same weight are told together. */
export function judgeLinks(losses: readonly Loss[], spans: Spans, now: Ms): LinkVerdict {
  const verdicts = losses.map((loss) => judgeLoss(loss, spans, now));
  const state = STATES.findLast((each) => verdicts.some((verdict) => verdict.state === each)) ?? 'up';
  const reasons = verdicts.filter((verdict) => verdict.state === state).map(({ reason }) => reason);
  const soonest = verdicts.flatMap(({ againIn }) => (againIn === null ? [] : [againIn]));
  return {
    state,
    reason: [...new Set(reasons)].filter((reason) => reason !== '').join(' '),
    againIn: soonest.length === 0 ? null : ms(Math.min(...soonest)),
  };
}

/** Tells `report` each change of state or reason, once. Until all parts were well once, it is never `up`. */
export function createLinkHealth(deps: {
  readonly clock: Clock;
  readonly timing: Spans;
  readonly report: (state: LinkVerdict['state'], reason: string) => void;
}): LinkHealth {
  const { clock, timing, report } = deps;
  const losses = new Map<string, Loss>();
  let told = '';
  let wasWell = false;
  let cancel: Cancel = () => {};

  function judge(): void {
    cancel();
    const verdict = judgeLinks([...losses.values()], timing, clock.monotonic());
    if (verdict.againIn !== null) cancel = clock.in(verdict.againIn, judge);
    wasWell ||= losses.size === 0;
    if (wasWell || verdict.state !== 'up') tell(verdict.state, verdict.reason);
    else tell('degraded', [...new Set([...losses.values()].map((loss) => loss.reason))].join(' '));
  }

  function tell(state: LinkVerdict['state'], reason: string): void {
    const line = `${state} ${reason}`;
    if (line === told) return;
    told = line;
    report(state, reason);
  }

  function lose(part: string, reason: string, grows: boolean): void {
    const before = losses.get(part);
    const since = before !== undefined && before.grows === grows ? before.since : clock.monotonic();
    losses.set(part, { reason, since, grows });
    judge();
  }

  return {
    ok(part) {
      if (losses.delete(part)) judge();
    },
    lost: (part, reason) => lose(part, reason, true),
    hint: (part, reason) => lose(part, reason, false),
    stop: () => cancel(),
  };
}

function judgeLoss(loss: Loss, spans: Spans, now: Ms): LinkVerdict {
  if (!loss.grows) return { state: 'degraded', reason: loss.reason, againIn: null };
  const lasted = now - loss.since;
  if (lasted >= spans.downAfter) return { state: 'down', reason: loss.reason, againIn: null };
  if (lasted >= spans.degradedAfter) {
    return { state: 'degraded', reason: loss.reason, againIn: ms(spans.downAfter - lasted) };
  }
  return { state: 'up', reason: '', againIn: ms(spans.degradedAfter - lasted) };
}
