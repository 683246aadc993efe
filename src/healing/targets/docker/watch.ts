/** Keeps what is known of one container: inspected on a beat and whenever its engine says that something happened. */
import type { DockerTarget, TargetState } from '../../../domain/target.ts';
import { type Ms, seconds } from '../../../domain/units.ts';
import { groupOf, groupPids } from '../cgroup-pids.ts';
import type { LookDoors } from '../driver.ts';
import { NO_LIVES } from '../lives.ts';
import {
  type ContainerEvent,
  type ContainerMemory,
  type ContainerView,
  endOf,
  judgeContainer,
  parseContainer,
} from './container.ts';
import type { Engine } from './engine.ts';
import type { EngineEvents } from './events.ts';

const LOOK_LIMIT: Ms = seconds(2);

export interface ContainerWatchDeps extends LookDoors {
  readonly engine: Engine;
  readonly events: EngineEvents;
}

export type ContainerAnswer =
  | { readonly kind: 'container'; readonly view: ContainerView }
  | { readonly kind: 'missing'; readonly reason: string }
  /** Nothing is known then. `lasting` = it will not go away by itself. */
  | { readonly kind: 'silent'; readonly reason: string; readonly lasting: boolean };

export interface ContainerWatch {
  state(): TargetState;
  /** Why nothing can be done with it here, or `null`. */
  fault(): string | null;
  take(answer: ContainerAnswer): void;
  refresh(): Promise<void>;
  /** What happens to the container meanwhile is our doing. */
  asOurs<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

export function createContainerWatch(
  { name, container }: DockerTarget,
  deps: ContainerWatchDeps,
): ContainerWatch {
  const { clock, memory, engine } = deps;
  let state: TargetState = { name, up: null, pids: [], reason: 'not looked at yet' };
  let known: ContainerMemory = { lives: NO_LIVES, down: null, downSince: null };
  let isOurs = false;
  let fault: string | null = null;
  let ours: { readonly from: number; readonly to: number } | null = null;

  /** What our own restart left in the stream says nothing about others. */
  const isOwn = ({ at }: ContainerEvent): boolean => ours !== null && at >= ours.from && at <= ours.to;
  const take = (answer: ContainerAnswer): void => {
    fault = faultOf(answer);
    if (answer.kind !== 'container') {
      state = { name, up: null, pids: [], reason: answer.reason };
      return;
    }
    const { view } = answer;
    const events = deps.events.of(container).filter((event) => !isOwn(event));
    const seen = endOf(events, deps.events.tellsStops());
    const before = { ...known, down: memory.get(name) };
    const verdict = judgeContainer(name, { view, memory: before, seen, isOurs, now: clock.now() });
    known = verdict.memory;
    memory.set(name, known.down);
    state = { name, pids: pidsOf(view), ...verdict.state };
  };
  const refresh = async (): Promise<void> => {
    await deps.events.ready();
    take(await lookAt(engine, container));
  };
  const unwatch = deps.events.watch(container, () => void refresh().catch(() => {})); // the beat looks again

  return {
    state: () => state,
    fault: () => fault,
    take,
    refresh,
    async asOurs(work) {
      const from = clock.now() - 1_000;
      isOurs = true;
      ours = { from, to: Number.POSITIVE_INFINITY };
      try {
        return await work();
      } finally {
        isOurs = false;
        ours = { from, to: clock.now() };
      }
    },
    close: unwatch,
  };
}

function faultOf(answer: ContainerAnswer): string | null {
  if (answer.kind === 'container') return null;
  return answer.kind === 'missing' || answer.lasting ? answer.reason : null;
}

/** A container without a control group of its own is in somebody else's: then only its first process is its own. */
function pidsOf({ id, pid, isRunning }: ContainerView): readonly number[] {
  if (!isRunning || pid <= 0) return [];
  const group = groupOf(pid);
  const isItsOwn = id !== '' && group.includes(id.slice(0, 12));
  return groupPids(isItsOwn ? group : '', pid);
}

/** One inspection, under its deadline. */
export async function lookAt(engine: Engine, container: string): Promise<ContainerAnswer> {
  const path = `/containers/${encodeURIComponent(container)}/json`;
  const answer = await engine.ask({ method: 'GET', path, limit: LOOK_LIMIT });
  if (answer.kind === 'broken') return { kind: 'silent', reason: `Docker: ${answer.reason}`, lasting: false };
  if (answer.kind === 'unreachable') {
    const why = answer.code === 'EACCES' ? 'this user may not use the socket' : answer.reason;
    return { kind: 'silent', reason: `Docker cannot be reached: ${why}`, lasting: true };
  }
  if (answer.status === 404) return { kind: 'missing', reason: `there is no container ${container}` };
  const view = answer.status === 200 ? parseContainer(answer.body) : null;
  if (view === null) {
    return {
      kind: 'silent',
      reason: `Docker answered ${answer.status}${messageOf(answer.body)}`,
      lasting: false,
    };
  }
  return { kind: 'container', view };
}

/** What an engine says with an error, for people. */
export function messageOf(body: string): string {
  try {
    const message: unknown = (JSON.parse(body) as { message?: unknown }).message;
    return typeof message === 'string' ? `: ${message.slice(0, 200)}` : '';
  } catch {
    return ''; // no JSON: nothing worth repeating
  }
}
