/**
 * The registry: one entry for each action kind, checked exhaustive by the compiler. A new kind is one file here,
 * one line below and one test.
 */
import type { Action, ActionKind, Outcome } from '../../domain/strategy.ts';
import type { ActionDoors, ActionOf, ActionSpec, Described, Place } from './action.ts';
import { alert } from './alert.ts';
import { clearCache } from './clear-cache.ts';
import { enableCache } from './enable-cache.ts';
import { httpCall } from './http-call.ts';
import { llmFallback } from './llm-fallback.ts';
import { rateLimit } from './rate-limit.ts';
import { redistributeTasks } from './redistribute-tasks.ts';
import { restartProcess } from './restart-process.ts';
import { restartService } from './restart-service.ts';
import { restartWorker } from './restart-worker.ts';
import { runCommand } from './run-command.ts';
import { saveSnapshot } from './save-snapshot.ts';
import { scaleUpWorkers } from './scale-up-workers.ts';
import { triggerWorkflow } from './trigger-workflow.ts';

type Registry = { readonly [K in ActionKind]: ActionSpec<ActionOf<K>> };

/** Every action kind behind three questions. */
export interface Actions {
  describe(action: Action, place: Place): Described;
  run(action: Action, place: Place, signal: AbortSignal): Promise<Outcome>;
  undo(action: Action, place: Place, signal: AbortSignal): Promise<Outcome>;
}

export function createActions(doors: ActionDoors): Actions {
  const registry: Registry = {
    rate_limit: rateLimit(doors),
    restart_process: restartProcess(doors),
    clear_cache: clearCache(doors),
    restart_worker: restartWorker(doors),
    llm_fallback: llmFallback(doors),
    restart_service: restartService(doors),
    alert: alert(),
    enable_cache: enableCache(doors),
    scale_up_workers: scaleUpWorkers(doors),
    redistribute_tasks: redistributeTasks(doors),
    save_snapshot: saveSnapshot(doors),
    run_command: runCommand(doors),
    http_call: httpCall(doors),
    trigger_workflow: triggerWorkflow(doors),
  };
  const specOf = (action: Action): ActionSpec<Action> => registry[action.kind];
  return {
    describe: (action, place) => specOf(action).describe(action, place),
    run: (action, place, signal) => specOf(action).run(action, place, signal),
    undo: (action, place, signal) => specOf(action).undo(action, place, signal),
  };
}
