/**
 * The one loop: once a second. Ends what has an end, asks for a step wherever something may be due, and now and
 * then tidies up. It decides nothing itself.
 */
import { describeError } from '../../domain/errors.ts';
import { isLive } from '../../domain/incident.ts';
import { type Ms, ms, seconds } from '../../domain/units.ts';
import { NIGHTSHIFT } from '../actors.ts';
import type { Core } from './core.ts';
import type { IntakeQueue } from './intake-queue.ts';
import { findMissed } from './reconcile.ts';
import { dropOrphanedRequests } from './resume.ts';
import type { StepQueue } from './step-queue.ts';
import { hasDueUndo, undoDue } from './undo.ts';

export const BEAT: Ms = seconds(1);
/** A longer gap between two beats means that we slept, not that time went by for anybody to act in. */
const SLEPT: Ms = seconds(15);
const RECONCILE_EVERY = 5;
const TIDY_EVERY = 60;

export interface TickDeps {
  readonly core: Core;
  readonly queue: StepQueue;
  readonly intake: IntakeQueue;
  /** Settles what a crash left behind, where that could not be done at the start. */
  resumeIfNeeded(): Promise<void>;
}

export function createTick({ core, queue, intake, resumeIfNeeded }: TickDeps): () => Promise<void> {
  const { deps } = core;
  let beat = 0;
  let last = deps.clock.monotonic();

  const parts: readonly { readonly name: string; readonly every: number; run(): void | Promise<void> }[] = [
    { name: 'resume', every: 1, run: resumeIfNeeded },
    { name: 'announce', every: 1, run: () => core.incidents.announce() },
    { name: 'switches', every: 1, run: () => endSwitches(core) },
    { name: 'approvals', every: 1, run: () => endApprovals(core) },
    { name: 'reconcile', every: RECONCILE_EVERY, run: () => takeMissed(core, intake) },
    { name: 'tidy', every: TIDY_EVERY, run: () => tidy(core) },
    { name: 'steps', every: 1, run: () => pokeAll(core, queue) },
  ];

  return async () => {
    const now = deps.clock.monotonic();
    const gap = ms(now - last);
    last = now;
    if (gap > SLEPT) core.deadlines.shift(ms(gap - BEAT));
    beat += 1;
    for (const part of parts) {
      if (beat % part.every !== 0) continue;
      try {
        await part.run();
      } catch (cause) {
        deps.log.error('part of the healing loop failed', { part: part.name, error: describeError(cause) });
      }
    }
  };
}

async function endSwitches(core: Core): Promise<void> {
  const { freeze, mode } = await core.switches.expire();
  const { bus, audit } = core.deps;
  if (freeze !== null) {
    await audit.append({ kind: 'freeze', actor: NIGHTSHIFT, text: 'The freeze is over' });
    bus.publish({ type: 'freeze.changed', freeze: null, by: null });
  }
  if (mode !== null) {
    await audit.append({ kind: 'mode', actor: NIGHTSHIFT, text: `Mode ${mode} again` });
    bus.publish({ type: 'mode.changed', mode, by: null });
  }
  if (freeze !== null || mode !== null) lookAtHeld(core);
}

async function endApprovals(core: Core): Promise<void> {
  for (const { incidentId } of await core.approvals.expire()) core.poke(incidentId);
}

async function takeMissed(core: Core, intake: IntakeQueue): Promise<void> {
  await Promise.all(findMissed(core).map((arrival) => intake.arrive(arrival)));
}

async function tidy(core: Core): Promise<void> {
  core.deadlines.sweep();
  await dropOrphanedRequests(core);
  await core.incidents.archive(core.deps.config.current().reopenWithin);
  const known = new Set<string>(core.incidents.records().map(({ incident }) => incident.id));
  for (const id of core.nextLook.keys()) if (!known.has(id)) core.nextLook.delete(id);
}

function pokeAll(core: Core, queue: StepQueue): void {
  for (const record of core.incidents.records()) {
    const { id } = record.incident;
    if (queue.isPutOff(id)) continue;
    if (isLive(record.incident)) queue.poke(id);
    if (hasDueUndo(core, record)) {
      queue
        .run(id, () => undoDue(core, id))
        .catch((cause: unknown) => {
          core.deps.log.error('inverse failed', { incidentId: id, error: describeError(cause) });
        });
    }
  }
}

/** A gate may have opened: everybody who is held is looked at now. */
export function lookAtHeld(core: Core): void {
  for (const { incident } of core.incidents.records()) {
    if (incident.state.kind !== 'held') continue;
    core.nextLook.set(incident.id, core.deps.clock.monotonic());
    core.poke(incident.id);
  }
}
