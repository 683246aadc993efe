/**
 * The known shapes as one of the detectors of the live monitor. A look costs up to a millisecond, so a beat has a
 * few of them: each metric is looked at once a minute, or every ten seconds where it must be fast.
 */
import type { Beat, MetricName } from '../../domain/metric.ts';
import type { Live, TargetWatch } from '../../domain/ports.ts';
import { type Ms, ms } from '../../domain/units.ts';
import type { Detector } from '../claim.ts';
import type { MonitorConfig } from '../config.ts';
import type { TargetOf } from '../kinds.ts';
import { createExitLog, type ExitLog } from './exit-log.ts';
import { shapeClaim } from './shape-claims.ts';
import { type Look, looksAt, type ShapeSource } from './shape-looks.ts';

/** One look for so much of the interval, four at 5 s: a beat stays short, and twenty metrics need two. */
const INTERVAL_A_LOOK: Ms = ms(1_250);

export interface ShapeDetectorDeps {
  readonly config: Live<MonitorConfig>;
  readonly targetOf: TargetOf;
  readonly targets: TargetWatch;
  readonly source: Omit<ShapeSource, 'exits'>;
}

/** One shape that is looked for in one metric. */
interface Watched {
  readonly metric: MetricName;
  readonly look: Look;
  lastLook: Ms | null;
}

interface Due {
  readonly watched: Watched;
  readonly value: number | null;
  readonly waited: number;
}

export function createShapeDetector(deps: ShapeDetectorDeps): Detector {
  const byMetric = new Map<MetricName, readonly Watched[]>();
  const exits = createExitLog();
  const source = { ...deps.source, exits: exits.of };

  function watchedIn(metric: MetricName): readonly Watched[] {
    const found = byMetric.get(metric) ?? watchedAt(metric);
    byMetric.set(metric, found);
    return found;
  }

  /** Those that waited longest first. */
  function dueLooks(beat: Beat, off: readonly string[]): readonly Due[] {
    const due: Due[] = [];
    for (const [metric, value] of valuesOf(beat, exits)) {
      for (const watched of watchedIn(metric)) {
        const waited = waitedFor(watched, beat.monotonic);
        if (waited >= 1 && !off.includes(watched.look.kind)) due.push({ watched, value, waited });
      }
    }
    return due.sort((a, b) => b.waited - a.waited);
  }

  return {
    judge(beat) {
      exits.observe(deps.targets.states(), beat.at);
      const { interval, shapes } = deps.config.current();
      const { off, warnWithin } = shapes;
      const most = Math.ceil(interval / INTERVAL_A_LOOK);
      return dueLooks(beat, off)
        .slice(0, most)
        .map(({ watched, value }) => {
          const { metric, look } = watched;
          watched.lastLook = beat.monotonic;
          const shape = look.find(metric, beat.at, source);
          return shapeClaim(
            { kind: look.kind, metric, shape, value },
            { targetOf: deps.targetOf, warnWithin },
          );
        });
    },
    // Shapes are read from what was stored by wall clock: after a jump there is simply too little in the window.
    discardWindow: () => {},
  };
}

function watchedAt(metric: MetricName): readonly Watched[] {
  return looksAt(metric).map((look) => ({ metric, look, lastLook: null }));
}

/** The samples of the beat, and the targets that ended lately, whatever is known of them. */
function valuesOf(beat: Beat, exits: ExitLog): ReadonlyMap<MetricName, number | null> {
  const values = new Map(beat.samples.map(({ metric, value }) => [metric, value]));
  for (const target of exits.targets())
    if (!values.has(`target_up:${target}`)) values.set(`target_up:${target}`, null);
  return values;
}

function waitedFor({ look, lastLook }: Watched, now: Ms): number {
  return lastLook === null ? Number.MAX_VALUE : ms(now - lastLook) / look.every;
}
