/**
 * Every claim that was ever made, with the stream of its verdicts: what is raised now, and since when.
 */
import type { MetricName } from '../domain/metric.ts';
import type { Live } from '../domain/ports.ts';
import { type Ms, minutes, ms } from '../domain/units.ts';
import type { Claim, ClaimContext } from './claim.ts';
import type { MonitorConfig } from './config.ts';
import { CALM, discardWindow, type Moment, type Stream, step } from './flapping.ts';
import type { Raised } from './grouping.ts';

/** After a change of configuration, a claim that no detector makes any more is dropped after this long. */
const ORPHAN_AFTER: Ms = minutes(15);

export interface Tracks extends ClaimContext {
  follow(claim: Claim, now: Moment): void;
  raised(now: Moment): readonly Raised[];
  /** The last value that was known of a metric, or `null`. */
  lastValue(metric: MetricName): number | null;
  /** Forgets the open window; judges nothing until `mutedUntil`. What was raised stays raised. */
  discardWindow(mutedUntil: Ms): void;
  configChanged(now: Moment): void;
  dropOrphans(now: Moment): void;
}

interface Track {
  readonly claim: Claim;
  readonly stream: Stream;
  readonly lastClaim: Ms;
}

export function createTracks(config: Live<MonitorConfig>): Tracks {
  const tracks = new Map<string, Track>();
  let mutedUntil: Ms | null = null;
  let changedAt: Ms | null = null;

  return {
    isRaised: (key) => (tracks.get(key)?.stream.phase ?? 'calm') !== 'calm',
    follow(claim, now) {
      const muted = mutedUntil !== null && now.monotonic < mutedUntil;
      tracks.set(claim.key, followed(tracks.get(claim.key), claim, now, muted, config.current()));
    },
    raised(now) {
      const raised: Raised[] = [];
      for (const { claim, stream } of tracks.values())
        if (stream.since !== null) raised.push(raisedNow(claim, stream, stream.since, now));
      return raised;
    },
    lastValue(metric) {
      const known = [...tracks.values()].find(({ claim }) => claim.metric === metric && claim.value !== null);
      return known?.claim.value ?? null;
    },
    discardWindow(until) {
      mutedUntil = until;
      for (const [key, track] of tracks) tracks.set(key, { ...track, stream: discardWindow(track.stream) });
    },
    configChanged(now) {
      changedAt = now.monotonic;
    },
    dropOrphans(now) {
      if (changedAt === null || now.monotonic - changedAt < ORPHAN_AFTER) return;
      for (const [key, track] of tracks) if (track.lastClaim < changedAt) tracks.delete(key);
      changedAt = null;
    },
  };
}

function followed(
  before: Track | undefined,
  claim: Claim,
  now: Moment,
  muted: boolean,
  config: MonitorConfig,
): Track {
  const verdict = muted ? 'unknown' : claim.verdict;
  const { flapping } = config.confirmation;
  const stream = step(before?.stream ?? CALM, verdict, now, claim.confirm, flapping);
  // While it is raised, an unknown sample must not wipe the last figure that was known.
  const kept = claim.verdict === 'unknown' && before !== undefined ? before.claim : claim;
  return { claim: kept, stream, lastClaim: now.monotonic };
}

function raisedNow(claim: Claim, stream: Stream, since: Moment, now: Moment): Raised {
  const lasted = ms(now.monotonic - since.monotonic);
  return { claim, since, confirmed: stream.phase === 'active', lasted };
}
