/**
 * What the steps of the state machine share: the doors, the stores, and the few things that live in memory only
 * because losing them in a crash costs nothing.
 */
import type { EventOf, Mode } from '../../domain/events.ts';
import type {
  AuditLog,
  Clock,
  CommandRunner,
  ErrandRunner,
  EventBus,
  HttpClient,
  Live,
  Logger,
  MetricReader,
  Random,
  StateStore,
} from '../../domain/ports.ts';
import type { Ms } from '../../domain/units.ts';
import type { WorkerPool } from '../../domain/worker.ts';
import type { Actions } from '../actions/index.ts';
import type { Approvals } from '../approvals.ts';
import type { HealingConfig } from '../config.ts';
import type { Deadlines } from '../deadlines.ts';
import type { SelfState } from '../guard.ts';
import type { Incidents } from '../incidents.ts';
import type { Interlock } from '../interlocks.ts';
import type { Lane } from '../lane.ts';
import type { Ledger } from '../ledger.ts';
import type { ReadBootTime } from '../steady-moments.ts';
import type { Switches } from '../switches.ts';
import type { Targets } from '../targets/registry.ts';

/** The worker that its supervisor stopped for good. */
export type GaveUp = Pick<EventOf<'worker.gave_up'>, 'worker' | 'reason' | 'evidence'>;

export interface HealerDeps {
  readonly clock: Clock;
  readonly bus: EventBus;
  readonly log: Logger;
  readonly audit: AuditLog;
  readonly states: StateStore;
  readonly metrics: MetricReader;
  readonly commands: CommandRunner;
  readonly http: HttpClient;
  readonly random: Random;
  readonly config: Live<HealingConfig>;
  readonly targets: Targets;
  readonly pool: WorkerPool;
  readonly host: string;
  readonly timezone: string;
  readonly dataFolder: string;
  /** The mode of bot.json or the command line, under what `/ops mode` set. */
  readonly mode: () => Mode;
  /** How many mapped people hold the approver role. */
  readonly people: () => number;
  readonly selfState: () => SelfState;
  /** Deploys, backups and restores that are under way. */
  readonly interlocks: () => readonly Interlock[];
  /** Carries out restores and deletes that were approved. */
  readonly errands: ErrandRunner;
  readonly githubToken: () => string | null;
  readonly redact: (text: string) => string;
  readonly configHash: () => string;
  readonly hasProgram: (path: string) => boolean;
  /** Time since boot: what was spent stays spent over a restart, whatever the wall clock does. */
  readonly bootTime?: ReadBootTime;
}

export interface Core {
  readonly deps: HealerDeps;
  readonly incidents: Incidents;
  readonly approvals: Approvals;
  readonly ledger: Ledger;
  readonly switches: Switches;
  readonly lane: Lane;
  readonly deadlines: Deadlines;
  readonly actions: Actions;
  /** Errands that run in this process. */
  readonly errands: Set<string>;
  /** Aborts when Nightshift leaves and can wait no longer. */
  readonly leaving: AbortSignal;
  /** False until everything a crash left behind is settled: before that nothing may act. */
  isResumed(): boolean;
  /** Asks for a step of this incident soon. */
  poke(id: string): void;
  /** When a held incident is worth another look, by the monotonic clock; absent = as its record says. */
  readonly nextLook: Map<string, Ms>;
}
