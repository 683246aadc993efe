/**
 * Each metric against its own past: outside centre ± kσ it is out of band.
 *
 * One metric alone at 3σ is never more than *info* (measured: 13.9 false alarms a day); where a limit of the
 * same metric is crossed too, it stands beside it as a second witness.
 */
import { familyOf, type Sample } from '../domain/metric.ts';
import type { Live } from '../domain/ports.ts';
import { ms } from '../domain/units.ts';
import type { Claim, Detector } from './claim.ts';
import type { MonitorConfig } from './config.ts';
import type { StreamVerdict } from './flapping.ts';
import type { TargetOf } from './kinds.ts';
import type { Normal, Normals } from './normals.ts';
import { directionOf } from './thresholds.ts';

/** Bad on both sides: falling to nothing is as strange as doubling. A low load of the rest is no trouble. */
const BOTH_SIDES: ReadonlySet<string> = new Set(['net_rx', 'net_tx', 'queue_rate']);

export interface BaselineDetectorDeps {
  readonly config: Live<MonitorConfig>;
  readonly targetOf: TargetOf;
  readonly normals: Normals;
}

export function createBaselineDetector(deps: BaselineDetectorDeps): Detector {
  return {
    judge(beat) {
      deps.normals.learnOne(
        beat.samples.map((sample) => sample.metric),
        beat,
      );
      return beat.samples.flatMap((sample) => {
        const normal = deps.normals.at(sample.metric, sample.at);
        return normal === null ? [] : [claimOf(sample, normal, deps)];
      });
    },
    // What is normal does not change because a clock did.
    discardWindow: () => {},
  };
}

export function isOutOfBand(sample: Sample, normal: Normal): StreamVerdict {
  if (sample.value === null) return 'unknown';
  const z = normal.deviation(sample.value);
  if (BOTH_SIDES.has(familyOf(sample.metric))) return Math.abs(z) > normal.sigmas ? 'bad' : 'good';
  return (directionOf(sample.metric) === 'low' ? -z : z) > normal.sigmas ? 'bad' : 'good';
}

function claimOf(sample: Sample, normal: Normal, deps: BaselineDetectorDeps): Claim {
  const z = sample.value === null ? 0 : Math.abs(normal.deviation(sample.value));
  return {
    key: `baseline:${sample.metric}`,
    metric: sample.metric,
    kind: 'out_of_band',
    target: deps.targetOf(sample.metric)?.name ?? null,
    witness: 'baseline',
    severity: 'info',
    hold: ms(0),
    verdict: isOutOfBand(sample, normal),
    value: sample.value,
    score: z / (z + normal.sigmas),
    confirm: { ...deps.config.current().confirmation.soft, sayFirst: false },
    text: null,
  };
}
