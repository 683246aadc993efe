/**
 * How much may a strategy do on a target by itself? Pure. A person's word counts most, then the file's rule for
 * the target, then earned trust, then the strategy's own line.
 */
import type { Autonomy, Strategy } from '../domain/strategy.ts';
import type { AutonomyRule } from './config.ts';

export interface AutonomyInput {
  readonly strategy: Strategy;
  readonly target: string | null;
  /** What an operator set and locked. */
  readonly locked: Autonomy | null;
  readonly rules: readonly AutonomyRule[];
  readonly earned: { readonly enabled: boolean; readonly afterSuccesses: number };
  /** Verified successes in a row; one failure makes it zero. */
  readonly successes: number;
}

export function judgeAutonomy(input: AutonomyInput): Autonomy {
  if (input.locked !== null) return input.locked;
  const base = ruleFor(input) ?? input.strategy.autonomy;
  const hasEarned = input.earned.enabled && input.successes >= input.earned.afterSuccesses;
  return base === 'ask' && hasEarned ? 'auto' : base;
}

/** A rule for the target goes before a rule for all targets of the strategy. */
function ruleFor({ rules, strategy, target }: AutonomyInput): Autonomy | null {
  const fitting = rules.filter(
    (rule) => rule.strategy === strategy.name && (rule.target === null || rule.target === target),
  );
  return (fitting.find((rule) => rule.target !== null) ?? fitting[0])?.autonomy ?? null;
}
