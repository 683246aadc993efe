/**
 * The mail desk: sees to it that what is urgent reaches people when chat cannot take it. It looks every few seconds at
 * the stored incidents and at what chat shows; it holds no texts, so a restart goes on where the last run ended.
 * Nothing waits for it.
 */
import type { ControlResult } from '../../domain/controls.ts';
import { describeError } from '../../domain/errors.ts';
import type { SurfaceHealth } from '../../domain/events.ts';
import { type Incident, isLive } from '../../domain/incident.ts';
import type { Cancel, Live, Logger, StateStore } from '../../domain/ports.ts';
import { after, elapsed, epochMs, hours, type Ms, seconds } from '../../domain/units.ts';
import type { Card, ThreadLine } from '../card.ts';
import type { BotConfig } from '../config.ts';
import { lookOf, type WantedPicture } from '../outbox-step.ts';
import { remember } from '../shown-memory.ts';
import { createMailHealth, type MailHealth } from './health.ts';
import { type MailLedger, type MailThread, openMailLedger } from './ledger.ts';
import {
  digestLetter,
  incidentLetter,
  type LetterDeps,
  linesFor,
  testLetter,
  wordLetter,
} from './letters.ts';
import { type MailQuestion, mailStep, retrySpan } from './policy.ts';
import { incidentSubject } from './render.ts';

const LOOK_EVERY: Ms = seconds(5);
const VERIFY_EVERY: Ms = hours(1);
const MOST_LIVE = 500;
const DIGEST_REACHES: Ms = hours(24);

export interface MailDeskDeps extends LetterDeps {
  readonly states: StateStore;
  readonly config: Live<Pick<BotConfig, 'mail'>>;
  /** The version of a card that a chat surface shows; -1 where it does not. */
  readonly shownInChat: (key: string) => number;
  /** As chat would show it, without secrets. */
  readonly cardOf: (incident: Incident) => Card;
  readonly isTold: (incident: Incident) => boolean;
  readonly isUrgent: (incident: Incident) => boolean;
  readonly onHealth: (health: SurfaceHealth) => void;
  readonly log: Logger;
}

export interface MailDesk {
  start(): void;
  stop(): void;
  /** What was told by mail, as lines for the thread of the card. */
  linesFor(key: string): readonly ThreadLine[];
  health(): SurfaceHealth;
  /** Sends one mail now and says how it went. */
  test(by: string): Promise<ControlResult>;
  /** Sends something that is no incident; the reason where it did not leave. */
  tell(title: string, lines: readonly string[], picture?: WantedPicture): Promise<string | null>;
}

export async function openMailDesk(deps: MailDeskDeps): Promise<MailDesk> {
  const { clock, log, mailer } = deps;
  const ledger = await openMailLedger(deps);
  const health = createMailHealth(clock, deps.onHealth);
  const desk: Desk = { deps, ledger, health, seen: new Map() };
  let looking = false;
  let stopped = false;
  let cancels: readonly Cancel[] = [];

  async function look(): Promise<void> {
    if (looking || stopped) return;
    looking = true;
    try {
      await lookAtAll(desk);
    } catch (cause) {
      log.error('mail desk failed', { error: describeError(cause) });
    }
    looking = false;
  }

  async function verify(): Promise<void> {
    health.note(await mailer.verify(), 'look');
  }

  return {
    start() {
      void verify();
      cancels = [clock.every(LOOK_EVERY, look), clock.every(VERIFY_EVERY, verify)];
    },
    stop() {
      stopped = true;
      for (const cancel of cancels) cancel();
    },
    linesFor: (key) => linesFor(ledger.thread(key), mailer),
    health: health.current,
    test: (by) => sendTest(desk, by),
    async tell(title, lines, picture) {
      const outcome = await mailer.send(await wordLetter(title, lines, picture, deps));
      health.note(outcome);
      return outcome.kind === 'sent' ? null : outcome.reason;
    },
  };
}

interface Desk {
  readonly deps: MailDeskDeps;
  readonly ledger: MailLedger;
  readonly health: MailHealth;
  /** What chat showed of an incident last: figures that changed since are no news. */
  readonly seen: Map<string, string>;
}

/** One after the other: a mail at a time, the longest waiting first. */
async function lookAtAll(desk: Desk): Promise<void> {
  const { deps, ledger } = desk;
  const live = deps.controls.incidents({ state: 'live', limit: MOST_LIVE });
  const known = ledger.value.threads.flatMap(({ key }) => deps.controls.incident(key) ?? []);
  const all = new Map([...known, ...live].map((incident) => [incident.id, incident]));
  for (const incident of all.values()) {
    if ((await lookAt(incident, desk)) === 'server gone') return;
  }
  await lookAtDigest(live, desk);
}

/** Where the server cannot be reached the others wait for the next round: each would only wait in vain. */
async function lookAt(incident: Incident, desk: Desk): Promise<'on' | 'server gone'> {
  const { deps, ledger } = desk;
  const now = deps.clock.now();
  const card = deps.cardOf(incident);
  const thread = ledger.thread(incident.id);
  const asked = question(incident, card, deps);
  const step = mailStep(thread, asked, now);
  switch (step.kind) {
    case 'wait':
      await beginToWait(incident, card, asked, desk);
      break;
    case 'forget':
      await ledger.drop(incident.id);
      break;
    case 'send':
      return thread === undefined ? 'on' : send(incident, card, thread, asked.look, desk);
    case 'nothing':
      break;
  }
  return 'on';
}

async function beginToWait(
  incident: Incident,
  card: Card,
  { look, shownInChat }: MailQuestion,
  { deps, ledger, seen }: Desk,
): Promise<void> {
  if (shownInChat >= card.version) {
    remember(seen, incident.id, look, MOST_LIVE);
    return;
  }
  if (shownInChat >= 0 && seen.get(incident.id) === look) return;
  await ledger.keep(newThread(incident, card, deps));
}

function question(incident: Incident, card: Card, deps: MailDeskDeps): MailQuestion {
  return {
    urgent: deps.isUrgent(incident) && deps.isTold(incident),
    over: !isLive(incident),
    look: lookOf(card),
    shownInChat: deps.shownInChat(incident.id),
    chatMayTake: Object.values(deps.chat()).some(({ state }) => state === 'up' || state === 'degraded'),
    grace: deps.config.current().mail.after,
  };
}

function newThread(incident: Incident, card: Card, deps: MailDeskDeps): MailThread {
  return {
    key: incident.id,
    since: deps.clock.now(),
    version: card.version,
    subject: incidentSubject(card, incident.host),
    sent: [],
    refused: null,
    failures: 0,
    notBefore: epochMs(0),
  };
}

async function send(
  incident: Incident,
  card: Card,
  thread: MailThread,
  look: string,
  desk: Desk,
): Promise<'on' | 'server gone'> {
  const { deps, ledger, health } = desk;
  const message = await incidentLetter(incident, card, thread, deps);
  const outcome = await deps.mailer.send(message);
  const now = deps.clock.now();
  health.note(outcome);
  if (outcome.kind === 'sent') {
    deps.log.info('told by mail', { incident: incident.id, id: message.id });
    await ledger.keep({
      ...thread,
      version: Math.max(thread.version, card.version),
      sent: [...thread.sent, { at: now, look }],
      failures: 0,
      refused: null,
    });
    return 'on';
  }
  deps.log.warn('mail not sent', { incident: incident.id, kind: outcome.kind, reason: outcome.reason });
  const failures = thread.failures + 1;
  await ledger.keep({
    ...thread,
    failures,
    refused: outcome.kind === 'refused' ? look : null,
    notBefore: after(now, retrySpan(failures)),
  });
  return outcome.kind === 'later' ? 'server gone' : 'on';
}

/** Warnings that chat cannot take, together, every so many minutes, each once for each of its states. */
async function lookAtDigest(live: readonly Incident[], { deps, ledger, health }: Desk): Promise<void> {
  const now = deps.clock.now();
  const { digestAt, told } = ledger.value;
  const waiting = live
    .filter((incident) => !deps.isUrgent(incident) && deps.isTold(incident))
    .filter((incident) => deps.shownInChat(incident.id) === -1)
    .filter((incident) => elapsed(incident.openedAt, now) < DIGEST_REACHES)
    .map((incident) => deps.cardOf(incident))
    .filter((card) => !told.includes(digestMark(card)));
  if (waiting.length === 0) return;
  if (digestAt === 0) await ledger.keepDigest([], now);
  const every = deps.config.current().mail.digestEvery;
  const oldest = Math.min(...waiting.map((card) => deps.controls.incident(card.key)?.openedAt ?? now));
  if (elapsed(digestAt, now) < every || elapsed(epochMs(oldest), now) < every) return;
  const host = deps.controls.status().host;
  await ledger.keepDigest([], now);
  const outcome = await deps.mailer.send(digestLetter(waiting, host, deps));
  health.note(outcome);
  if (outcome.kind === 'sent') await ledger.keepDigest(waiting.map(digestMark), now);
}

function digestMark(card: Card): string {
  return `${card.key} ${card.word}`;
}

async function sendTest({ deps, health }: Desk, by: string): Promise<ControlResult> {
  const outcome = await deps.mailer.send(testLetter(by, deps));
  health.note(outcome);
  if (outcome.kind !== 'sent') return { kind: 'failed', reason: outcome.reason };
  return { kind: 'done', text: `A test mail is on its way to ${deps.mailer.to.join(', ')}.` };
}
