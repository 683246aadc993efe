/**
 * The parts of the optimizer over their documents, opened at the start. A document that cannot be read is said and
 * begins empty: budgets go back to the file, and nothing that was suggested is in force.
 */
import type { DocumentOrigin } from '../domain/ports.ts';
import { type BudgetDesk, createBudgetDesk } from './budget-desk.ts';
import type { OptimizerDeps } from './optimizer-deps.ts';
import {
  BudgetsShape,
  LearningShape,
  NO_BUDGETS,
  NO_LEARNING,
  NO_THROTTLE,
  ThrottleShape,
} from './state-shapes.ts';
import { createThrottle, type Throttle } from './throttle.ts';
import { createTuningDesk, type TuningDesk } from './tuning-desk.ts';

export interface Home {
  readonly budgets: BudgetDesk;
  readonly tuning: TuningDesk;
  readonly throttle: Throttle;
  readonly complaints: readonly string[];
}

export async function openHome(deps: OptimizerDeps, usualMemory: () => number | null): Promise<Home> {
  const { states } = deps;
  const budgets = await states.open('optimizer-budgets', (data) => BudgetsShape.parse(data), NO_BUDGETS);
  const learning = await states.open('optimizer-learning', (data) => LearningShape.parse(data), NO_LEARNING);
  const throttle = await states.open('optimizer-throttle', (data) => ThrottleShape.parse(data), NO_THROTTLE);
  const parts = {
    budgets: createBudgetDesk({ ...deps, document: budgets.document, targets: deps.targetNames }),
    tuning: createTuningDesk({
      ...deps,
      document: learning.document,
      frozen: () => (deps.isFrozen() ? 'The optimizer is frozen.' : null),
    }),
    throttle: createThrottle({
      ...deps,
      document: throttle.document,
      held: (target) => heldBy(target, deps),
      usualMemory,
    }),
    complaints: [
      ...lost('the budgets that were set', budgets.origin),
      ...lost('what was learnt', learning.origin),
      ...lost('what is throttled', throttle.origin),
    ],
  };
  if (deps.throttles) await parts.throttle.resume();
  return parts;
}

/** Why the throttle may only propose, in the order of the gates. */
function heldBy(target: string | null, deps: OptimizerDeps): string | null {
  if (deps.isFrozen()) return 'the optimizer is frozen';
  if (!deps.isProduction()) return 'dry-run mode';
  return deps.leaveAlone(target);
}

function lost(what: string, origin: DocumentOrigin): readonly string[] {
  return origin === 'defaults' ? [`The optimizer lost ${what}: the document could not be read.`] : [];
}
