/** Dry run, or a strategy that only suggests: says what it would do, writes it down, and touches nothing. */
import type { Refusal } from '../../domain/strategy.ts';
import { NIGHTSHIFT } from '../actors.ts';
import { execute } from '../executor.ts';
import type { Core } from './core.ts';
import { hold, logRefusal } from './hold.ts';
import type { Proposed } from './situation.ts';

/**
 * @param beyond The gate that would hold it back if acting were on, or `null` when it would run.
 */
export async function propose(
  core: Core,
  id: string,
  { plan }: Proposed,
  refusal: Refusal,
  beyond: Refusal | null,
): Promise<void> {
  const then =
    beyond === null ? 'it would run at once' : `it would then be held by ${beyond.gate}: ${beyond.reason}`;
  const isNews = await hold(core, id, { ...refusal, reason: `${refusal.reason} (${then})` });
  if (!isNews) return;
  const { deps, leaving } = core;
  await logRefusal(core, id, refusal, { target: plan.target, strategy: plan.strategy, effect: plan.effect });
  const { outcome } = await execute(
    plan,
    { actor: NIGHTSHIFT, dryRun: true, inverse: false, approvalId: null },
    {
      clock: deps.clock,
      audit: deps.audit,
      log: deps.log,
      leaving,
      charge: () => Promise.resolve(false),
      begin: () => Promise.resolve(),
      run: () => Promise.resolve({ kind: 'dry-run' }),
    },
  );
  deps.bus.publish({ type: 'action.started', plan, dryRun: true });
  deps.bus.publish({ type: 'action.finished', plan, outcome });
}
