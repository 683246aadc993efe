/** What the optimizer is given by whoever builds it. */
import type { LoadHistory } from '../domain/optimizer.ts';
import type { AuditLog, Clock, EventBus, Live, Logger, StateStore } from '../domain/ports.ts';
import type { QueueBrake, TargetThrottle } from '../domain/throttle.ts';
import type { Ms } from '../domain/units.ts';
import type { HostSize } from './budget-watch.ts';
import type { OptimizerConfig } from './config.ts';
import type { HourOfWeek } from './week.ts';

export interface OptimizerDeps {
  readonly config: Live<OptimizerConfig>;
  readonly clock: Clock;
  readonly bus: Pick<EventBus, 'publish'>;
  readonly log: Logger;
  readonly audit: AuditLog;
  readonly states: StateStore;
  readonly history: LoadHistory;
  readonly queues: QueueBrake;
  readonly targets: TargetThrottle;
  /** False where no bot runs: budgets are shown, nothing is slowed or given back. */
  readonly throttles: boolean;
  /** Every target, critical ones too: they may have a budget, but are never slowed. */
  readonly targetNames: () => readonly string[];
  readonly size: HostSize;
  /** Between two beats. */
  readonly interval: () => Ms;
  /** The width of the normal band as configured. */
  readonly configuredSigmas: () => number;
  readonly hourOfWeek: HourOfWeek;
  readonly isProduction: () => boolean;
  /** True under a freeze of `all` or `optimizer`. */
  readonly isFrozen: () => boolean;
  /** Why a target, or the host, must be left alone: maintenance, a restore, a manual stop. */
  readonly leaveAlone: (target: string | null) => string | null;
  /** Chat messages of the last hour; `null` = not known. */
  readonly messages: () => number | null;
}
