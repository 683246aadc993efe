/**
 * Slows a container by an update of its processor time or memory, and updates it back.
 *
 * An engine takes 0 in an update for "as it is": no limit is -1 for processor time, and the memory of the whole host
 * for memory. Podman before 5 has no such call; that is seen once and kept in mind.
 */
import { z } from 'zod';
import type { Outcome } from '../../../domain/strategy.ts';
import type { DockerTarget } from '../../../domain/target.ts';
import type { ThrottleAnswer, ThrottlePlan } from '../../../domain/throttle.ts';
import { type Ms, seconds } from '../../../domain/units.ts';
import { failed, succeeded, unknownOutcome } from '../driver.ts';
import { megabytes, memoryLimit, type Slowing, type SlowingRoom } from '../slowing.ts';
import type { Engine } from './engine.ts';
import { lookAt, messageOf } from './watch.ts';

const CALL_LIMIT: Ms = seconds(10);
const USUAL_PERIOD = 100_000;
const NANOS = 1_000_000_000;

const Limits = z.object({
  HostConfig: z.object({
    NanoCpus: z.number().default(0),
    CpuQuota: z.number().default(0),
    CpuPeriod: z.number().default(0),
    Memory: z.number().default(0),
    MemorySwap: z.number().default(0),
  }),
});
type Limits = z.infer<typeof Limits>['HostConfig'];

/** What is sent to the update call. */
type Update = Readonly<Record<string, number>>;

export function createContainerSlowing(
  { name: target, container }: DockerTarget,
  engine: Engine,
  hostBytes: number,
): Slowing {
  let cannot: string | null = null;

  async function update(body: Update, said: string): Promise<Outcome> {
    const path = `/containers/${encodeURIComponent(container)}/update`;
    const answer = await engine.ask({ method: 'POST', path, limit: CALL_LIMIT, json: body });
    if (answer.kind === 'unreachable') return failed(answer.reason);
    if (answer.kind === 'broken') return unknownOutcome(answer.reason);
    if (answer.status === 200) return succeeded(said);
    const look = answer.status === 404 ? await lookAt(engine, container) : null;
    if (look?.kind === 'container') {
      cannot = 'this engine cannot update containers (podman before 5 cannot)';
      return failed(cannot);
    }
    return failed(`Docker answered ${answer.status}${messageOf(answer.body)}`);
  }

  return {
    async plan(room) {
      if (cannot !== null) return { kind: 'cannot', reason: cannot };
      const look = await lookAt(engine, container);
      if (look.kind !== 'container') return { kind: 'cannot', reason: look.reason };
      if (!look.view.isRunning) return { kind: 'cannot', reason: `${container} is ${look.view.status}` };
      const limits = await readLimits(engine, container);
      if (limits === null)
        return { kind: 'cannot', reason: `Docker does not say what limits ${container} has` };
      return planOf(target, container, room, limits, hostBytes);
    },
    async apply(plan) {
      const body = updateOf(plan, 'ours');
      return body === null ? failed('the plan cannot be read') : update(body, plan.effect);
    },
    async release(plan) {
      const [ours, before] = [updateOf(plan, 'ours'), updateOf(plan, 'before')];
      if (ours === null || before === null) return failed('the plan cannot be read');
      const limits = await readLimits(engine, container);
      if (limits === null) return failed(`Docker does not say what limits ${container} has`);
      const isOurs = Object.entries(ours).every(
        ([name, value]) => name === 'CpuPeriod' || limits[name as keyof Limits] === value,
      );
      return isOurs ? update(before, plan.undo ?? '') : succeeded('left as somebody else has set it');
    },
  };
}

async function readLimits(engine: Engine, container: string): Promise<Limits | null> {
  const path = `/containers/${encodeURIComponent(container)}/json`;
  const answer = await engine.ask({ method: 'GET', path, limit: CALL_LIMIT });
  if (answer.kind !== 'answered' || answer.status !== 200) return null;
  try {
    return Limits.parse(JSON.parse(answer.body)).HostConfig;
  } catch {
    return null; // not JSON, or not of this shape: nothing is known then
  }
}

function planOf(
  target: string,
  container: string,
  room: SlowingRoom,
  limits: Limits,
  hostBytes: number,
): ThrottleAnswer {
  const change =
    room.need === 'cpu' ? cpuChange(room.cores ?? 0, limits) : memoryChange(room, limits, hostBytes);
  if (typeof change === 'string') return { kind: 'cannot', reason: `${container} ${change}` };
  const plan: ThrottlePlan = {
    target,
    measure: 'slow',
    effect: `${change.words} for container ${container}`,
    undo: `${change.undo} for container ${container} as before`,
    token: { kind: 'docker', ours: change.ours, before: change.before },
  };
  return { kind: 'can', plan };
}

interface Change {
  readonly ours: Update;
  readonly before: Update;
  readonly words: string;
  readonly undo: string;
}

/** Both ways of saying it exist, and an engine refuses the one while the other is set. */
function cpuChange(cores: number, { NanoCpus, CpuQuota, CpuPeriod }: Limits): Change | string {
  const period = CpuPeriod > 0 ? CpuPeriod : USUAL_PERIOD;
  const has = NanoCpus > 0 ? NanoCpus / NANOS : CpuQuota > 0 ? CpuQuota / period : null;
  if (has !== null && has <= cores) return `is held to ${cpus(has)} already`;
  const words = cpus(cores);
  const undo = has === null ? 'as many cpus as it likes' : cpus(has);
  if (NanoCpus > 0) {
    return { ours: { NanoCpus: Math.round(cores * NANOS) }, before: { NanoCpus }, words, undo };
  }
  const ours = { CpuPeriod: period, CpuQuota: Math.max(1_000, Math.round(cores * period)) };
  return { ours, before: { CpuPeriod: period, CpuQuota: CpuQuota > 0 ? CpuQuota : -1 }, words, undo };
}

function memoryChange(room: SlowingRoom, { Memory, MemorySwap }: Limits, hostBytes: number): Change | string {
  const limit = memoryLimit(room);
  if (limit === null) return 'does not say how much memory it uses';
  if (Memory > 0 && Memory <= limit) return `is held to ${megabytes(Memory)} already`;
  // Swap counts memory too, and must not be less than it.
  const swap = MemorySwap > 0 ? MemorySwap : -1;
  const before = { Memory: Memory > 0 ? Memory : hostBytes, MemorySwap: swap };
  const undo = `${megabytes(before.Memory)}${Memory > 0 ? '' : ', which is all of the host,'}`;
  return { ours: { Memory: limit, MemorySwap: swap }, before, words: megabytes(limit), undo };
}

function cpus(count: number): string {
  return `${Math.round(count * 100) / 100} cpus`;
}

function updateOf(plan: ThrottlePlan, part: 'ours' | 'before'): Update | null {
  const body = plan.token[part];
  if (typeof body !== 'object' || body === null) return null;
  const entries = Object.entries(body).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return entries.length === 0 ? null : Object.fromEntries(entries);
}
