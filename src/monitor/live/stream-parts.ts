/** Builds the streaming detector and the shapes of the live monitor. Nothing runs yet. */
import { join } from 'node:path';
import { familyOf, type MetricName } from '../../domain/metric.ts';
import type { QueueIdle } from '../../domain/queue.ts';
import type { RollupReader } from '../../domain/rollup.ts';
import type { EpochMs } from '../../domain/units.ts';
import { offsetAt } from '../../platform/local-time.ts';
import type { Detector } from '../claim.ts';
import { createFitThread } from '../detect/fit-thread.ts';
import { PARAMETERS } from '../detect/parameters.ts';
import type { History } from '../history.ts';
import type { LiveSamples } from '../live-samples.ts';
import type { MonitorDeps } from '../monitor-deps.ts';
import { thresholdFor } from '../thresholds.ts';
import { createModelFile } from './model-file.ts';
import { createModelKeeper, type ModelKeeper } from './model-keeper.ts';
import { createShapeDetector } from './shape-detector.ts';
import { createStreamDetector } from './stream-detector.ts';

export interface StreamParts {
  readonly keeper: ModelKeeper;
  readonly detectors: readonly Detector[];
}

export interface StreamInputs {
  readonly live: LiveSamples;
  readonly history: History;
  /** Weeks of one-minute rows: what is learnt at the first start and after a stop. */
  readonly rollups: RollupReader;
  readonly teaching: (now: EpochMs) => boolean;
  /** All the memory of this host; `null` = unknown. */
  readonly memoryBytes: () => number | null;
  /** The middle of its band now; `null` = not known. */
  readonly normal: (metric: MetricName) => number | null;
  /** How long a queue has done nothing, where it counts that itself. */
  readonly idleOf: (queue: string) => QueueIdle | null;
}

export function createStreamParts(
  deps: Omit<MonitorDeps, 'audit' | 'states'>,
  inputs: StreamInputs,
): StreamParts {
  const { clock, log, config, targetOf, targets } = deps;
  const { live, history } = inputs;
  const keeper = createModelKeeper({
    clock,
    log,
    parameters: PARAMETERS,
    forest: () => ({ ...PARAMETERS.forest, ...config.current().forest }),
    localTime: (at) => at + offsetAt(at, deps.timezone),
    file:
      deps.modelFile ??
      createModelFile({
        path: join(deps.dataFolder, 'models', 'detector.bin'),
        parameters: PARAMETERS,
        log,
      }),
    thread: deps.fitThread ?? createFitThread({ clock }),
    rollups: inputs.rollups,
  });
  const stream = createStreamDetector({
    judge: keeper.judge,
    known: live.known,
    teaching: () => inputs.teaching(clock.now()),
    normal: inputs.normal,
  });
  const source = {
    between: history.between,
    minutesUntil: (metric: MetricName, until: EpochMs) =>
      history.minutes(metric, history.oldest() ?? until, until, 'teaching'),
    limitOf: (metric: MetricName) => limitOf(metric, deps, inputs.memoryBytes()),
    idleOf: inputs.idleOf,
  };
  return { keeper, detectors: [stream, createShapeDetector({ config, targetOf, targets, source })] };
}

/** A disk is full at all of it; memory hurts where its critical line is. */
function limitOf(
  metric: MetricName,
  { config }: Pick<MonitorDeps, 'config'>,
  memoryBytes: number | null,
): number | null {
  const family = familyOf(metric);
  if (family === 'disk' || family === 'inodes') return 1;
  const critical = thresholdFor(metric, config.current().thresholds)?.critical ?? null;
  return critical ?? (family === 'memory' ? 1 : memoryBytes);
}
