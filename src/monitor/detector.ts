/**
 * Combines the claims of all detectors into at most one anomaly a cause, and says what changed.
 *
 * Each claim is confirmed and cleared on its own; raised claims of the same target and kind are one anomaly.
 * Detected once confirmed (or at the first row where one row is enough to say it), updated when it is confirmed,
 * when the severity changes or a minute has passed, cleared when nothing of it is left. Unknown does none of these.
 */
import { type Anomaly, compareSeverity, fingerprintOf } from '../domain/anomaly.ts';
import type { OpsEvent } from '../domain/events.ts';
import type { Beat } from '../domain/metric.ts';
import type { Live } from '../domain/ports.ts';
import { type Ms, minutes, ms, seconds } from '../domain/units.ts';
import type { Detector } from './claim.ts';
import type { MonitorConfig } from './config.ts';
import { describeFinding, type EvidenceSource } from './evidence.ts';
import type { Moment } from './flapping.ts';
import { downSubjects, groupRaised, type Raised, type RaisedGroup } from './grouping.ts';
import { clearedSentence } from './sentences.ts';
import { createTracks, type Tracks } from './tracks.ts';

/** An anomaly that lasts is told again this often. */
const REPEAT: Ms = minutes(1);
/** Once sooner: who uses what is short is looked at every 15 s, and the first word may be older than that look. */
const FIRST_REPEAT: Ms = seconds(20);
/** So long after a target came back its failures may still stand in the rate of the last minute. */
const SHADOW: Ms = seconds(90);

export type AnomalyEvent = Extract<
  OpsEvent,
  { readonly type: 'anomaly.detected' | 'anomaly.updated' | 'anomaly.cleared' }
>;

export interface CombinerDeps {
  readonly host: string;
  readonly config: Live<MonitorConfig>;
  readonly detectors: readonly Detector[];
  readonly evidence: EvidenceSource;
}

export interface Combiner {
  /** What changed with this beat, in the order in which it should be told. */
  judge(beat: Beat): readonly AnomalyEvent[];
  active(): readonly Anomaly[];
  isRaised(key: string): boolean;
  /** The clocks jumped or the process stood still: forget the open window and judge nothing for one. */
  discardWindow(now: Moment): void;
  /** The configuration changed: claims that are made no more end by themselves. */
  configChanged(now: Moment): void;
}

interface Told {
  readonly anomaly: Anomaly;
  readonly since: Moment;
  readonly toldAt: Ms;
  /** Nothing was said of it before. */
  readonly isFirst: boolean;
}

type ToldByFingerprint = Map<string, Told>;

/** What is remembered from beat to beat. */
interface Memory {
  readonly tracks: Tracks;
  readonly told: ToldByFingerprint;
  /** When each target or probe was down last. */
  readonly lastDown: Map<string, Ms>;
}

export function createCombiner(deps: CombinerDeps): Combiner {
  const tracks = createTracks(deps.config);
  const told: ToldByFingerprint = new Map();
  const memory: Memory = { tracks, told, lastDown: new Map() };

  return {
    isRaised: tracks.isRaised,
    judge(beat) {
      for (const detector of deps.detectors) {
        for (const claim of detector.judge(beat, tracks)) tracks.follow(claim, beat);
      }
      tracks.dropOrphans(beat);
      return changes(deps, memory, { at: beat.at, monotonic: beat.monotonic });
    },
    active: () =>
      [...told.values()]
        .map((one) => one.anomaly)
        .sort((a, b) => compareSeverity(b.severity, a.severity) || a.since - b.since),
    discardWindow(now) {
      const { interval, confirmation } = deps.config.current();
      tracks.discardWindow(ms(now.monotonic + interval * confirmation.soft.outOf));
      for (const detector of deps.detectors) detector.discardWindow();
    },
    configChanged: (now) => tracks.configChanged(now),
  };
}

function changes(deps: CombinerDeps, memory: Memory, now: Moment): readonly AnomalyEvent[] {
  const { tracks, told } = memory;
  const raised = tracks.raised(now);
  const idOf = (group: Pick<RaisedGroup, 'target' | 'kind'>): string =>
    fingerprintOf(deps.host, group.target, group.kind);
  const groups = groupRaised(raised, {
    ceilings: deps.config.current().severities,
    isTold: (target, kind) => told.has(idOf({ target, kind })),
    shadowed: shadowedNow(raised, memory.lastDown, now.monotonic),
  });
  const live = new Set(groups.map(idOf));
  const cleared = [...told.keys()]
    .filter((id) => !live.has(id))
    .flatMap((id) => clear(id, tracks, told, now));
  return [...cleared, ...groups.flatMap((group) => tell(idOf(group), group, raised, deps, told, now))];
}

function shadowedNow(raised: readonly Raised[], lastDown: Map<string, Ms>, now: Ms): ReadonlySet<string> {
  for (const subject of downSubjects(raised)) lastDown.set(subject, now);
  for (const [subject, at] of lastDown) if (now - at > SHADOW) lastDown.delete(subject);
  return new Set(lastDown.keys());
}

function tell(
  fingerprint: string,
  group: RaisedGroup,
  raised: readonly Raised[],
  deps: CombinerDeps,
  told: ToldByFingerprint,
  now: Moment,
): readonly AnomalyEvent[] {
  const known = told.get(fingerprint);
  const isSame = known?.anomaly.severity === group.severity && known.anomaly.confirmed === group.confirmed;
  if (known !== undefined && isSame && now.monotonic - known.toldAt < (known.isFirst ? FIRST_REPEAT : REPEAT))
    return [];
  const since = known?.since ?? group.since;
  const finding = {
    ...group,
    host: deps.host,
    fingerprint,
    since: since.at,
    detectedAt: known?.anomaly.detectedAt ?? now.at,
    lasted: ms(now.monotonic - since.monotonic),
    known: known?.anomaly,
    // What a model says is of the whole host; the metric it leads with need not be out of its range.
    companions: raised.filter(isOfMetric).map(({ claim, since: from }) => ({
      metric: claim.metric,
      since: from.at,
      value: claim.value,
    })),
  };
  const anomaly = describeFinding(finding, deps.evidence, now.at);
  told.set(fingerprint, { anomaly, since, toldAt: now.monotonic, isFirst: known === undefined });
  return [{ type: known === undefined ? 'anomaly.detected' : 'anomaly.updated', anomaly }];
}

function isOfMetric({ claim: { kind } }: Raised): boolean {
  return kind !== 'ml_composite_anomaly' && kind !== 'probe_silent';
}

function clear(
  fingerprint: string,
  tracks: Tracks,
  told: ToldByFingerprint,
  now: Moment,
): readonly AnomalyEvent[] {
  const known = told.get(fingerprint);
  if (known === undefined) return [];
  told.delete(fingerprint);
  const { metric } = known.anomaly.evidence;
  const lasted = ms(now.monotonic - known.since.monotonic);
  const text = clearedSentence(metric, known.anomaly.target, tracks.lastValue(metric), lasted);
  return [{ type: 'anomaly.cleared', fingerprint, at: now.at, text }];
}
