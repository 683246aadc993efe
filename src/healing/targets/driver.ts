/**
 * TargetDriver: one way of reaching a target. It says beforehand exactly what it would do, does it, undoes it,
 * and tells from memory how the target is.
 */
import type { Clock, Logger } from '../../domain/ports.ts';
import type { Outcome } from '../../domain/strategy.ts';
import type { Capability, Target, TargetState } from '../../domain/target.ts';
import type { Ms } from '../../domain/units.ts';
import type { TargetMemory } from './memory.ts';
import type { Slowing } from './slowing.ts';

/** One request of a capability, with what it needs to know. */
export type CapabilityCall =
  | { readonly capability: 'restart' }
  | { readonly capability: 'clear_cache' }
  | { readonly capability: 'enable_cache' }
  | { readonly capability: 'fallback' }
  | { readonly capability: 'rate_limit'; readonly perSecond: number; readonly span: Ms }
  | { readonly capability: 'scale'; readonly by: number }
  | { readonly capability: 'redistribute'; readonly to: string | null };

/** What would happen, in the words a person says yes to. */
export type CapabilityText =
  | {
      readonly kind: 'can';
      readonly effect: string;
      readonly undo: string | null;
      readonly idempotent: boolean;
      readonly forks: boolean;
    }
  | { readonly kind: 'cannot'; readonly reason: string };

export interface TargetDriver {
  readonly target: Target;
  capabilities(): readonly Capability[];
  describe(call: CapabilityCall): CapabilityText;
  /** Never throws for what a target may answer; `unknown` when it cannot be told whether it happened. */
  perform(call: CapabilityCall, signal: AbortSignal): Promise<Outcome>;
  /** The inverse of an earlier `perform` of the same call. */
  undo(call: CapabilityCall, signal: AbortSignal): Promise<Outcome>;
  /** From memory, at once. */
  state(): TargetState;
  /** Looks anew, for drivers that have to ask; called on a beat. */
  refresh(): Promise<void>;
  /** A look starts a child process, so it is taken less often and never in a burst. */
  readonly forksToLook?: boolean;
  /** Lets go of what it holds open. */
  close?(): void;
  /** Where its supervisor can hold it to less. */
  readonly slowing?: Slowing;
  /** The last lines of its log, oldest first, where it keeps one. */
  logLines?(count: number): Promise<readonly string[]>;
}

/** What every driver that has to look keeps of the outside. */
export interface LookDoors {
  readonly clock: Clock;
  readonly log: Logger;
  readonly memory: TargetMemory;
}

export function cannot(target: Target, capability: Capability): CapabilityText {
  return { kind: 'cannot', reason: `${target.name} (${target.kind}) has no ${capability} configured` };
}

export function succeeded(note: string): Outcome {
  return { kind: 'succeeded', note };
}

export function failed(reason: string): Outcome {
  return { kind: 'failed', reason };
}

export function unknownOutcome(reason: string): Outcome {
  return { kind: 'unknown', reason };
}
