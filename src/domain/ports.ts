/**
 * What the rooms need from outside, as questions that are asked, awaited and may fail. Everything whose
 * result matters goes by a port; facts that are only told are events.
 */
import type { Anomaly } from './anomaly.ts';
import type { Actor } from './approval.ts';
import type { EventOf, OpsEvent, OpsEventType } from './events.ts';
import type { Band, JudgedSample, MetricName, Sample } from './metric.ts';
import type { Errand } from './strategy.ts';
import type { TargetState } from './target.ts';
import type { ApprovalId, EpochMs, IncidentId, Ms } from './units.ts';

/** Time. Durations by `monotonic`, records by `now`; a decision takes `now` once, as an argument. */
export interface Clock {
  now(): EpochMs;
  /** Never set back; starts anywhere. */
  monotonic(): Ms;
  /** Resolves after `span`; rejects with the signal's reason when it aborts first. */
  sleep(span: Ms, signal?: AbortSignal): Promise<void>;
  /** Calls `fn` every `span` without overlap; a call that throws is the caller's to catch. */
  every(span: Ms, fn: () => void | Promise<void>): Cancel;
  /** Calls `fn` once after `span`. */
  in(span: Ms, fn: () => void): Cancel;
  /** A signal that aborts after `span`. */
  deadline(span: Ms): AbortSignal;
}

/** Stops what it was returned for; calling it twice is harmless. */
export type Cancel = () => void;

/** A value that may be swapped while running (configuration after a reload). Read it at each use. */
export interface Live<T> {
  current(): T;
}

export type LogFields = Readonly<Record<string, unknown>>;

/** Structured log. Messages are constant; data goes in fields. Secrets are redacted before the sink. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Counts new chat messages, edits not among them. */
export interface MessageMeter {
  sent(surface: string): void;
  /** Of the busiest surface; 0 where no chat is connected. */
  lastHour(): number;
}

/** Typed publish and subscribe inside this process. `publish` never throws. */
export interface EventBus {
  publish(event: OpsEvent): void;
  on<T extends OpsEventType>(type: T, handler: (event: EventOf<T>) => void | Promise<void>): Cancel;
  onAny(handler: (event: OpsEvent) => void | Promise<void>): Cancel;
}

export const AUDIT_KINDS = [
  'start',
  'stop',
  'incident',
  'proposal',
  'refusal',
  'intent',
  'outcome',
  'verification',
  'approval',
  'command',
  'config',
  'mode',
  'freeze',
  'worker',
  'repair',
] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** One line of the audit log as a room writes it. `text` alone must tell the story at 04:00. */
export interface AuditEntry {
  readonly kind: AuditKind;
  /** `nightshift` for the bot itself, else `<surface>:<person or id>`. */
  readonly actor: string;
  readonly text: string;
  readonly incidentId?: string;
  readonly actionId?: string;
  readonly target?: string;
  readonly strategy?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A line as it stands on disk: sequence and hash chain added. */
export interface AuditLine extends AuditEntry {
  readonly seq: number;
  /** ISO 8601 UTC. */
  readonly time: string;
  /** sha256 of the line before, hex; 64 zeros for the very first. */
  readonly prev: string;
  readonly hash: string;
}

export interface AuditQuery {
  readonly actor?: string;
  readonly incidentId?: string;
  readonly kind?: AuditKind;
  readonly since?: EpochMs;
  readonly text?: string;
  /** Newest lines kept, at most. */
  readonly limit: number;
}

export type AuditVerdict =
  | { readonly kind: 'intact'; readonly lines: number; readonly head: string; readonly files: number }
  | {
      readonly kind: 'broken';
      readonly file: string;
      readonly line: number;
      readonly reason: string;
      readonly linesBefore: number;
    };

/**
 * The audit log. No audit, no action.
 *
 * @throws OpsError `AUDIT_UNWRITABLE` when the line cannot be put on disk.
 */
export interface AuditLog {
  /** Resolves only when the line is on disk (fdatasync for intent, approval, outcome, mode and freeze). */
  append(entry: AuditEntry): Promise<AuditLine>;
  query(query: AuditQuery): Promise<readonly AuditLine[]>;
  verify(): Promise<AuditVerdict>;
  /** False while lines cannot be written: then nothing may act. */
  isWritable(): boolean;
}

/** Fresh evidence and history of metrics. */
export interface MetricReader {
  /** Samples of the last `span`, oldest first; empty for an unknown metric. */
  recent(metric: MetricName, span: Ms): readonly Sample[];
  /** Samples strictly newer than `since`, each judged against the band of its moment. */
  judgedSince(metric: MetricName, since: EpochMs): readonly JudgedSample[];
  latest(metric: MetricName): Sample | undefined;
  band(metric: MetricName): Band;
  metrics(): readonly MetricName[];
  /** Anomalies that are confirmed and not cleared now. */
  activeAnomalies(): readonly Anomaly[];
}

/** Where the optimizer would have the band: k robust deviations wide. `null` = as configured. */
export interface ThresholdOffsets {
  current(metric: MetricName, now: EpochMs): number | null;
}

/** What monitor watches on behalf of the targets: asked each beat, answers from memory, never blocks. */
export interface TargetWatch {
  states(): readonly TargetState[];
}

/** A small durable document. `update` resolves when it is on disk (fsync of file and directory). */
export interface Document<T> {
  readonly value: T;
  update(change: (value: T) => T): Promise<T>;
}

/** How a document was read at start. */
export type DocumentOrigin = 'fresh' | 'main' | 'backup' | 'defaults';

export interface OpenedDocument<T> {
  readonly document: Document<T>;
  /** `defaults` = unreadable and no usable backup: healing must pause and say so. */
  readonly origin: DocumentOrigin;
  /** What was found, where it was put aside; empty when all was well. */
  readonly warning: string;
}

/** Validates unknown data into `T` or throws; a zod schema's `parse` fits. */
export type Parse<T> = (data: unknown) => T;

export interface StateStore {
  open<T>(name: string, parse: Parse<T>, defaults: T): Promise<OpenedDocument<T>>;
}

export interface CommandRequest {
  /** Absolute program first; never a shell, never joined. */
  readonly argv: readonly string[];
  readonly timeLimit: Ms;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Told as soon as it runs: the leader of its process group. */
  readonly onStart?: (pid: number) => void;
  /** Each line it writes, redacted and inert, while it runs. */
  readonly onLine?: (line: string) => void;
  /** 0 to 19, as of nice(1); the group inherits it. */
  readonly niceness?: number;
}

/** How a command ended. Output is capped, ANSI stripped, secrets redacted. */
export type CommandResult =
  | { readonly kind: 'exited'; readonly code: number; readonly output: string; readonly took: Ms }
  | { readonly kind: 'killed'; readonly signal: string; readonly output: string; readonly took: Ms }
  | { readonly kind: 'timed_out'; readonly output: string; readonly took: Ms }
  /** fork or exec failed: unknown, never "not running". */
  | { readonly kind: 'not_started'; readonly reason: string };

export interface CommandRunner {
  run(request: CommandRequest): Promise<CommandResult>;
}

export interface HttpRequest {
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeLimit: Ms;
  readonly signal?: AbortSignal;
}

export type HttpResult =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly body: string;
      /** Names in lower case; absent where the client does not tell them. */
      readonly headers?: Readonly<Record<string, string>>;
      /** What a `Retry-After` header in seconds asks for. */
      readonly retryAfter?: Ms;
      readonly took: Ms;
    }
  | { readonly kind: 'timed_out'; readonly took: Ms }
  | { readonly kind: 'failed'; readonly reason: string; readonly took: Ms };

/** One request, one answer, one deadline that holds whatever the other side does. No retries. */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpResult>;
}

/** Seeded where a test needs it; jitter, ids. */
export interface Random {
  /** 0 ≤ x < 1 */
  next(): number;
  /** `bytes` random bytes as lower-case hex, from the system's secure source. */
  hex(bytes: number): string;
}

/** Work that needs a yes and is no healing, exactly as people are shown it. */
export interface ErrandRequest {
  readonly errand: Errand;
  /** `Restore config from 20261122T033000Z` */
  readonly title: string;
  /** Exactly what will run. */
  readonly effect: string;
  /** Why it is asked for, and what it would change, in a few sentences. */
  readonly why: string;
  readonly undo: string | null;
  /** Over everything that was shown and everything it depends on; another hash voids the yes. */
  readonly hash: string;
  readonly requestedBy: Actor;
}

export type ErrandAsked =
  | {
      readonly kind: 'asked';
      readonly approvalId: ApprovalId;
      readonly incidentId: IncidentId;
      readonly expiresAt: EpochMs;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** One approval for all doors: its card has a thread of its own, in which the outcome is told. */
export interface ApprovalGate {
  /** On disk when it resolves. Once approved, the `ErrandRunner` is called, once. */
  ask(request: ErrandRequest): Promise<ErrandAsked>;
}

export type ErrandEnd =
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'failed'; readonly reason: string };

/** Carries out what was approved. */
export interface ErrandRunner {
  /** The hash of what would run now, or why it cannot run any more. Answers from memory. */
  hashOf(
    errand: Errand,
  ): { readonly kind: 'hash'; readonly hash: string } | { readonly kind: 'gone'; readonly reason: string };
  /** Ends with the run, also with one that waits for people in between. `tell` adds a line to the thread. */
  run(errand: Errand, by: Actor, tell: (line: string) => void): Promise<ErrandEnd>;
  /** After a restart: what became of one that was running. */
  settled(errand: Errand): Promise<ErrandEnd>;
}
