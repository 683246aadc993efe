/**
 * The monitor over stored rows instead of live samples: the same judging, baselines and evidence. It records nothing
 * and looks at nothing that is later than the row in hand.
 */
import type {
  AuditLog,
  Clock,
  EventBus,
  HttpClient,
  Live,
  Logger,
  StateStore,
  TargetWatch,
} from '../domain/ports.ts';
import { ms } from '../domain/units.ts';
import { assembleMonitor } from './assembly.ts';
import type { MonitorConfig } from './config.ts';
import { createSameThreadFit } from './detect/same-thread-fit.ts';
import type { StoredRow } from './history-rows.ts';
import type { TargetOf } from './kinds.ts';
import type { ModelFile } from './live/model-file.ts';
import type { Reader } from './reader.ts';
import { STALE_INTERVALS } from './sampler.ts';
import type { StoredHistory } from './stored-history.ts';

/** What a replay learns is gone with it. */
const NO_FILE: ModelFile = { read: async () => null, write: async () => {} };

export interface ReplayMonitorDeps {
  readonly clock: Clock;
  readonly bus: EventBus;
  readonly log: Logger;
  readonly http: HttpClient;
  readonly audit: AuditLog;
  readonly states: StateStore;
  readonly config: Live<MonitorConfig>;
  readonly host: string;
  readonly timezone: string;
  readonly targets: TargetWatch;
  readonly targetOf: TargetOf;
  readonly needs: (target: string) => readonly string[];
  readonly stored: StoredHistory;
}

export interface ReplayMonitor {
  readonly reader: Reader;
  /** Learns what was normal before the first row. */
  learn(): Promise<void>;
  /** Judges one row at the moment the clock shows. */
  take(row: StoredRow): void;
}

export function createReplayMonitor(deps: ReplayMonitorDeps): ReplayMonitor {
  const { clock, stored } = deps;
  const parts = assembleMonitor(
    {
      ...deps,
      withoutCharts: true,
      fitThread: createSameThreadFit(),
      modelFile: NO_FILE,
      dataFolder: '',
      names: { find: async () => [] },
      sources: {
        collectors: [],
        readProcess: () => null,
        processes: { top: () => [] },
        inventory: async () => null,
        stop() {},
      },
      stored: {
        history: { ...stored.history, record() {} },
        rollups: { ...stored.rollups, add() {} },
        bands: { ...stored.bands, record() {} },
      },
    },
    () => null,
  );
  let last: number | null = null;

  return {
    reader: parts.reader,
    async learn() {
      parts.normals.learnAll(stored.rollups.metrics(), { at: clock.now(), monotonic: clock.monotonic() });
      await parts.keeper.start();
    },
    take({ at, values }) {
      const late = last !== null && at - last > STALE_INTERVALS * deps.config.current().interval;
      last = at;
      const readings = [...values].map(([metric, value]) => ({ metric, value: late ? null : value }));
      parts.book.take({ at, monotonic: ms(clock.monotonic()), late, readings });
    },
  };
}
