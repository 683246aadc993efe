/** Targets: what an action acts on, and what each can be asked to do. */
import type { EpochMs, Ms } from './units.ts';

/** One thing a target can be asked. An action kind needs exactly one of them (see domain/strategy.ts). */
export const CAPABILITIES = [
  'restart',
  'rate_limit',
  'clear_cache',
  'enable_cache',
  'fallback',
  'scale',
  'redistribute',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

export const TARGET_KINDS = [
  'process',
  'systemd',
  'docker',
  'pm2',
  'http',
  'redis',
  'queue',
  'command',
] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

/** What every target has, whatever its kind. */
export interface TargetBase {
  readonly name: string;
  readonly kind: TargetKind;
  /** Never touched by the healer on its own; see the critical allow-list. */
  readonly critical: boolean;
  /** Targets that must be well first; a sick one is healed instead of this. */
  readonly dependsOn: readonly string[];
  readonly group: string | null;
  /** Probes (by name) whose metrics speak for this target. */
  readonly probes: readonly string[];
  /** The probe that watches what a fallback replaces: while it is bad the fallback stays. */
  readonly primaryProbe?: string | null;
  /** Switches in a JSON file that the service reads, for what has no other way. */
  readonly flags?: Readonly<Partial<Record<FlagCapability, Flag>>>;
}

/** What a switch in a file can stand for. */
export const FLAG_CAPABILITIES = ['fallback', 'enable_cache'] as const;
export type FlagCapability = (typeof FLAG_CAPABILITIES)[number];

/** One key of a JSON file of the service, with its two values. */
export interface Flag {
  readonly file: string;
  /** Names from the outside in. */
  readonly key: readonly string[];
  readonly on: string | number | boolean;
  readonly off: string | number | boolean;
}

/** A service that something keeps running, with control URLs for what that something cannot do. */
export interface KeptTarget extends TargetBase {
  readonly controls?: Readonly<Partial<Record<Capability, HttpControl>>>;
  readonly undo?: Readonly<Partial<Record<Capability, HttpControl>>>;
}

/** A worker of ours, kept alive by the supervisor. */
export interface ProcessTarget extends KeptTarget {
  readonly kind: 'process';
  readonly worker: string;
}

/** One HTTP call of a control URL. */
export interface HttpControl {
  readonly url: string;
  readonly method: 'POST' | 'PUT' | 'DELETE' | 'GET';
  readonly body: string | null;
}

/** A service with control URLs, one for each capability, with the inverse where it has one. */
export interface HttpTarget extends TargetBase {
  readonly kind: 'http';
  readonly controls: Readonly<Partial<Record<Capability, HttpControl>>>;
  readonly undo: Readonly<Partial<Record<Capability, HttpControl>>>;
}

/** Configured argv for each capability: never a shell, an absolute program path first. */
export interface CommandTarget extends TargetBase {
  readonly kind: 'command';
  readonly commands: Readonly<Partial<Record<Capability, readonly string[]>>>;
  readonly undo: Readonly<Partial<Record<Capability, readonly string[]>>>;
  /** Exit 0 = up, anything else = down; `null` where nothing tells. */
  readonly check: readonly string[] | null;
}

/** A unit of systemd. */
export interface SystemdTarget extends KeptTarget {
  readonly kind: 'systemd';
  readonly unit: string;
  /** Address of the bus systemd is on. */
  readonly bus: string;
}

/** A container behind a Docker Engine API. */
export interface DockerTarget extends KeptTarget {
  readonly kind: 'docker';
  readonly container: string;
  readonly socketPath: string;
  /** How long it may take to end before it is killed. */
  readonly stopWithin: Ms;
}

/** An app that pm2 keeps. */
export interface Pm2Target extends KeptTarget {
  readonly kind: 'pm2';
  readonly app: string;
  readonly home: string;
  readonly program: string;
  readonly maxInstances: number;
}

/** A Redis database that is used as a cache. */
export interface RedisTarget extends KeptTarget {
  readonly kind: 'redis';
  /** Without a password; `null` = as REDIS_URL says. */
  readonly url: string | null;
  readonly database: number;
  /** Only keys that begin with this are cleared; `null` = nothing may be cleared unless the database is its own. */
  readonly prefix: string | null;
  /** The whole database is a cache and may be emptied. */
  readonly ownsDatabase: boolean;
  readonly maxKeys: number;
}

/** A queue of tasks, embedded or BullMQ. */
export interface QueueTarget extends KeptTarget {
  readonly kind: 'queue';
  readonly queue: string;
  /** Where its waiting tasks go when it is sick; `null` = as a rung says, or nowhere. */
  readonly overflow: string | null;
}

export type Target =
  | ProcessTarget
  | SystemdTarget
  | DockerTarget
  | Pm2Target
  | HttpTarget
  | RedisTarget
  | QueueTarget
  | CommandTarget;

/** Why hands are to be kept off a target for now, as its own machinery tells. */
export interface TargetHold {
  /** A person stopped it; or something else that restarts it is at it. */
  readonly kind: 'manual_stop' | 'foreign';
  readonly reason: string;
  readonly until: EpochMs | null;
}

/** What is known of a target now. `up: null` = unknown. */
export interface TargetState {
  readonly name: string;
  readonly up: boolean | null;
  readonly pids: readonly number[];
  readonly reason: string;
  readonly hold?: TargetHold | null;
}
