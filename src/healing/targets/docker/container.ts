/** What a container is in, judged from its inspection and from the events around its end. Pure. */
import { z } from 'zod';
import type { TargetHold, TargetState } from '../../../domain/target.ts';
import { type EpochMs, elapsed, fromIso, type Ms, seconds } from '../../../domain/units.ts';
import { foreignHold, stopHold } from '../foreign.ts';
import { isCrashLoop, type Lives, restartsLately, seeLife } from '../lives.ts';
import type { DownEntry } from '../memory.ts';

/** Docker waits 100 ms before the first restart and doubles it; this is several of its cycles. */
const CYCLE: Ms = seconds(10);
/** An end that follows a stop or a kill this closely was asked for. */
const NEAR: Ms = seconds(60);
/** How a program ends that was told to: cleanly, by TERM, by KILL. */
const ASKED_EXITS = [0, 143, 137];

const Inspection = z.object({
  Id: z.string().default(''),
  State: z.object({
    Status: z.string(),
    Running: z.boolean().default(false),
    Paused: z.boolean().default(false),
    Restarting: z.boolean().default(false),
    OOMKilled: z.boolean().default(false),
    Pid: z.number().default(0),
    ExitCode: z.number().default(0),
    StartedAt: z.string().default(''),
    FinishedAt: z.string().default(''),
    Health: z.object({ Status: z.string() }).nullish(),
  }),
  HostConfig: z.object({ RestartPolicy: z.object({ Name: z.string().default('') }).nullish() }).nullish(),
});

export interface ContainerView {
  readonly id: string;
  readonly status: string;
  readonly isRunning: boolean;
  readonly isRestarting: boolean;
  readonly isPaused: boolean;
  readonly wasOutOfMemory: boolean;
  readonly pid: number;
  readonly exitCode: number;
  readonly startedAt: string;
  readonly finishedAt: EpochMs | null;
  readonly health: string | null;
  /** `''` and `no` = nobody restarts it. */
  readonly policy: string;
}

/** `null` = no inspection of a container. */
export function parseContainer(body: string): ContainerView | null {
  try {
    const { Id, State, HostConfig } = Inspection.parse(JSON.parse(body));
    return {
      id: Id,
      status: State.Status,
      isRunning: State.Running,
      isRestarting: State.Restarting || State.Status === 'restarting',
      isPaused: State.Paused || State.Status === 'paused',
      wasOutOfMemory: State.OOMKilled,
      pid: State.Pid,
      exitCode: State.ExitCode,
      startedAt: State.StartedAt,
      finishedAt: fromIso(State.FinishedAt) ?? null,
      health: State.Health?.Status ?? null,
      policy: HostConfig?.RestartPolicy?.Name ?? '',
    };
  } catch {
    return null; // not JSON, or not of this shape: nothing is known then
  }
}

/** What the events said of its end: asked for by somebody else, on its own, or nothing. */
export type SeenEnd = 'asked' | 'own' | null;

export interface ContainerMemory {
  readonly lives: Lives;
  readonly down: DownEntry | null;
  readonly downSince: EpochMs | null;
}

export interface ContainerLook {
  readonly view: ContainerView;
  readonly memory: ContainerMemory;
  readonly seen: SeenEnd;
  readonly isOurs: boolean;
  readonly now: EpochMs;
}

export interface ContainerVerdict {
  readonly state: Omit<TargetState, 'name' | 'pids'>;
  readonly memory: ContainerMemory;
}

export function judgeContainer(name: string, look: ContainerLook): ContainerVerdict {
  const { view, isOurs, now } = look;
  const lives = seeLife(look.memory.lives, view.isRunning ? view.startedAt : null, isOurs, now);
  const memory = { ...look.memory, lives };
  if (view.isPaused) {
    const down: DownEntry = { kind: 'stopped', at: now, why: 'was paused by somebody' };
    return verdict(null, 'paused', stopHold(name, down), memory);
  }
  if (view.isRestarting) return downFor(name, { ...look, memory }, 'Docker is about to start it again');
  if (view.isRunning) return running(name, { ...look, memory });
  if (isOurs) return verdict(null, `is being restarted (${view.status})`, null, memory);
  if (view.status === 'stopping' || view.status === 'removing' || view.status === 'created') {
    return verdict(null, view.status, null, memory);
  }
  return ended(name, { ...look, memory });
}

function running(name: string, look: ContainerLook): ContainerVerdict {
  const { view, memory, now } = look;
  if (isCrashLoop(memory.lives, now)) {
    return downFor(name, look, `crash loop: ${restartsLately(memory.lives, now)} new starts in 10 min`);
  }
  const well: ContainerMemory = { ...memory, down: null, downSince: null };
  switch (view.health) {
    case 'unhealthy':
      return verdict(false, 'its own health check says unhealthy', null, well);
    case 'starting':
      return verdict(null, 'its own health check has not answered yet', null, well);
    default:
      return verdict(true, view.health === null ? 'running' : `running, ${view.health}`, null, well);
  }
}

function ended(name: string, look: ContainerLook): ContainerVerdict {
  const { view, memory, seen, now } = look;
  const how = view.wasOutOfMemory ? 'out of memory' : `exit ${view.exitCode}`;
  if (memory.down?.kind === 'ended' || (memory.down === null && isOwnEnd(view, seen))) {
    const down = memory.down ?? { kind: 'ended', at: now, why: how };
    return downFor(name, { ...look, memory: { ...memory, down } }, `ended on its own (${how})`);
  }
  const why = seen === 'asked' ? 'was stopped by somebody' : `was found stopped (${how})`;
  const down: DownEntry = memory.down ?? { kind: 'stopped', at: now, why };
  return verdict(null, `${view.status}: ${down.why}`, stopHold(name, down), { ...memory, down });
}

/** Without events the exit code tells, and where it may mean either, it was asked for. */
function isOwnEnd(view: ContainerView, seen: SeenEnd): boolean {
  if (seen !== null) return seen === 'own';
  return view.wasOutOfMemory || !ASKED_EXITS.includes(view.exitCode);
}

function downFor(name: string, { view, memory, now }: ContainerLook, reason: string): ContainerVerdict {
  const downSince = memory.downSince ?? now;
  const hasPolicy =
    view.policy === 'always' ||
    view.policy === 'unless-stopped' ||
    (view.policy === 'on-failure' && view.exitCode !== 0);
  const hold = hasPolicy
    ? foreignHold(`Docker (restart policy ${view.policy} of ${name})`, downSince, CYCLE, now)
    : null;
  return verdict(false, reason, hold, { ...memory, downSince });
}

function verdict(
  up: boolean | null,
  reason: string,
  hold: TargetHold | null,
  memory: ContainerMemory,
): ContainerVerdict {
  return { state: { up, reason, hold }, memory };
}

const Event = z.object({
  Action: z.string().optional(),
  status: z.string().optional(),
  time: z.number().optional(),
  timeNano: z.number().optional(),
  id: z.string().optional(),
  Actor: z
    .object({ ID: z.string().optional(), Attributes: z.record(z.string(), z.string()).optional() })
    .optional(),
});

export interface ContainerEvent {
  readonly action: string;
  readonly at: EpochMs;
  /** Id and name of the container, whichever it tells. */
  readonly names: readonly string[];
}

export function parseEvent(line: string): ContainerEvent | null {
  try {
    const event = Event.parse(JSON.parse(line));
    const names = [event.id, event.Actor?.ID, event.Actor?.Attributes?.['name']];
    const millis = event.timeNano === undefined ? (event.time ?? 0) * 1_000 : event.timeNano / 1_000_000;
    return {
      action: event.Action ?? event.status ?? '',
      at: millis as EpochMs,
      names: names.filter((name) => name !== undefined),
    };
  } catch {
    return null; // not an event
  }
}

/**
 * Of the events of one container, oldest first: was its last end asked for?
 *
 * @param tellsStops The engine announces every stop. Podman does not, and then silence says nothing.
 */
export function endOf(events: readonly ContainerEvent[], tellsStops: boolean): SeenEnd {
  const dies = events.filter(({ action }) => action === 'die' || action === 'died');
  const die = dies.at(-1);
  if (die === undefined) return null;
  const before = dies.at(-2)?.at ?? -Infinity;
  const isAsked = events.some(
    ({ action, at }) =>
      ['stop', 'kill', 'restart', 'pause'].includes(action) &&
      at > before &&
      Math.abs(elapsed(at, die.at)) <= NEAR,
  );
  if (isAsked) return 'asked';
  return tellsStops ? 'own' : null;
}
