/** Targets: what an action acts on, and what each can be asked to do. */

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
}

/** A worker of ours, kept alive by the supervisor. */
export interface ProcessTarget extends TargetBase {
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

export type Target = ProcessTarget | HttpTarget | CommandTarget;

/** What is known of a target now. `up: null` = unknown. */
export interface TargetState {
  readonly name: string;
  readonly up: boolean | null;
  readonly pids: readonly number[];
  readonly reason: string;
}
