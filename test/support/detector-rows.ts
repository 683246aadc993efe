/** Synthetic hosts for the detector: seeded, with correlated metrics, a daily rhythm, and faults to order. */

import { epochMs, type Ms, minutes } from '../../src/domain/units.ts';
import { createDetector, type Detector } from '../../src/monitor/detect/detector.ts';
import { fitHost } from '../../src/monitor/detect/host-model.ts';
import type { DetectorRow, Judgement } from '../../src/monitor/detect/judgement.ts';
import { PARAMETERS } from '../../src/monitor/detect/parameters.ts';
import { createSeededRandom } from './memory-ports.ts';

export const ROWS_START: number = Date.parse('2026-11-02T00:00:00.000Z');

export interface HostOptions {
  readonly days: number;
  readonly metrics?: number;
  readonly step?: Ms;
  readonly seed?: number;
  /** Changes a value before it is seen. */
  readonly fault?: (metric: string, at: number, value: number) => number | null;
}

/** Rows of a normally busy host: load by time of day, and each metric follows the load with noise of its own. */
export function hostRows({
  days,
  metrics = 8,
  step = minutes(1),
  seed = 1,
  fault,
}: HostOptions): DetectorRow[] {
  const random = createSeededRandom(seed);
  const noise = (): number => random.next() + random.next() + random.next() - 1.5;
  const rows: DetectorRow[] = [];
  let drift = 0;
  for (let at = ROWS_START; at < ROWS_START + days * 86_400_000; at += step) {
    drift = 0.95 * drift + 0.05 * noise();
    const load = 0.4 + 0.2 * Math.sin((2 * Math.PI * at) / 86_400_000) + drift;
    const values = new Map<string, number | null>();
    for (let index = 0; index < metrics; index += 1) {
      const name = `metric_${index}`;
      const value = 10 * (index + 1) * (load + 0.02 * noise());
      values.set(name, fault === undefined ? value : fault(name, at, value));
    }
    rows.push({ at: epochMs(at), values });
  }
  return rows;
}

export function newDetector(saved?: ReturnType<Detector['save']>): Detector {
  return createDetector({
    parameters: PARAMETERS,
    localTime: (at) => at,
    ...(saved === undefined ? {} : { saved }),
  });
}

/** As a replay does: the fit that is due, then the row. */
export function judgeAll(detector: Detector, rows: readonly DetectorRow[]): Judgement[] {
  return rows.map((row) => {
    const task = detector.dueFit();
    if (task !== null) detector.install(fitHost(task));
    return detector.judge(row);
  });
}
