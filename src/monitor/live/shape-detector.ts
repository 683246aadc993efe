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

/** By kind of shape, then by metric. */
type LastLooks = Map<string, Map<MetricName, Ms>>;

interface Due {
  readonly metric: MetricName;
  readonly value: number | null;
  readonly look: Look;
  readonly waited: number;
}

export function createShapeDetector(deps: ShapeDetectorDeps): Detector {
  const lastLook: LastLooks = new Map();
  const exits = createExitLog();
  return {
    judge(beat) {
      exits.observe(deps.targets.states(), beat.at);
      const source = { ...deps.source, exits: exits.of };
      const { interval, shapes } = deps.config.current();
      const { off, warnWithin } = shapes;
      const most = Math.ceil(interval / INTERVAL_A_LOOK);
      const due = dueLooks(beat, exits, lastLook, off).slice(0, most);
      return due.map(({ metric, value, look }) => {
        looked(look, metric, lastLook, beat.monotonic);
        const shape = look.find(metric, beat.at, source);
        return shapeClaim({ kind: look.kind, metric, shape, value }, { targetOf: deps.targetOf, warnWithin });
      });
    },
    // Shapes are read from what was stored by wall clock: after a jump there is simply too little in the window.
    discardWindow: () => {},
  };
}

/** Those that waited longest first. */
function dueLooks(beat: Beat, exits: ExitLog, lastLook: LastLooks, off: readonly string[]): readonly Due[] {
  const due: Due[] = [];
  const add = (metric: MetricName, value: number | null): void => {
    for (const look of looksAt(metric)) {
      const waited = waitedFor(look, metric, lastLook, beat.monotonic);
      if (waited >= 1 && !off.includes(look.kind)) due.push({ metric, value, look, waited });
    }
  };
  for (const { metric, value } of beat.samples) add(metric, value);
  for (const target of exits.targets()) {
    const up = `target_up:${target}`;
    if (beat.samples.every(({ metric }) => metric !== up)) add(up, null);
  }
  return due.sort((a, b) => b.waited - a.waited);
}

function waitedFor({ kind, every }: Look, metric: MetricName, lastLook: LastLooks, now: Ms): number {
  const last = lastLook.get(kind)?.get(metric);
  return last === undefined ? Number.MAX_VALUE : (now - last) / every;
}

function looked({ kind }: Look, metric: MetricName, lastLook: LastLooks, now: Ms): void {
  const known = lastLook.get(kind) ?? new Map<MetricName, Ms>();
  lastLook.set(kind, known.set(metric, now));
}
