/**
 * What is due by mail for one incident. Pure. Mail is for what chat cannot take: a critical that is not shown there in
 * time, then every change of its state until chat has it again, and in any case its end.
 */
import { type EpochMs, elapsed, hours, type Ms, minutes, seconds } from '../../domain/units.ts';
import type { MailThread } from './ledger.ts';

/** A moment to let several signs of one trouble come together. */
const SETTLES: Ms = seconds(10);
const RETRIES: readonly Ms[] = [seconds(30), minutes(2), minutes(5), minutes(15)];
const RETRY_LATER: Ms = hours(1);
/** After a day the trouble is told by other ways, or over. */
const TRIES_FOR: Ms = hours(24);

export interface MailQuestion {
  /** Critical, paged, or waiting for a decision; and not silenced. */
  readonly urgent: boolean;
  readonly over: boolean;
  /** What a person would notice of the card: its state in one text. */
  readonly look: string;
  /** The newest version of the card that some chat surface shows; -1 where none shows it. */
  readonly shownInChat: number;
  /** A chat surface may still take it; false where none is configured or all are down. */
  readonly chatMayTake: boolean;
  /** How long chat has where it may. */
  readonly grace: Ms;
}

export type MailStep =
  | { readonly kind: 'nothing' }
  /** Begin to wait: chat has its time from now. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'forget' }
  | { readonly kind: 'send' };

export function mailStep(thread: MailThread | undefined, asked: MailQuestion, now: EpochMs): MailStep {
  if (thread === undefined) return { kind: asked.urgent && !asked.over ? 'wait' : 'nothing' };
  return { kind: thread.sent.length === 0 ? firstMail(thread, asked, now) : nextMail(thread, asked, now) };
}

/** When to try again after so many failures. */
export function retrySpan(failures: number): Ms {
  return RETRIES[failures - 1] ?? RETRY_LATER;
}

function firstMail(thread: MailThread, asked: MailQuestion, now: EpochMs): MailStep['kind'] {
  const waited = elapsed(thread.since, now);
  const inChat = asked.shownInChat >= thread.version;
  if (inChat || asked.over || !asked.urgent || waited > TRIES_FOR) return 'forget';
  const isDue = waited >= (asked.chatMayTake ? asked.grace : SETTLES);
  return isDue && mayTry(thread, asked, now) ? 'send' : 'nothing';
}

function nextMail(thread: MailThread, asked: MailQuestion, now: EpochMs): MailStep['kind'] {
  const last = thread.sent.at(-1);
  if (last === undefined || last.look === asked.look) return 'nothing';
  const inChat = asked.shownInChat >= thread.version;
  if (inChat && !asked.over) return 'nothing';
  if (elapsed(last.at, now) > TRIES_FOR && thread.failures > 0) return 'nothing';
  return mayTry(thread, asked, now) ? 'send' : 'nothing';
}

function mayTry(thread: MailThread, asked: MailQuestion, now: EpochMs): boolean {
  return now >= thread.notBefore && thread.refused !== asked.look;
}
