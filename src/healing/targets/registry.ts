/**
 * All targets: those of targets.json, and each worker that none of them names. Also the TargetWatch that monitor
 * asks on every beat, answered from memory.
 *
 * The configuration may be swapped while running: drivers are rebuilt when it is, and a check that has been made
 * keeps its answer while its target stays as it was.
 */
import { describeError } from '../../domain/errors.ts';
import type { Cancel, Live, Logger, StateStore, TargetWatch } from '../../domain/ports.ts';
import type { ProcessTarget, Target } from '../../domain/target.ts';
import { type Ms, seconds } from '../../domain/units.ts';
import { createGraph, type DependencyGraph } from '../dependencies.ts';
import type { TargetsConfig } from '../targets-config.ts';
import type { TargetDriver } from './driver.ts';
import { createDriverFactory, type DriverDoors, type DriverFactory } from './drivers.ts';
import { createVolatileMemory, openTargetMemory, type TargetMemory } from './memory.ts';
import type { InstanceBounds } from './process.ts';

/** Looks that do not fork cost next to nothing. */
const LOOK_EVERY: Ms = seconds(5);

/** What a worker of workers.json says about itself as a target. */
export interface WorkerTarget {
  readonly name: string;
  readonly critical: boolean;
  readonly dependsOn: readonly string[];
  readonly group: string | null;
  readonly probes: readonly string[];
  readonly instances?: number;
  readonly maxInstances?: number;
}

export interface TargetsDeps extends DriverDoors {
  readonly config: Live<TargetsConfig>;
  readonly workers: Live<{ readonly workers: readonly WorkerTarget[] }>;
  /** Where manual stops are remembered; without it they are forgotten at the end of the process. */
  readonly states?: StateStore;
}

export interface Targets extends TargetWatch {
  get(name: string): TargetDriver | undefined;
  names(): readonly string[];
  graph(): DependencyGraph;
  /** Begins to look: where that forks, on the beat of the configuration, else every few seconds. */
  start(): Promise<void>;
  stop(): void;
  /** Looks at everything once, now; resolves when all have answered or their time is over. */
  look(): Promise<void>;
}

interface Built {
  readonly from: readonly [TargetsConfig, unknown];
  readonly drivers: ReadonlyMap<string, TargetDriver>;
  readonly graph: DependencyGraph;
}

export function createTargets(deps: TargetsDeps): Targets {
  const memory = createLateMemory();
  const factory = createDriverFactory({ ...deps, memory, bounds: (worker) => boundsOf(deps, worker) });
  let built: Built | null = null;
  let cancels: readonly Cancel[] = [];
  let starting: Promise<void> | null = null;

  const current = (): Built => {
    const from = [deps.config.current(), deps.workers.current()] as const;
    if (built?.from[0] !== from[0] || built.from[1] !== from[1]) built = build(deps, factory, from, built);
    return built;
  };
  const drivers = (forking: boolean): readonly TargetDriver[] =>
    [...current().drivers.values()].filter(({ forksToLook = false }) => forksToLook === forking);
  // One after the other: checks fork, and a host in trouble must not be asked to fork in a burst.
  const checkAll = async (): Promise<void> => {
    for (const driver of drivers(true)) await lookAt(driver, deps.log);
  };
  const lookAll = async (): Promise<void> => {
    await Promise.all(drivers(false).map((driver) => lookAt(driver, deps.log)));
  };

  return {
    get: (name) => current().drivers.get(name),
    names: () => [...current().drivers.keys()],
    graph: () => current().graph,
    states: () => [...current().drivers.values()].map((driver) => driver.state()),
    look: async () => void (await Promise.all([lookAll(), checkAll()])),
    start() {
      starting ??= (async () => {
        if (deps.states !== undefined) memory.fill(await openTargetMemory(deps.states, deps.log));
        void lookAll();
        void checkAll();
        cancels = [
          deps.clock.every(LOOK_EVERY, lookAll),
          deps.clock.every(deps.config.current().checkEvery, checkAll),
        ];
      })();
      return starting;
    },
    stop() {
      for (const cancel of cancels) cancel();
      cancels = [];
      for (const driver of built?.drivers.values() ?? []) driver.close?.();
      factory.close();
    },
  };
}

async function lookAt(driver: TargetDriver, log: Logger): Promise<void> {
  try {
    await driver.refresh();
  } catch (cause) {
    log.error('target check failed', { target: driver.target.name, error: describeError(cause) });
  }
}

/** As workers.json has them now; a worker that is gone has none. */
function boundsOf({ workers }: TargetsDeps, name: string): InstanceBounds {
  const worker = workers.current().workers.find((one) => one.name === name);
  return { min: worker?.instances ?? 1, max: worker?.maxInstances ?? Number.POSITIVE_INFINITY };
}

/** Drivers are built before the state can be read: what they ask then is answered from the start on. */
function createLateMemory(): TargetMemory & { fill(memory: TargetMemory): void } {
  let inner = createVolatileMemory();
  return {
    get: (target) => inner.get(target),
    set: (target, entry) => inner.set(target, entry),
    fill(memory) {
      inner = memory;
    },
  };
}

function build(deps: TargetsDeps, factory: DriverFactory, from: Built['from'], before: Built | null): Built {
  const targets = allTargets(from[0], deps.workers.current().workers);
  const drivers = new Map(
    targets.map((target) => {
      const known = before?.drivers.get(target.name);
      const same = known !== undefined && JSON.stringify(known.target) === JSON.stringify(target);
      return [target.name, same ? known : factory.create(target)] as const;
    }),
  );
  for (const [name, driver] of before?.drivers ?? []) if (drivers.get(name) !== driver) driver.close?.();
  return { from, drivers, graph: createGraph(targets) };
}

/** Workers are targets of their own unless targets.json names them. */
export function allTargets(config: TargetsConfig, workers: readonly WorkerTarget[]): readonly Target[] {
  const claimed = new Set(
    config.targets.flatMap((target) =>
      target.kind === 'process' ? [target.name, target.worker] : [target.name],
    ),
  );
  const implied = workers
    .filter((worker) => !claimed.has(worker.name))
    .map(
      (worker): ProcessTarget => ({
        name: worker.name,
        kind: 'process',
        worker: worker.name,
        critical: worker.critical,
        dependsOn: worker.dependsOn,
        group: worker.group,
        probes: worker.probes,
      }),
    );
  return [...config.targets.map((target) => withWorker(target, workers)), ...implied];
}

/** What workers.json says of its worker holds for a target that names it too: critical in one place is critical. */
function withWorker(target: Target, workers: readonly WorkerTarget[]): Target {
  const worker = target.kind === 'process' ? workers.find(({ name }) => name === target.worker) : undefined;
  if (worker === undefined) return target;
  return {
    ...target,
    critical: target.critical || worker.critical,
    dependsOn: [...new Set([...target.dependsOn, ...worker.dependsOn])],
    probes: [...new Set([...target.probes, ...worker.probes])],
  };
}
