/** Which processes use most, for evidence and reports: read every 15 s, asked from memory. */
import type { TopProcess } from '../domain/anomaly.ts';

export interface ProcessWatch {
  /** Those that used most when last looked, heaviest first; empty while nothing is known. */
  top(): readonly TopProcess[];
}
