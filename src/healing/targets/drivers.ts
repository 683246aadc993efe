/**
 * Which driver reaches which kind, and what they share: one connection for each bus, one for each engine. A new
 * kind is one file and one line here.
 */
import { existsSync } from 'node:fs';
import type { Clock, CommandRunner, HttpClient, Logger } from '../../domain/ports.ts';
import type { DockerTarget, HttpTarget, SystemdTarget, Target } from '../../domain/target.ts';
import type { WorkerPool } from '../../domain/worker.ts';
import { createCommandDriver } from './command.ts';
import { withControls } from './controlled.ts';
import { createDockerDriver } from './docker/driver.ts';
import { createEngine, type Engine } from './docker/engine.ts';
import { createEngineEvents, type EngineEvents } from './docker/events.ts';
import type { TargetDriver } from './driver.ts';
import { createHttpDriver } from './http.ts';
import type { TargetMemory } from './memory.ts';
import { createPm2Driver } from './pm2/driver.ts';
import { createProcessDriver, type InstanceBounds } from './process.ts';
import { createQueueDriver, type QueueDoor } from './queue.ts';
import { createRedisDriver } from './redis.ts';
import { connectRedis } from './redis-connect.ts';
import { createDbusDoor } from './systemd/dbus-door.ts';
import type { SystemdDoor } from './systemd/door.ts';
import { createSystemdDriver } from './systemd/driver.ts';
import { createEitherDoor } from './systemd/either-door.ts';
import { createSystemctlDoor } from './systemd/systemctl-door.ts';

const SYSTEMCTL = ['/usr/bin/systemctl', '/bin/systemctl'];

/** What the drivers reach the world through. */
export interface DriverDoors {
  readonly pool: WorkerPool;
  readonly http: HttpClient;
  readonly commands: CommandRunner;
  readonly clock: Clock;
  readonly log: Logger;
  readonly host: string;
  /** Is there such a program here? Asked before anything is planned with it. */
  readonly hasProgram?: (path: string) => boolean;
  /** `null` = no queue runs here. */
  readonly queues?: QueueDoor | null;
  /** REDIS_URL. */
  readonly redisUrl?: string | null;
  /** Start of a living process in kernel ticks, `null` when it is gone. */
  readonly startOf?: (pid: number) => number | null;
}

export interface DriverFactory {
  create(target: Target): TargetDriver;
  /** Lets go of every shared connection. */
  close(): void;
}

export interface FactoryDeps extends DriverDoors {
  readonly memory: TargetMemory;
  bounds(worker: string): InstanceBounds;
}

interface SharedEngine {
  readonly engine: Engine;
  readonly events: EngineEvents;
}

export function createDriverFactory(deps: FactoryDeps): DriverFactory {
  const managers = new Map<string, SystemdDoor>();
  const engines = new Map<string, SharedEngine>();

  const managerOf = ({ bus }: SystemdTarget): SystemdDoor => {
    const known = managers.get(bus) ?? createManager(bus, deps);
    managers.set(bus, known);
    return known;
  };
  const engineOf = ({ socketPath }: DockerTarget): SharedEngine => {
    const known = engines.get(socketPath) ?? createShared(socketPath, deps);
    engines.set(socketPath, known);
    return known;
  };
  const ownOf = (target: Target): TargetDriver => {
    switch (target.kind) {
      case 'process':
        return createProcessDriver(target, deps.pool, () => deps.bounds(target.worker));
      case 'systemd':
        return createSystemdDriver(target, { ...deps, door: managerOf(target) });
      case 'docker':
        return createDockerDriver(target, { ...deps, ...engineOf(target) });
      case 'pm2':
        return createPm2Driver(target, { ...deps, startOf: deps.startOf ?? (() => null) });
      case 'http':
        return createHttpDriver(target, deps.http, deps.host);
      case 'redis':
        return createRedisDriver(target, {
          ...deps,
          connect: connectRedis,
          usualUrl: deps.redisUrl ?? null,
        });
      case 'queue':
        return createQueueDriver(target, deps.queues ?? null);
      case 'command':
        return createCommandDriver(target, deps.commands, deps.host, deps.hasProgram ?? existsSync);
    }
  };

  return {
    create: (target) => withControls(ownOf(target), controlsOf(target, deps)),
    close() {
      for (const manager of managers.values()) manager.close();
      for (const { engine, events } of engines.values()) {
        events.close();
        engine.close();
      }
      managers.clear();
      engines.clear();
    },
  };
}

/** The URLs of a target that something else keeps, as a driver of their own. */
function controlsOf(target: Target, { http, host }: DriverDoors): TargetDriver | null {
  if (target.kind === 'http' || target.kind === 'command') return null;
  const { controls = {}, undo = {} } = target;
  if (Object.keys(controls).length === 0) return null;
  const { name, critical, dependsOn, group, probes } = target;
  const view: HttpTarget = { name, critical, dependsOn, group, probes, kind: 'http', controls, undo };
  return createHttpDriver(view, http, host);
}

function createManager(bus: string, deps: DriverDoors): SystemdDoor {
  const overBus = createDbusDoor({ ...deps, address: bus });
  const program = SYSTEMCTL.find((path) => existsSync(path));
  // The command speaks to the system's own manager only.
  if (program === undefined || !bus.endsWith('/run/dbus/system_bus_socket') || bus.includes('/proc/'))
    return overBus;
  return createEitherDoor(overBus, createSystemctlDoor(deps.commands, program), deps.clock);
}

function createShared(socketPath: string, { clock, log }: DriverDoors): SharedEngine {
  const engine = createEngine(socketPath, clock);
  return { engine, events: createEngineEvents(engine, clock, log) };
}
