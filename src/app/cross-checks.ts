/**
 * What one file alone cannot know: names that another file must hold, and targets whose names meet.
 *
 * Pure. All faults of all files, in the form of the file reader: `file: path: expected X, found Y`.
 */
import { checkHealing, checkTargets, type Fault } from '../healing/config-checks.ts';
import type { Config } from './config-shape.ts';

export function crossFaults(config: Config): readonly string[] {
  const workers = config.workers.workers;
  const names = [
    ...new Set([...config.targets.targets.map(({ name }) => name), ...workers.map(({ name }) => name)]),
  ];
  return [
    ...inFile('targets.json', checkTargets(config.targets, workers)),
    ...inFile('healing_strategies.json', checkHealing(config.healing, names)),
    ...inFile('anomaly_detection_config.json', probeFaults(config, names)),
    ...inFile('resource_budget.json', budgetFaults(config, names)),
    ...inFile('workers.json', taskFaults(config)),
    ...inFile('targets.json', probeNameFaults(config, 'targets', config.targets.targets)),
    ...inFile('workers.json', probeNameFaults(config, 'workers', workers)),
  ];
}

function probeFaults(config: Config, targets: readonly string[]): readonly Fault[] {
  return config.monitor.probes.flatMap(({ target }, index) =>
    target === null || targets.includes(target)
      ? []
      : [{ path: `probes.${index}.target`, expected: 'a known target', found: JSON.stringify(target) }],
  );
}

function budgetFaults({ optimizer }: Config, targets: readonly string[]): readonly Fault[] {
  const { budgets, throttle } = optimizer;
  const named = [
    ...budgets.targets.map(({ target }, index) => ({
      path: `budgets.targets.${index}.target`,
      name: target,
    })),
    ...(throttle.targets ?? []).map((name, index) => ({ path: `throttle.targets.${index}`, name })),
    ...throttle.clearCachesOf.map((name, index) => ({ path: `throttle.clearCachesOf.${index}`, name })),
  ];
  return named.flatMap(({ path, name }) =>
    targets.includes(name) ? [] : [{ path, expected: 'a known target', found: JSON.stringify(name) }],
  );
}

/** A task that goes to a queue nobody has would never run. */
function taskFaults({ workers, targets }: Config): readonly Fault[] {
  const queues = targets.queues.filter(({ engine }) => engine === 'embedded').map(({ name }) => name);
  return workers.tasks.flatMap(({ queue }, index) =>
    queues.includes(queue)
      ? []
      : [
          {
            path: `tasks.${index}.queue`,
            expected: `an embedded queue of targets.json (${queues.join(', ')})`,
            found: JSON.stringify(queue),
          },
        ],
  );
}

function probeNameFaults(
  config: Config,
  list: string,
  owners: readonly { readonly probes: readonly string[] }[],
): readonly Fault[] {
  const known = config.monitor.probes.map(({ name }) => name);
  return owners.flatMap(({ probes }, index) =>
    probes.flatMap((probe, at) =>
      known.includes(probe)
        ? []
        : [
            {
              path: `${list}.${index}.probes.${at}`,
              expected: 'a probe of anomaly_detection_config.json',
              found: JSON.stringify(probe),
            },
          ],
    ),
  );
}

function inFile(file: string, faults: readonly Fault[]): readonly string[] {
  return faults.map(
    ({ path, expected, found }) =>
      `${file}: ${path.replace(/\.(\d+)(?=\.|$)/g, '[$1]')}: expected ${expected}, found ${found}`,
  );
}
