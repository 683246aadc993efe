/** The mails of the desk, put together: ids and threads, why it comes by mail, the chart inline. */
import type { OpsControls } from '../../domain/controls.ts';
import type { SurfaceHealth } from '../../domain/events.ts';
import { type Incident, isLive } from '../../domain/incident.ts';
import type { Clock } from '../../domain/ports.ts';
import { elapsed, minutes } from '../../domain/units.ts';
import type { Card, ThreadLine } from '../card.ts';
import type { IncidentPictures } from '../incident-pictures.ts';
import { testNotice, wordNotice } from '../notices.ts';
import type { WantedPicture } from '../outbox-step.ts';
import type { CardPicture, ChatSurfaceId } from '../surface.ts';
import type { MailThread } from './ledger.ts';
import type { Mailer, MailMessage } from './mailer.ts';
import { digestMail, type IncidentMail, incidentMail, incidentSubject } from './render.ts';
import { mailLine } from './text.ts';

const LONGEST_SUBJECT = 120;

export interface LetterDeps {
  readonly mailer: Mailer;
  readonly controls: Pick<OpsControls, 'incidents' | 'incident' | 'status'>;
  readonly chat: () => Readonly<Partial<Record<ChatSurfaceId, SurfaceHealth>>>;
  readonly linesOf: (incident: Incident) => readonly ThreadLine[];
  readonly pictures: IncidentPictures;
  readonly clock: Clock;
  readonly timezone: string;
}

export async function incidentLetter(
  incident: Incident,
  card: Card,
  thread: MailThread,
  deps: LetterDeps,
): Promise<MailMessage> {
  const idOf = (count: number): string => `${incident.id}.${count}@${domainOf(deps.mailer)}`;
  const references = thread.sent.map((_, index) => idOf(index));
  const made = (await deps.pictures.of(incident, 'light')?.make()) ?? null;
  const { picture, chart } = inline(made, idOf(thread.sent.length));
  const { text, html } = incidentMail({
    card,
    chart,
    lines: deps.linesOf(incident),
    timezone: deps.timezone,
    host: incident.host,
    because: because(deps),
  });
  return {
    id: idOf(thread.sent.length),
    references,
    subject: references.length === 0 ? thread.subject : `Re: ${thread.subject}`,
    text,
    html,
    listId: listId(incident.host),
    urgent: isLive(incident),
    picture,
  };
}

/** @param waiting Cards of warnings that chat cannot take. */
export function digestLetter(waiting: readonly Card[], host: string, deps: LetterDeps): MailMessage {
  return {
    ...digestMail(waiting, { host, because: because(deps) }),
    id: `digest.${deps.clock.now().toString(36)}@${domainOf(deps.mailer)}`,
    references: [],
    listId: listId(host),
    urgent: false,
    picture: null,
  };
}

export function testLetter(by: string, deps: LetterDeps): MailMessage {
  const card = testNotice('alert', by, deps.clock.now());
  return noticeLetter('test', card, `Asked for by ${by}.`, deps);
}

/** A report, or anything else that is said once. */
export async function wordLetter(
  title: string,
  lines: readonly string[],
  wanted: WantedPicture | undefined,
  deps: LetterDeps,
): Promise<MailMessage> {
  const card = wordNotice(title, lines, deps.clock.now());
  const made = (await wanted?.make()) ?? null;
  const letter = noticeLetter('word', card, 'Sent because bot.json names it under reports.', deps, made);
  return { ...letter, subject: mailLine(title, LONGEST_SUBJECT) };
}

function noticeLetter(
  what: 'test' | 'word',
  card: Card,
  because: string,
  { clock, mailer, timezone, controls }: LetterDeps,
  made: CardPicture | null = null,
): MailMessage {
  const { host } = controls.status();
  const id = `${what}.${clock.now().toString(36)}@${domainOf(mailer)}`;
  const { picture, chart } = inline(made, id);
  return {
    ...incidentMail({ card, lines: [], timezone, host, because, chart }),
    id,
    subject: incidentSubject(card, host),
    references: [],
    listId: listId(host),
    urgent: false,
    picture,
  };
}

/** The picture with its content id, as the mail carries it and as its text names it. */
function inline(
  made: CardPicture | null,
  id: string,
): Pick<MailMessage, 'picture'> & Pick<IncidentMail, 'chart'> {
  if (made === null) return { picture: null, chart: null };
  const cid = `chart.${id}`;
  return { picture: { cid, png: made.png }, chart: { cid, alt: made.alt } };
}

/** What was told by mail, for the thread of the card once chat is back. */
export function linesFor(thread: MailThread | undefined, { to }: Mailer): readonly ThreadLine[] {
  const people = to.length === 1 ? 'one address' : `${to.length} addresses`;
  return (thread?.sent ?? []).map(({ at }, index) => ({
    id: `${thread?.key}/mail.${index}`,
    at,
    tone: 'note',
    text: `Told by mail to ${people}, because chat did not take it.`,
  }));
}

/** Why it comes by mail, with the reason of each surface that does not take it. */
function because({ chat, clock }: LetterDeps): string {
  const down = Object.entries(chat()).filter(([, health]) => health.state !== 'up');
  if (Object.keys(chat()).length === 0) return 'It comes by mail because no chat is connected.';
  if (down.length === 0) return 'It comes by mail because chat did not take it in time.';
  const reasons = down.map(
    ([id, { since, reason }]) =>
      `${id} for ${Math.max(1, Math.round(elapsed(since, clock.now()) / minutes(1)))} min: ${reason}`,
  );
  return `It comes by mail because chat cannot be reached (${reasons.join('; ')}).`;
}

function domainOf({ from }: Mailer): string {
  return from.slice(from.lastIndexOf('@') + 1);
}

function listId(host: string): string {
  const name = host.replaceAll(/[^A-Za-z0-9.-]+/g, '-').slice(0, 100) || 'host';
  return `Nightshift on ${name} <nightshift.${name}>`;
}
