/**
 * Who is sick now? One picture for one decision, made from confirmed anomalies, the targets' own state and their
 * probes. What nothing tells is unknown, and unknown is never well.
 */
import type { Anomaly } from '../../domain/anomaly.ts';
import { isLive } from '../../domain/incident.ts';
import { type EpochMs, elapsed } from '../../domain/units.ts';
import { type CommonCause, findCommonCause, type SickTarget } from '../blast-radius.ts';
import type { Wellness } from '../dependencies.ts';
import { activeAnomalies } from '../incident-record.ts';
import { settlingRootOf } from '../settling.ts';
import type { Core } from './core.ts';

export interface Sickness {
  wellness(target: string): Wellness;
  /** The dependency that has recovered and still explains this anomaly, or `null`. */
  settlingRoot(anomaly: Anomaly): string | null;
  readonly commonCause: CommonCause | null;
}

type SicknessDeps = Pick<Core, 'deps' | 'incidents'>;

/**
 * @param arriving Anomalies that were found in the same moment and are not saved yet.
 */
export function lookAround(
  { deps, incidents }: SicknessDeps,
  now: EpochMs,
  arriving: readonly Anomaly[] = [],
): Sickness {
  const { targets, metrics, config } = deps;
  const graph = targets.graph();
  const records = incidents.records();
  const settlingRoot = (anomaly: Anomaly): string | null =>
    settlingRootOf(anomaly, records, { now, graph, judgedSince: metrics.judgedSince });
  const known = records
    .filter(({ incident }) => isLive(incident))
    .flatMap((record) => activeAnomalies(record));
  const anomalies = [...known, ...metrics.activeAnomalies(), ...arriving].filter(
    ({ severity }) => severity !== 'info',
  );
  const found = new Map<string, EpochMs>();
  const standing = new Set<string>();
  for (const anomaly of anomalies) {
    const { target, detectedAt } = anomaly;
    if (target === null) continue;
    const before = found.get(target);
    if (before === undefined || detectedAt < before) found.set(target, detectedAt);
    if (settlingRoot(anomaly) === null) standing.add(target);
  }
  const states = new Map(targets.states().map((state) => [state.name, state.up]));
  const { limits } = config.current();

  const wellness = (target: string): Wellness => {
    if (found.has(target)) return 'sick';
    const up = states.get(target) ?? null;
    if (up !== null) return up ? 'well' : 'sick';
    return probeWellness(target);
  };
  const probeWellness = (target: string): Wellness => {
    const probes = targets.get(target)?.target.probes ?? [];
    const values = probes.flatMap((probe) => {
      const sample = metrics.latest(`success_rate:${probe}`);
      const isFresh = sample !== undefined && elapsed(sample.at, now) <= limits.staleAfter;
      return isFresh && sample.value !== null ? [sample.value] : [];
    });
    if (values.length === 0) return 'unknown';
    return values.some((value) => value === 0) ? 'sick' : 'well';
  };

  const names = targets.names();
  const isExplained = (name: string): boolean =>
    !standing.has(name) || [...graph.needsOf(name)].some((needed) => wellness(needed) === 'sick');
  const sick: readonly SickTarget[] = [...found]
    .filter(([name]) => names.includes(name) && !isExplained(name))
    .map(([name, foundAt]) => ({ name, foundAt }));
  return {
    wellness,
    settlingRoot,
    commonCause: findCommonCause(sick, names.length, limits.blastRadius, now),
  };
}
