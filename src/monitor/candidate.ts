/** A likely cause before the ranking. */
import type { LikelyCause } from '../domain/anomaly.ts';

/** A cause with how well it fits; only the order is told. */
export interface Candidate extends LikelyCause {
  readonly weight: number;
}
