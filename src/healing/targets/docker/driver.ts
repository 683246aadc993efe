/**
 * Targets of kind `docker`. A restart is judged by inspecting afterwards: a 5xx or a broken connection says nothing
 * (a container that ends between TERM and KILL answers 500 and runs), and it is never repeated blindly.
 */
import { totalmem } from 'node:os';
import type { Outcome } from '../../../domain/strategy.ts';
import type { Capability, DockerTarget } from '../../../domain/target.ts';
import { type Ms, ms, seconds } from '../../../domain/units.ts';
import { cannot, failed, succeeded, type TargetDriver, unknownOutcome } from '../driver.ts';
import type { ContainerView } from './container.ts';
import type { Engine, EngineAnswer } from './engine.ts';
import { createContainerSlowing } from './slowing.ts';
import {
  type ContainerAnswer,
  type ContainerWatchDeps,
  createContainerWatch,
  lookAt,
  messageOf,
} from './watch.ts';

const CAN: readonly Capability[] = ['restart'];
/** Beyond the time the container has to end: the engine answers only then. */
const RESTART_SLACK: Ms = seconds(15);
const SETTLE: Ms = seconds(2);
const LOGS_LIMIT: Ms = seconds(5);

export function createDockerDriver(target: DockerTarget, deps: ContainerWatchDeps): TargetDriver {
  const { container, stopWithin } = target;
  const watch = createContainerWatch(target, deps);
  return {
    target,
    capabilities: () => CAN,
    describe(call) {
      if (!CAN.includes(call.capability)) return cannot(target, call.capability);
      const fault = watch.fault();
      if (fault !== null) return { kind: 'cannot', reason: fault };
      const effect = `restart container ${container} (TERM, KILL after ${stopWithin / 1_000} s)`;
      return { kind: 'can', effect, undo: null, idempotent: true, forks: false };
    },
    perform: (call, signal) =>
      call.capability === 'restart'
        ? watch.asOurs(() => restart(target, deps, watch.take, signal))
        : Promise.resolve(failed(`a container has no ${call.capability}`)),
    undo: (call) => Promise.resolve(failed(`${call.capability} of a container has no inverse`)),
    state: watch.state,
    refresh: watch.refresh,
    close: watch.close,
    slowing: createContainerSlowing(target, deps.engine, totalmem()),
    logLines: (count) => logLines(deps.engine, container, count),
  };
}

async function restart(
  { container, stopWithin }: DockerTarget,
  { engine, clock }: ContainerWatchDeps,
  take: (look: ContainerAnswer) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const before = await lookAt(engine, container);
  if (before.kind !== 'container') return failed(before.reason);
  const path = `/containers/${encodeURIComponent(container)}/restart?t=${Math.round(stopWithin / 1_000)}`;
  const answer = await engine.ask({ method: 'POST', path, limit: ms(stopWithin + RESTART_SLACK), signal });
  if (answer.kind === 'unreachable') return failed(answer.reason);
  const refusal = refusalOf(answer);
  if (refusal !== null) return failed(refusal);
  await clock.sleep(SETTLE, signal);
  const after = await lookAt(engine, container);
  take(after);
  const said = answer.kind === 'broken' ? answer.reason : `answered ${answer.status}`;
  return judgeRestart(before.view, after, said);
}

/** 204 and 304 are fine, 5xx must be looked into, the rest did nothing. */
function refusalOf(answer: Exclude<EngineAnswer, { kind: 'unreachable' }>): string | null {
  if (answer.kind === 'broken' || answer.status < 400 || answer.status >= 500) return null;
  return `Docker answered ${answer.status}${messageOf(answer.body)}`;
}

function judgeRestart(before: ContainerView, after: ContainerAnswer, said: string): Outcome {
  if (after.kind === 'silent') return unknownOutcome(`${said}, then ${after.reason}`);
  if (after.kind === 'missing') return failed(`${said}, and now ${after.reason}`);
  const { view } = after;
  if (view.isRunning && view.startedAt !== before.startedAt && !view.isRestarting)
    return succeeded(`running, process ${view.pid}; ${said}`);
  if (view.isRunning && view.startedAt === before.startedAt)
    return unknownOutcome(`${said}, and the old process still runs`);
  return failed(`${said}, and it is ${view.status} (exit ${view.exitCode})`);
}

async function logLines(engine: Engine, container: string, count: number): Promise<readonly string[]> {
  const path = `/containers/${encodeURIComponent(container)}/logs?stdout=1&stderr=1&tail=${count}`;
  const answer = await engine.ask({ method: 'GET', path, limit: LOGS_LIMIT });
  if (answer.kind !== 'answered' || answer.status !== 200) return [];
  // Without a terminal each line has eight bytes in front that say which stream it is.
  return answer.body
    .split('\n')
    .map((line) => (line.charCodeAt(0) <= 2 ? line.slice(8) : line))
    .filter((line) => line !== '')
    .slice(-count);
}
