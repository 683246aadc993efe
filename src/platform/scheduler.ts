/**
 * Our own scheduled jobs. A tick a minute asks of each job whether it is due; what is due is decided from records
 * on disk (see job-due.ts).
 *
 * A run is on record before it begins, so one that takes the process with it is not repeated at once. A job that
 * throws is logged and tried again with back-off; each run has a deadline; none runs beside itself.
 */
import { OpsError } from '../domain/errors.ts';
import type { Cancel, Clock, Document, Logger, StateStore } from '../domain/ports.ts';
import { type EpochMs, type Ms, ms, seconds } from '../domain/units.ts';
import { withDeadline } from './deadline.ts';
import { type JobRecord, judgeJob, mendRecord, type Schedule } from './job-due.ts';
import { createMinuteTick, type MinuteTick } from './minute-tick.ts';
import { parseRecords, type Records } from './schedule-records.ts';

/** How long a stop waits for jobs to end by their signal. */
const STOP_LIMIT = seconds(5);

export interface Job {
  /** Names its record on disk: never rename it lightly. */
  readonly name: string;
  /** Read at each tick, so that a reloaded configuration holds. */
  schedule(): Schedule;
  readonly timeLimit: Ms;
  run(signal: AbortSignal): Promise<void>;
}

export interface JobStatus {
  readonly name: string;
  readonly running: boolean;
  readonly lastSuccess: EpochMs | null;
  readonly failures: number;
}

export interface Scheduler {
  /** Jobs are added before `start`. */
  add(job: Job): void;
  start(): Promise<void>;
  /** Ends running jobs by their signal and waits a little for them. */
  stop(): Promise<void>;
  status(): readonly JobStatus[];
}

export interface SchedulerDeps {
  readonly clock: Clock;
  readonly states: StateStore;
  readonly log: Logger;
  readonly timezone: string;
  readonly ticks?: MinuteTick;
}

export function createScheduler(deps: SchedulerDeps): Scheduler {
  return new JobScheduler(deps);
}

class JobScheduler implements Scheduler {
  readonly #deps: SchedulerDeps;
  readonly #jobs = new Map<string, Job>();
  readonly #running = new Map<string, Promise<void>>();
  /** Last success by the monotonic clock, for this life of the process. */
  readonly #succeeded = new Map<string, Ms>();
  readonly #missed = new Set<string>();
  /** What could not be saved still holds for this life of the process. */
  readonly #unsaved = new Map<string, JobRecord>();
  #document: Document<Records> | undefined;
  #stopTicks: Cancel | undefined;
  #ending = new AbortController();

  constructor(deps: SchedulerDeps) {
    this.#deps = deps;
  }

  add(job: Job): void {
    if (this.#jobs.has(job.name)) {
      throw new OpsError('INTERNAL', 'two jobs have one name', { context: { job: job.name } });
    }
    this.#jobs.set(job.name, job);
  }

  async start(): Promise<void> {
    const { clock, log, states } = this.#deps;
    this.#ending = new AbortController();
    this.#document ??= (await states.open('schedule', parseRecords, {})).document;
    const ticks = this.#deps.ticks ?? createMinuteTick({ clock, log });
    if (this.#jobs.size > 0) this.#stopTicks = await ticks(() => this.#tick());
    this.#tick();
  }

  async stop(): Promise<void> {
    this.#stopTicks?.();
    this.#stopTicks = undefined;
    this.#ending.abort(new OpsError('REFUSED', 'Nightshift is stopping'));
    const ended = Promise.allSettled(this.#running.values());
    await withDeadline(this.#deps.clock, { what: 'the scheduled jobs', span: STOP_LIMIT }, () => ended).catch(
      () => this.#deps.log.warn('jobs did not end in time', { jobs: [...this.#running.keys()] }),
    );
  }

  status(): readonly JobStatus[] {
    const now = this.#deps.clock.now();
    return [...this.#jobs.keys()].map((name) => {
      const { lastSuccess, failures } = this.#record(name, now);
      return { name, running: this.#running.has(name), lastSuccess, failures };
    });
  }

  #tick(): void {
    const now = this.#deps.clock.now();
    for (const job of this.#jobs.values()) {
      if (this.#ending.signal.aborted || this.#running.has(job.name)) continue;
      const run = this.#consider(job, now).finally(() => this.#running.delete(job.name));
      this.#running.set(job.name, run);
    }
  }

  /** Never rejects: a job that cannot even be judged is logged and judged again at the next tick. */
  async #consider(job: Job, now: EpochMs): Promise<void> {
    try {
      const record = this.#record(job.name, now);
      await this.#keep(job.name, record);
      const due = judgeJob(job.schedule(), record, now, this.#deps.timezone, this.#sinceSuccess(job.name));
      if (due.kind === 'missed') this.#tellMissed(job.name, due.slot);
      if (due.kind === 'due') await this.#run(job, record, now, due.slot);
    } catch (error) {
      this.#deps.log.error('a job could not be scheduled', { job: job.name, error });
    }
  }

  async #run(job: Job, record: JobRecord, now: EpochMs, slot: string | null): Promise<void> {
    const { clock, log } = this.#deps;
    const tried: JobRecord = { ...record, triedAt: now, failures: record.failures + 1 };
    await this.#save(job.name, tried);
    const begun = clock.monotonic();
    try {
      const limits = { what: `the job ${job.name}`, span: job.timeLimit, signal: this.#ending.signal };
      await withDeadline(clock, limits, (signal) => job.run(signal));
    } catch (error) {
      // A run that we ended ourselves has not failed; it is due again at the next start.
      if (this.#ending.signal.aborted) await this.#save(job.name, record);
      else log.error('a job failed', { job: job.name, failures: tried.failures, error });
      return;
    }
    this.#succeeded.set(job.name, begun);
    const done = { ...tried, lastSuccess: now, lastSlot: slot ?? record.lastSlot, failures: 0 };
    await this.#save(job.name, done);
    log.debug('a job is done', { job: job.name, tookMs: ms(clock.monotonic() - begun) });
  }

  #record(name: string, now: EpochMs): JobRecord {
    const known = this.#unsaved.get(name) ?? this.#document?.value[name];
    const first = { knownSince: now, lastSuccess: null, lastSlot: null, triedAt: null, failures: 0 };
    return known === undefined ? first : mendRecord(known, now, this.#deps.timezone);
  }

  /** A job seen for the first time, or whose record a wrong clock had spoilt, waits from now on. */
  async #keep(name: string, record: JobRecord): Promise<void> {
    const known = this.#unsaved.get(name) ?? this.#document?.value[name];
    if (JSON.stringify(known) !== JSON.stringify(record)) await this.#save(name, record);
  }

  /** A full disk does not keep a job from running (it may be the one that makes room), only from being on record. */
  async #save(name: string, record: JobRecord): Promise<void> {
    this.#unsaved.set(name, record);
    try {
      await this.#document?.update((all) => ({ ...all, [name]: record }));
      this.#unsaved.delete(name);
    } catch (error) {
      this.#deps.log.error('the record of a job could not be saved', { job: name, error });
    }
  }

  #sinceSuccess(name: string): Ms | null {
    const at = this.#succeeded.get(name);
    return at === undefined ? null : ms(this.#deps.clock.monotonic() - at);
  }

  #tellMissed(name: string, slot: string): void {
    const key = `${name} ${slot}`;
    if (this.#missed.has(key)) return;
    this.#missed.add(key);
    this.#deps.log.warn('a daily job was missed and is too late to make up for', { job: name, slot });
  }
}
