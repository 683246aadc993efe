/**
 * All targets: those of targets.json, and each worker that none of them names. Also the TargetWatch that monitor
 * asks on every beat, answered from memory.
 *
 * The configuration may be swapped while running: drivers are rebuilt when it is, and a check that has been made
 * keeps its answer while its target stays as it was.
 */
import { describeError } from '../../domain/errors.ts';
import type {
  Cancel,
  Clock,
  CommandRunner,
  HttpClient,
  Live,
  Logger,
  TargetWatch,
} from '../../domain/ports.ts';
import type { ProcessTarget, Target } from '../../domain/target.ts';
import type { WorkerPool } from '../../domain/worker.ts';
import { createGraph, type DependencyGraph } from '../dependencies.ts';
import type { TargetsConfig } from '../targets-config.ts';
import { createCommandDriver } from './command.ts';
import type { TargetDriver } from './driver.ts';
import { createHttpDriver } from './http.ts';
import { createProcessDriver } from './process.ts';

/** What a worker of workers.json says about itself as a target. */
export interface WorkerTarget {
  readonly name: string;
  readonly critical: boolean;
  readonly dependsOn: readonly string[];
  readonly group: string | null;
  readonly probes: readonly string[];
}

export interface TargetsDeps {
  readonly config: Live<TargetsConfig>;
  readonly workers: Live<{ readonly workers: readonly WorkerTarget[] }>;
  readonly pool: WorkerPool;
  readonly http: HttpClient;
  readonly commands: CommandRunner;
  readonly clock: Clock;
  readonly log: Logger;
  readonly host: string;
}

export interface Targets extends TargetWatch {
  get(name: string): TargetDriver | undefined;
  names(): readonly string[];
  graph(): DependencyGraph;
  /** Begins to run the checks of command targets. */
  start(): void;
  stop(): void;
}

interface Built {
  readonly from: readonly [TargetsConfig, unknown];
  readonly drivers: ReadonlyMap<string, TargetDriver>;
  readonly graph: DependencyGraph;
}

export function createTargets(deps: TargetsDeps): Targets {
  let built: Built | null = null;
  let cancel: Cancel | null = null;

  const current = (): Built => {
    const from = [deps.config.current(), deps.workers.current()] as const;
    if (built?.from[0] !== from[0] || built.from[1] !== from[1]) built = build(deps, from, built);
    return built;
  };
  const refresh = async (): Promise<void> => {
    // One after the other: checks fork, and a host in trouble must not be asked to fork in a burst.
    for (const driver of current().drivers.values()) {
      try {
        await driver.refresh();
      } catch (cause) {
        deps.log.error('target check failed', { target: driver.target.name, error: describeError(cause) });
      }
    }
  };

  return {
    get: (name) => current().drivers.get(name),
    names: () => [...current().drivers.keys()],
    graph: () => current().graph,
    states: () => [...current().drivers.values()].map((driver) => driver.state()),
    start() {
      if (cancel !== null) return;
      void refresh();
      cancel = deps.clock.every(deps.config.current().checkEvery, refresh);
    },
    stop() {
      cancel?.();
      cancel = null;
    },
  };
}

function build(deps: TargetsDeps, from: Built['from'], before: Built | null): Built {
  const targets = allTargets(from[0], deps.workers.current().workers);
  const drivers = new Map(
    targets.map((target) => {
      const known = before?.drivers.get(target.name);
      const same = known !== undefined && JSON.stringify(known.target) === JSON.stringify(target);
      return [target.name, same ? known : createDriver(target, deps)] as const;
    }),
  );
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

function createDriver(target: Target, deps: TargetsDeps): TargetDriver {
  switch (target.kind) {
    case 'process':
      return createProcessDriver(target, deps.pool);
    case 'http':
      return createHttpDriver(target, deps.http, deps.host);
    case 'command':
      return createCommandDriver(target, deps.commands, deps.host);
  }
}
