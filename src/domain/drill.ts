/**
 * Drills: faults put into a sandbox on purpose, and what the bot made of them. Times are measured from the moment
 * of the fault; what was never seen is `null`, never 0.
 */
import type { EpochMs, Ms, Ratio } from './units.ts';

export const DRILL_FAULTS = [
  'killed',
  'hung',
  'crash_loop',
  'leak',
  'cpu',
  'slow',
  'errors',
  'disk',
  'stuck_queue',
  'poisoned_cache',
  'dependency_down',
  'flapping',
  'incurable',
] as const;
export type DrillFault = (typeof DRILL_FAULTS)[number];

/** One entry of the catalogue, in words. */
export interface DrillFaultView {
  readonly fault: DrillFault;
  readonly label: string;
  readonly summary: string;
  /** A hard fault is plain at once (down, hung); a soft one shows in figures. */
  readonly kind: 'hard' | 'soft';
  /** What must come of it: healed without people, or handed to a person without doing harm. */
  readonly mustEnd: 'healed' | 'handed_over';
}

/** One fault, once; `control` is the same time without a fault. */
export interface DrillTrial {
  readonly fault: DrillFault | 'control';
  readonly repetition: number;
  readonly startedAt: EpochMs;
  readonly ending: 'healed' | 'handed_over' | 'calm' | 'missed';
  readonly detected: Ms | null;
  /** Until fresh evidence said that it is well again. */
  readonly recovered: Ms | null;
  readonly actions: number;
  /** Actions on what was not sick, before the fault, or that nobody wrote down beforehand. */
  readonly wrongActions: number;
  readonly paged: boolean;
  /** Exits of the worker until its supervisor stopped it; `null` where that is not the question. */
  readonly exits: number | null;
  readonly note: string;
}

export interface DrillTimes {
  readonly count: number;
  readonly p50: Ms | null;
  readonly p95: Ms | null;
}

export interface DrillFigures {
  /** Mean times over all faults that were seen, and healed. */
  readonly mttd: Ms | null;
  readonly mttr: Ms | null;
  readonly detectHard: DrillTimes;
  readonly detectSoft: DrillTimes;
  readonly recover: DrillTimes;
  readonly healable: number;
  readonly healed: number;
  readonly healedShare: Ratio | null;
  readonly handOvers: number;
  readonly handedOver: number;
  readonly actions: number;
  readonly wrongActions: number;
  readonly pages: number;
  /** `null`: there was no control period. */
  readonly controlActions: number | null;
}

export interface DrillReport {
  readonly id: string;
  readonly startedAt: EpochMs;
  readonly finishedAt: EpochMs;
  readonly by: string;
  readonly fault: DrillFault | null;
  readonly repeat: number;
  readonly trials: readonly DrillTrial[];
  readonly figures: DrillFigures;
  /** What did not come up to its bar, in words; empty when all did. */
  readonly misses: readonly string[];
  /** True when everything ended as it must and nothing healthy was touched, whatever the times. */
  readonly passed: boolean;
}

export interface DrillProgress {
  readonly startedAt: EpochMs;
  readonly by: string;
  readonly done: number;
  readonly total: number;
  /** What is under way. */
  readonly now: readonly string[];
  /** As far as the faults so far tell. */
  readonly left: Ms;
}

export interface DrillStatus {
  readonly running: DrillProgress | null;
  readonly last: DrillReport | null;
  /** The one before, to compare with: of the same faults. */
  readonly before: DrillReport | null;
  /** Why the last run did not come to its end; `null` when it did. */
  readonly failure: string | null;
}

export interface DrillRequest {
  readonly fault: DrillFault | null;
  readonly repeat: number;
}
