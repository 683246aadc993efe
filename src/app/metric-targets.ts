/** Which target a metric speaks for: by its own name, or by the probe that names it. */
import { familyOf, type MetricName, subjectOf } from '../domain/metric.ts';
import { allTargets } from '../healing/targets/registry.ts';
import type { MetricTarget } from '../monitor/kinds.ts';
import type { Config } from './config-shape.ts';

const PROBE_FAMILIES = ['latency', 'success_rate', 'probe_up'];

export function metricTarget(metric: MetricName, config: Config): MetricTarget | null {
  const subject = subjectOf(metric);
  if (subject === undefined) return null;
  const targets = allTargets(config.targets, config.workers.workers);
  const name = familyOf(metric).startsWith('target_')
    ? subject
    : probedTarget(metric, subject, config, targets);
  const target = targets.find((one) => one.name === name);
  if (target === undefined) return null;
  return { name: target.name, kind: target.kind === 'process' ? 'worker' : 'service' };
}

function probedTarget(
  metric: MetricName,
  probe: string,
  config: Config,
  targets: readonly { readonly name: string; readonly probes: readonly string[] }[],
): string | null {
  if (!PROBE_FAMILIES.includes(familyOf(metric))) return null;
  const named = config.monitor.probes.find(({ name }) => name === probe)?.target;
  return named ?? targets.find(({ probes }) => probes.includes(probe))?.name ?? null;
}
