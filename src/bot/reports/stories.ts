/**
 * The audit log told as incidents, acts, refusals and decisions: what the figures are made of. Nothing but the log is
 * asked, so that whoever has the log comes to the same figures. Pure.
 */
import { compareSeverity, type Severity } from '../../domain/anomaly.ts';
import type { AuditKind, AuditLine } from '../../domain/ports.ts';
import type { Outcome, Verification } from '../../domain/strategy.ts';
import { type EpochMs, epochMs, fromIso } from '../../domain/units.ts';
import {
  gateOf,
  type IncidentData,
  incidentData,
  isPerson,
  outcomeOf,
  plannedData,
  verificationOf,
} from './audit-data.ts';

export type Ending = 'healed' | 'recovered' | 'by_hand' | 'joined';

export interface IncidentStory {
  readonly id: string;
  readonly title: string;
  readonly target: string | null;
  /** The worst it was. */
  readonly severity: Severity;
  /** When the trouble began, as far as the samples tell. */
  readonly since: EpochMs;
  /** `null`: before the lines that were read. */
  readonly openedAt: EpochMs | null;
  /** When people were called or it was handed to them. */
  readonly pagedAt: EpochMs | null;
  readonly ended: { readonly at: EpochMs; readonly how: Ending } | null;
  /** When fresh evidence said that an action had helped: the last time. */
  readonly helpedAt: EpochMs | null;
  readonly acts: number;
  /** When a person last did something about it: a yes or no, a step, an undo, resolving it. */
  readonly handledAt: EpochMs | null;
  readonly acknowledged: boolean;
  /** A restore or the like that somebody asked for: no trouble of the host. */
  readonly errand: boolean;
}

export interface Act {
  readonly id: string;
  readonly incidentId: string | null;
  readonly at: EpochMs;
  readonly actor: string;
  readonly kind: string;
  readonly effect: string;
  readonly target: string | null;
  readonly strategy: string | null;
  /** Takes an earlier act back. */
  readonly inverse: boolean;
  readonly outcome: Outcome['kind'] | null;
  readonly verification: Verification | null;
}

export interface Refused {
  readonly at: EpochMs;
  readonly gate: string;
  readonly target: string | null;
}

export interface Decision {
  readonly at: EpochMs;
  /** `void`: expired, or ended before anybody answered. */
  readonly verdict: 'approved' | 'denied' | 'refused' | 'void';
}

export interface AuditStories {
  readonly incidents: readonly IncidentStory[];
  readonly acts: readonly Act[];
  readonly refusals: readonly Refused[];
  readonly decisions: readonly Decision[];
  /** What a dry run would have done. */
  readonly proposals: readonly EpochMs[];
  /** When a person started or stopped a worker outside of any incident. */
  readonly workerOrders: readonly EpochMs[];
}

/** @param lines Oldest first. */
export function storiesOf(lines: readonly AuditLine[]): AuditStories {
  const book: Book = {
    incidents: new Map(),
    acts: new Map(),
    refusals: [],
    decisions: [],
    proposals: [],
    workerOrders: [],
  };
  for (const line of lines) READINGS[line.kind]?.(line, epochMs(fromIso(line.time) ?? 0), book);
  return { ...book, incidents: [...book.incidents.values()], acts: [...book.acts.values()] };
}

interface Book {
  readonly incidents: Map<string, IncidentStory>;
  readonly acts: Map<string, Act>;
  readonly refusals: Refused[];
  readonly decisions: Decision[];
  readonly proposals: EpochMs[];
  readonly workerOrders: EpochMs[];
}

type Reading = (line: AuditLine, at: EpochMs, book: Book) => void;

/** Kinds that are not here tell nothing of incidents. */
const READINGS: Readonly<Partial<Record<AuditKind, Reading>>> = {
  incident: readIncident,
  intent: readIntent,
  outcome: (line, _, book) => changeAct(line, book, { outcome: outcomeOf(line) }),
  verification: readVerification,
  refusal(line, at, { refusals }) {
    refusals.push({ at, gate: gateOf(line), target: line.target ?? null });
  },
  approval: readApproval,
  proposal(line, at, { proposals }) {
    if (line.text.startsWith('Dry run')) proposals.push(at);
  },
  command: readCommand,
  worker(line, at, { workerOrders }) {
    if (isPerson(line.actor)) workerOrders.push(at);
  },
};

function readIncident(line: AuditLine, at: EpochMs, book: Book): void {
  const data = incidentData(line);
  const id = line.incidentId;
  if (data === null || id === undefined) return;
  const known = book.incidents.get(id) ?? newStory(line, id, data);
  const severity = compareSeverity(data.severity, known.severity) > 0 ? data.severity : known.severity;
  book.incidents.set(id, {
    ...known,
    severity,
    openedAt: data.change === 'opened' ? at : known.openedAt,
    pagedAt: data.change === 'escalated' ? (known.pagedAt ?? at) : known.pagedAt,
    ended: data.change === 'resolved' ? { at, how: data.how ?? guessedEnding(known) } : null,
  });
}

function newStory(line: AuditLine, id: string, data: IncidentData): IncidentStory {
  return {
    id,
    title: data.title ?? line.text.replace(/^\w+: /, ''),
    target: line.target ?? null,
    severity: data.severity,
    since: epochMs(fromIso(data.since) ?? 0),
    openedAt: null,
    pagedAt: null,
    ended: null,
    helpedAt: null,
    acts: 0,
    handledAt: null,
    acknowledged: false,
    errand: data.errand ?? false,
  };
}

/** Lines of older versions do not say how it ended. */
function guessedEnding({ helpedAt, handledAt }: IncidentStory): Ending {
  if (helpedAt !== null) return 'healed';
  return handledAt === null ? 'recovered' : 'by_hand';
}

/** Backups and throttle steps have intents too; only what is planned for an incident is an act of healing. */
function readIntent(line: AuditLine, at: EpochMs, book: Book): void {
  const data = plannedData(line);
  if (data === null || line.actionId === undefined) return;
  const inverse = data.inverse ?? false;
  book.acts.set(line.actionId, {
    id: line.actionId,
    incidentId: line.incidentId ?? null,
    at,
    actor: line.actor,
    kind: data.plan.action.kind,
    effect: data.plan.effect,
    target: line.target ?? null,
    strategy: line.strategy ?? null,
    inverse,
    outcome: null,
    verification: null,
  });
  changeIncident(line, book, (story) => ({ ...story, acts: story.acts + (inverse ? 0 : 1) }));
  if (isPerson(line.actor)) handled(line, at, book);
}

function readVerification(line: AuditLine, at: EpochMs, book: Book): void {
  const verification = verificationOf(line);
  changeAct(line, book, { verification });
  if (verification === 'helped') changeIncident(line, book, (story) => ({ ...story, helpedAt: at }));
}

function readApproval(line: AuditLine, at: EpochMs, book: Book): void {
  const verdict = verdictOf(line.text);
  book.decisions.push({ at, verdict });
  if (verdict === 'approved' || verdict === 'denied') handled(line, at, book);
}

function verdictOf(text: string): Decision['verdict'] {
  if (text.startsWith('Approved')) return 'approved';
  if (text.startsWith('Denied')) return 'denied';
  return text.startsWith('Refused') ? 'refused' : 'void';
}

/** Looking at an incident is not yet doing something about it. */
function readCommand(line: AuditLine, at: EpochMs, book: Book): void {
  if (!isPerson(line.actor)) return;
  if (line.text.startsWith('Acknowledged'))
    changeIncident(line, book, (story) => ({ ...story, acknowledged: true }));
  else handled(line, at, book);
}

function handled(line: AuditLine, at: EpochMs, book: Book): void {
  changeIncident(line, book, (story) => ({ ...story, handledAt: at }));
}

function changeIncident(
  { incidentId }: AuditLine,
  { incidents }: Book,
  change: (story: IncidentStory) => IncidentStory,
): void {
  const story = incidentId === undefined ? undefined : incidents.get(incidentId);
  if (story !== undefined) incidents.set(story.id, change(story));
}

function changeAct({ actionId }: AuditLine, { acts }: Book, change: Partial<Act>): void {
  const act = actionId === undefined ? undefined : acts.get(actionId);
  if (act !== undefined) acts.set(act.id, { ...act, ...change });
}
