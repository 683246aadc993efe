/** What a task queue looks like from outside: the port that monitoring asks on each beat. */

/** One queue now. `null` = unknown. */
export interface QueueReading {
  readonly queue: string;
  /** Tasks that wait, delayed ones not counted. */
  readonly depth: number | null;
  /** Age of the oldest task that waits and is due, in seconds; 0 where none waits. */
  readonly oldestSeconds: number | null;
  /** Tasks done in the last minute. */
  readonly donePerMinute: number | null;
}

/** Asked on each beat under a deadline; a queue that cannot be read has unknown figures and stays in the list. */
export interface QueueReader {
  queues(): Promise<readonly QueueReading[]>;
}
