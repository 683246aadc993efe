/** What an action kind is made of: it says what it would do, does it, and undoes it where it can. */
import type { CommandRunner, HttpClient, Live } from '../../domain/ports.ts';
import type { Action, Outcome } from '../../domain/strategy.ts';
import type { IncidentId } from '../../domain/units.ts';
import type { HealingConfig } from '../config.ts';
import type { SnapshotTaker } from '../snapshot.ts';
import type { Targets } from '../targets/registry.ts';

/** Everything actions reach the world through. */
export interface ActionDoors {
  readonly targets: Targets;
  readonly commands: CommandRunner;
  readonly http: HttpClient;
  readonly config: Live<HealingConfig>;
  readonly host: string;
  readonly snapshots: SnapshotTaker;
  /** Is there such a program here? Asked when a plan is made, so that a rung that cannot run is not waited for. */
  hasProgram(path: string): boolean;
  githubToken(): string | null;
}

/** Where an action acts, and for which incident. */
export interface Place {
  readonly target: string | null;
  readonly incidentId: IncidentId;
}

export interface ActionText {
  readonly kind: 'can';
  /** Exactly what will run, in the words of the target. */
  readonly effect: string;
  readonly undo: string | null;
  readonly idempotent: boolean;
  readonly forks: boolean;
  /** Changes something; critical targets are kept from it. */
  readonly touches: boolean;
  /** Can end the trouble, so the result is verified; a snapshot and an alert cannot. */
  readonly heals: boolean;
  readonly needsApproval: boolean;
}

export type Described = ActionText | { readonly kind: 'cannot'; readonly reason: string };

/** One entry of the registry. Methods, so that the registry can be asked with the union of all actions. */
export interface ActionSpec<A extends Action> {
  describe(action: A, place: Place): Described;
  run(action: A, place: Place, signal: AbortSignal): Promise<Outcome>;
  /** Only called where `describe` names an undo. */
  undo(action: A, place: Place, signal: AbortSignal): Promise<Outcome>;
}

/** The member of the union for one kind. */
export type ActionOf<K extends Action['kind']> = Extract<Action, { readonly kind: K }>;

export function hasNoInverse(kind: string): Promise<Outcome> {
  return Promise.resolve({ kind: 'failed', reason: `${kind} has no inverse` });
}
