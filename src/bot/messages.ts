/**
 * An incident in the words of a card. Pure: the same stored state gives the same card, byte for byte, so that
 * any surface can be repaired from it at any time; spans are therefore counted to `updatedAt`, never to now.
 */
import type { Severity } from '../domain/anomaly.ts';
import type { Approval } from '../domain/approval.ts';
import { assertNever } from '../domain/errors.ts';
import { type Incident, isLive, stateWord } from '../domain/incident.ts';
import { isErrand } from '../domain/strategy.ts';
import { type EpochMs, elapsed } from '../domain/units.ts';
import { actionPhrase, sentenceEnd } from './action-words.ts';
import type { Card, CardButton, CardStamp, CardTone } from './card.ts';
import { factsOf } from './card-facts.ts';
import { clipped, spanWords, zonedTime } from './figures.ts';

const LONGEST_TITLE = 150;
const LONGEST_TEXT = 400;

/** Puts a moment into the reader's words. */
type At = (moment: EpochMs) => string;

/** One step of an approval must not look like one step of its incident: versions are counted apart. */
const APPROVAL_STEPS = 16;

const SEVERITY_TONE: Readonly<Record<Severity, CardTone>> = {
  info: 'info',
  warning: 'warn',
  critical: 'crit',
};

export interface CardContext {
  readonly timezone: string;
  /** Base of the console's address for the link, or `null`. */
  readonly consoleUrl: string | null;
}

/**
 * The card of an incident.
 *
 * @param approval The newest approval of the incident, pending or decided; `null` where none was ever asked.
 */
export function incidentCard(incident: Incident, approval: Approval | null, context: CardContext): Card {
  const pending = approval?.state.kind === 'pending' && isLive(incident) ? approval : null;
  const at = (moment: EpochMs): string => zonedTime(moment, context.timezone, incident.updatedAt);
  return {
    key: incident.id,
    version: cardVersion(incident, approval),
    tone: toneOf(incident),
    word: stateWord(incident.state),
    severity: incident.severity,
    title: clipped(incident.title, LONGEST_TITLE),
    lead: clipped(leadOf(incident, pending, at), LONGEST_TEXT),
    facts: factsOf(incident, pending, at),
    code: pending === null ? null : clipped(pending.plan.effect, LONGEST_TEXT),
    next: clipped(nextWords(incident, pending, at), LONGEST_TEXT),
    buttons: buttonsOf(incident, pending),
    expiresAt: pending?.expiresAt ?? null,
    stamp: approval === null ? null : stampOf(approval, at),
    link: linkOf(incident, context),
    page: incident.pagedAt !== null && isLive(incident),
  };
}

/** `Critical · Waiting: billing-api is slow`, the title line wherever a card is only text. */
export function titleLine(card: Pick<Card, 'severity' | 'word' | 'title'>): string {
  return `${severityWord(card.severity)} · ${card.word}: ${card.title}`;
}

export function severityWord(severity: Severity): string {
  return { info: 'Info', warning: 'Warning', critical: 'Critical' }[severity];
}

/** Grows with every change of the incident and with every step of its approval in between. */
function cardVersion(incident: Incident, approval: Approval | null): number {
  if (approval === null) return incident.version * APPROVAL_STEPS;
  const decided = approval.state.kind === 'pending' ? 0 : 1;
  return incident.version * APPROVAL_STEPS + Math.min(7, approval.decisions.length) * 2 + decided;
}

function toneOf(incident: Incident): CardTone {
  switch (incident.state.kind) {
    case 'open':
      return SEVERITY_TONE[incident.severity];
    case 'healing':
    case 'verifying':
      return 'info';
    case 'awaiting_approval':
    case 'held':
      return 'warn';
    case 'escalated':
      return 'crit';
    case 'resolved':
      return 'ok';
  }
}

/** What is wrong, or why somebody asks for something; once it is over, how it ended. */
function leadOf(incident: Incident, pending: Approval | null, at: At): string {
  const { state } = incident;
  if (state.kind === 'resolved') return overWords(incident, state, at);
  if (pending !== null && isErrand(pending.plan)) return sentenceEnd(pending.why);
  return incident.anomalies[0]?.summary ?? sentenceEnd(incident.title);
}

function nextWords(incident: Incident, pending: Approval | null, at: At): string {
  const { state } = incident;
  switch (state.kind) {
    case 'open':
      return 'Looking for what may help.';
    case 'healing':
      return 'Acting now; then it is checked with fresh samples.';
    case 'awaiting_approval':
      return pending === null
        ? 'The answer is being carried out.'
        : `No answer by ${at(pending.expiresAt)} means no${isErrand(pending.plan) ? ': nothing is changed.' : ', and people are paged.'}`;
    case 'held':
      return `${sentenceEnd(state.reason)}${state.retryAt === null ? '' : ` Tried again at ${at(state.retryAt)}.`}`;
    case 'verifying':
      return `Checking with fresh samples until ${at(state.until)}.`;
    case 'escalated':
      return `A person is needed: ${sentenceEnd(state.reason)}`;
    case 'resolved':
      return 'Nothing to do.';
    default:
      return assertNever(state);
  }
}

function overWords(
  incident: Incident,
  state: Extract<Incident['state'], { kind: 'resolved' }>,
  at: At,
): string {
  const took = spanWords(elapsed(incident.since, state.at));
  const reason = state.reason === '' ? '' : ` ${sentenceEnd(state.reason)}`;
  switch (state.how) {
    case 'healed':
      return `Healed at ${at(state.at)} after ${took}.${reason}`;
    case 'recovered':
      return `Recovered by itself at ${at(state.at)} after ${took}.${reason}`;
    case 'by_hand':
      return `Closed by hand at ${at(state.at)} after ${took}.${reason}`;
    case 'joined':
      return `Part of another incident since ${at(state.at)}.${reason}`;
    default:
      return assertNever(state.how);
  }
}

function buttonsOf(incident: Incident, pending: Approval | null): readonly CardButton[] {
  if (!isLive(incident)) return [];
  const more: CardButton = button('more', 'More', incident.id);
  const ack: readonly CardButton[] = incident.ack === null ? [button('ack', 'Ack', incident.id)] : [];
  if (pending === null) return [...ack, more];
  const what = actionPhrase(pending.plan.action.kind, pending.plan.target);
  return [
    { ...button('approve', 'Approve', pending.id), tone: 'go', confirm: `${what} on ${incident.host}?` },
    { ...button('deny', 'Deny', pending.id), tone: 'stop' },
    ...ack,
    more,
  ];
}

function button(verb: CardButton['verb'], label: string, subject: string): CardButton {
  return { verb, label, tone: 'neutral', subject, confirm: null };
}

function stampOf(approval: Approval, at: At): CardStamp | null {
  const { state } = approval;
  if (state.kind === 'pending') return null;
  const what = actionPhrase(approval.plan.action.kind, approval.plan.target);
  switch (state.kind) {
    case 'approved':
    case 'denied':
      return { at: state.at, text: `${what}: ${state.kind}${decidedBy(approval)} at ${at(state.at)}.` };
    case 'expired':
      return { at: state.at, text: `${what}: no answer by ${at(state.at)}, taken as no.` };
    case 'void':
      return { at: state.at, text: `${what}: no longer asked, ${sentenceEnd(state.reason)}` };
    default:
      return assertNever(state);
  }
}

/** ` by ada in slack, ben in web`: those whose answer agrees with how it ended. */
function decidedBy(approval: Approval): string {
  const verdict = approval.state.kind === 'denied' ? 'deny' : 'approve';
  const names = approval.decisions
    .filter((decision) => decision.verdict === verdict)
    .map((decision) => `${decision.by.display} (${decision.by.surface})`);
  return names.length === 0 ? '' : ` by ${names.join(' and ')}`;
}

function linkOf(incident: Incident, context: CardContext): Card['link'] {
  if (context.consoleUrl === null) return null;
  const base = context.consoleUrl.replace(/\/+$/, '');
  return { label: 'Open in the console', url: `${base}/incidents/${encodeURIComponent(incident.id)}` };
}
