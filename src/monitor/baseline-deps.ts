/** What the baseline commands work on. */
import type { AuditLog, Clock, HttpClient, Live } from '../domain/ports.ts';
import type { RollupReader } from '../domain/rollup.ts';
import type { EpochMs } from '../domain/units.ts';
import type { BaselineBook } from './baseline-book.ts';
import type { MonitorConfig } from './config.ts';
import type { Normals } from './normals.ts';

export interface BaselineDeskDeps {
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly http: HttpClient;
  readonly config: Live<MonitorConfig>;
  readonly rollups: RollupReader;
  readonly book: BaselineBook;
  readonly normals: Pick<Normals, 'band' | 'inForce'>;
  readonly hourOf: (at: EpochMs) => number;
}
