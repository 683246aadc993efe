/** Builds the engine in the order in which its parts need one another, brings it up, and takes it down. */
import { describeError } from '../../domain/errors.ts';
import type { Clock } from '../../domain/ports.ts';
import { after, type Ms, seconds } from '../../domain/units.ts';
import { createActions } from '../actions/index.ts';
import { NIGHTSHIFT } from '../actors.ts';
import { openApprovals } from '../approvals.ts';
import { createDeadlines } from '../deadlines.ts';
import { openIncidents } from '../incidents.ts';
import { createLane } from '../lane.ts';
import { openLedger } from '../ledger.ts';
import { createSnapshotTaker } from '../snapshot.ts';
import { createSwitchOrders, type SwitchOrders } from '../switch-orders.ts';
import { LONGEST_SWITCH, openSwitches } from '../switches.ts';
import type { Core, HealerDeps } from './core.ts';
import { createIntakeQueue, type IntakeQueue } from './intake-queue.ts';
import { resume } from './resume.ts';
import { step } from './step.ts';
import { createStepQueue, type StepQueue } from './step-queue.ts';
import { BEAT, createTick, lookAtHeld } from './tick.ts';

/** Between two attempts to settle what a crash left behind, while the log cannot be written. */
const RESUME_AGAIN: Ms = seconds(30);
/** After the bound, what still runs is told to end and gets this long to be put on record. */
const LAST_WORDS: Ms = seconds(1);

export interface Running {
  readonly core: Core;
  readonly queue: StepQueue;
  readonly intake: IntakeQueue;
  readonly orders: SwitchOrders;
  complaints(): readonly string[];
  stop(within: Ms): Promise<void>;
}

export async function startHealing(deps: HealerDeps): Promise<Running> {
  const { clock } = deps;
  const leaving = new AbortController();
  const resumption = createResumption(deps);
  const core = await openCore(deps, leaving.signal, resumption.isDone, (id) => queue.poke(id));
  const queue = createStepQueue((id) => step(core, id), deps);
  const lost = await pauseIfLost(core);
  await resumption.run(core);
  await core.approvals.expire();
  const intake = createIntakeQueue(core);
  const orders = createSwitchOrders({
    ...deps,
    switches: core.switches,
    targets: () => deps.targets.names(),
    configuredMode: deps.mode,
    onLoosened: () => lookAtHeld(core),
  });
  const tick = createTick({ core, queue, intake, resumeIfNeeded: () => resumption.run(core) });
  const cancel = clock.every(BEAT, tick);

  return {
    core,
    queue,
    intake,
    orders,
    complaints: () => [
      ...lost,
      ...(resumption.isDone() ? [] : ['what a crash left behind is not settled; healing waits']),
      ...(deps.audit.isWritable() ? [] : ['the audit log cannot be written; healing waits']),
    ],
    async stop(within) {
      cancel();
      const ended = Promise.all([intake.idle(), queue.stop()]);
      await waitAtMost(clock, within, ended);
      leaving.abort();
      await waitAtMost(clock, LAST_WORDS, ended);
    },
  };
}

async function waitAtMost(clock: Clock, span: Ms, work: Promise<unknown>): Promise<void> {
  const enough = new AbortController();
  const timeout = clock.sleep(span, enough.signal).catch(() => {}); // cancelled: the work was done in time
  await Promise.race([work, timeout]);
  enough.abort();
}

async function openCore(
  deps: HealerDeps,
  leaving: AbortSignal,
  isResumed: () => boolean,
  poke: (id: string) => void,
): Promise<Core> {
  const { clock, states } = deps;
  const deadlines = createDeadlines(clock);
  const actions = createActions({ ...deps, snapshots: createSnapshotTaker(deps) });
  return {
    deps,
    deadlines,
    actions,
    lane: createLane(),
    errands: new Set(),
    incidents: await openIncidents(deps),
    approvals: await openApprovals({ ...deps, deadlines }),
    ledger: await openLedger(states, clock, deps.bootTime),
    switches: await openSwitches(states, deadlines, deps.mode),
    leaving,
    isResumed,
    poke,
    nextLook: new Map(),
  };
}

/** Settles what was left behind, once; where the log cannot be written yet, it is tried again. */
function createResumption({ clock, log, bus }: HealerDeps): {
  isDone(): boolean;
  run(core: Core): Promise<void>;
} {
  let isDone = false;
  let again = -Infinity;
  return {
    isDone: () => isDone,
    async run(core) {
      if (isDone || clock.monotonic() < again) return;
      again = clock.monotonic() + RESUME_AGAIN;
      try {
        await resume(core);
        isDone = true;
      } catch (cause) {
        log.error('what a crash left behind could not be settled', { error: describeError(cause) });
        bus.publish({
          type: 'self.unhealthy',
          part: 'healing',
          reason: 'its last state could not be settled',
        });
      }
    },
  };
}

/** State that could not be read is not guessed: healing pauses until a person has looked. */
async function pauseIfLost({
  deps,
  incidents,
  approvals,
  ledger,
  switches,
}: Core): Promise<readonly string[]> {
  const documents = { approvals: approvals.stored, ledger: ledger.stored, switches: switches.stored };
  const lost = [
    ...(incidents.isLost ? ['incidents'] : []),
    ...Object.entries(documents).flatMap(([name, { origin }]) => (origin === 'defaults' ? [name] : [])),
  ];
  const warnings = [
    ...incidents.warnings,
    ...Object.values(documents).flatMap(({ warning }) => (warning === '' ? [] : [warning])),
  ];
  for (const warning of warnings) deps.log.warn('state document was mended', { warning });
  if (lost.length === 0) return [];

  const reason = `state could not be read: ${lost.join(', ')}`;
  const until = after(deps.clock.now(), LONGEST_SWITCH);
  const freeze = { scope: 'healing', until, by: NIGHTSHIFT, reason } as const;
  await switches.update((data) => ({ ...data, freeze: data.freeze ?? freeze }));
  deps.bus.publish({ type: 'self.unhealthy', part: 'state', reason });
  deps.bus.publish({ type: 'freeze.changed', freeze, by: null });
  try {
    await deps.audit.append({ kind: 'freeze', actor: NIGHTSHIFT, text: `Healing is paused: ${reason}` });
  } catch (cause) {
    deps.log.error('pause could not be logged', { error: describeError(cause) });
  }
  return [reason];
}
