/** The controls that look back and tune: limits, baselines, replays. Glue over the monitor's facades. */
import type { OpsControls } from '../domain/controls.ts';
import type { AuditLog, Clock } from '../domain/ports.ts';
import type { LimitBook } from '../monitor/limit-book.ts';
import { createLimitDesk } from '../monitor/limit-desk.ts';
import type { Monitor } from '../monitor/monitor.ts';
import type { Environment } from './environment.ts';
import type { LiveConfig } from './live-config.ts';
import { createReplayDesk } from './replay-desk.ts';
import type { ReplayThread } from './replay-thread.ts';

export interface LookingBackDeps {
  readonly env: Environment;
  readonly live: LiveConfig;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly timezone: string;
  readonly monitor: Monitor;
  readonly limits: LimitBook;
  readonly replays: ReplayThread;
}

export function lookingBack(deps: LookingBackDeps): Pick<OpsControls, 'limits' | 'baselines' | 'replays'> {
  const { monitor, limits, live } = deps;
  return {
    limits: createLimitDesk({
      ...deps,
      book: limits,
      config: live.room('monitor'),
      known: {
        metrics: monitor.metrics,
        value: (metric) => monitor.latest(metric)?.value ?? null,
        learnt: monitor.learnt,
      },
    }),
    baselines: monitor.baselines,
    replays: createReplayDesk({
      ...deps,
      current: () => ({
        config: { ...live.current(), monitor: limits.config.current() },
        hash: live.hash(),
      }),
      run: deps.replays.run,
    }),
  };
}
