/** What the monitor is given by whoever builds it. */
import type { OutsideWatch } from '../domain/outside.ts';
import type {
  AuditLog,
  Clock,
  EventBus,
  HttpClient,
  Live,
  Logger,
  StateStore,
  TargetWatch,
  ThresholdOffsets,
} from '../domain/ports.ts';
import type { QueueReader } from '../domain/queue.ts';
import type { NameLookup } from '../platform/name-lookup.ts';
import type { Detector } from './claim.ts';
import type { MonitorConfig } from './config.ts';
import type { FitThread } from './detect/fit-thread.ts';
import type { TargetOf } from './kinds.ts';
import type { ModelFile } from './live/model-file.ts';
import type { MonitorSources } from './sources.ts';
import type { StoredHistory } from './stored-history.ts';

export interface MonitorDeps {
  readonly clock: Clock;
  readonly bus: EventBus;
  readonly log: Logger;
  readonly http: HttpClient;
  readonly audit: AuditLog;
  readonly states: StateStore;
  /** The same that `http` uses. */
  readonly names: Pick<NameLookup, 'find'>;
  readonly config: Live<MonitorConfig>;
  /** The name under which this host is shown; part of every fingerprint. */
  readonly host: string;
  readonly dataFolder: string;
  /** IANA zone for hours of the day. */
  readonly timezone: string;
  readonly targets: TargetWatch;
  readonly targetOf: TargetOf;
  /** What a target needs to be well, by name; nothing where it is not known. */
  readonly needs?: (target: string) => readonly string[];
  readonly sources: MonitorSources;
  /** The task queues of this host; absent where there are none. */
  readonly queues?: QueueReader;
  /** Where the models are kept; absent = in the data folder. */
  readonly modelFile?: ModelFile;
  /** The history to work on; absent = that of the data folder. */
  readonly stored?: StoredHistory;
  /** Further ways of finding trouble, judged beside the limits and the baseline. */
  readonly detectors?: readonly Detector[];
  readonly offsets?: ThresholdOffsets;
  /** What other systems and cron jobs say. */
  readonly outside?: OutsideWatch;
  /** Where models are fitted; a worker thread. With a virtual clock a fit must not take time. */
  readonly fitThread?: FitThread;
  /** False in a maintenance or a drill: such hours do not teach what is normal. */
  readonly teaching?: () => boolean;
  /** Nobody looks at the evidence: its pictures are left out. */
  readonly withoutCharts?: boolean;
}
