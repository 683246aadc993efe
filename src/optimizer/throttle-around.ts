/**
 * What the ladders are told beside the use: on which rungs there is nothing to slow now, and what memory this host
 * uses as a rule. How many tasks could be held is looked up while something is over its budget, else never.
 */
import type { BudgetUse, ThrottleRung } from '../domain/budget.ts';
import type { QueueBrake, QueueHold, QueueLoad, TargetThrottle } from '../domain/throttle.ts';
import type { Around } from './ladder-book.ts';

export interface AroundDeps {
  readonly queues: QueueBrake;
  readonly targets: TargetThrottle;
  /** As the history has it; `null` = too little of it. */
  readonly usualMemory: () => number | null;
}

export interface ThrottleAround extends Around {
  /** A beat: remembers the memory in use. */
  see(uses: readonly BudgetUse[]): void;
  /** Share of the host's memory in use at the last beat; `null` = not known. */
  memoryUse(): number | null;
  /** Looks at the queues anew. */
  look(): Promise<void>;
  /** Is there a task that this would hold? */
  wouldHold(hold: QueueHold): boolean;
}

export function createAround({ queues, targets, usualMemory }: AroundDeps): ThrottleAround {
  // Not looked yet: there may be something.
  let load: QueueLoad = { batch: 1, others: 1 };
  let memory: number | null = null;
  let lowest: number | null = null;

  return {
    get usualMemory() {
      return usualMemory() ?? lowest;
    },
    idle(target, need) {
      const isMine = (name: string): boolean => target === null || name === target;
      const idle: ThrottleRung[] = [];
      if (load.batch === 0) idle.push('delay_batch');
      if (load.others === 0) idle.push('slow_queue');
      if (!targets.targets().some(isMine)) idle.push('slow_targets');
      if (need !== 'memory' || !targets.clearable().some(isMine)) idle.push('clear_caches');
      return idle;
    },
    see(uses) {
      memory = uses.find((use) => use.target === null && use.resource === 'memory')?.used ?? null;
      if (memory !== null) lowest = Math.min(lowest ?? memory, memory);
    },
    memoryUse: () => memory,
    async look() {
      load = await queues.load();
    },
    wouldHold: ({ others }) => load.batch > 0 || (others < 1 && load.others > 0),
  };
}
