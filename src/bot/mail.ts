/** Joins the mail desk to what the bot knows of chat: what is shown there, and how it is. */
import type { OpsControls } from '../domain/controls.ts';
import type { SurfaceHealth } from '../domain/events.ts';
import type { Clock, Live, Logger, StateStore } from '../domain/ports.ts';
import type { BotConfig } from './config.ts';
import { type MailDesk, openMailDesk } from './email/desk.ts';
import type { Mailer } from './email/mailer.ts';
import { type IncidentCards, isTold, rankOf } from './incident-cards.ts';
import type { IncidentPictures } from './incident-pictures.ts';
import { URGENT } from './outbox-turn.ts';
import type { ChatSurfaceId } from './surface.ts';
import type { Threads } from './threads.ts';

const NOT_SHOWN = -1;

export interface MailJoinDeps {
  readonly mailer: Mailer | null;
  readonly states: StateStore;
  readonly controls: OpsControls;
  readonly config: Live<Pick<BotConfig, 'mail'>>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timezone: string;
  readonly threads: Threads;
  readonly cards: IncidentCards;
  readonly pictures: IncidentPictures;
  readonly surfaces: readonly { readonly id: ChatSurfaceId }[];
  readonly chat: () => Readonly<Partial<Record<ChatSurfaceId, SurfaceHealth>>>;
  readonly onHealth: (health: SurfaceHealth) => void;
}

/** `null` where no mail is configured. */
export async function openMail(deps: MailJoinDeps): Promise<MailDesk | null> {
  const { mailer, threads, surfaces, cards, controls, clock } = deps;
  if (mailer === null) return null;
  return openMailDesk({
    ...deps,
    mailer,
    shownInChat: (key) =>
      Math.max(NOT_SHOWN, ...surfaces.map(({ id }) => threads.get(id, key)?.version ?? NOT_SHOWN)),
    cardOf: cards.card,
    linesOf: cards.lines,
    isTold: (incident) => isTold(incident, controls, clock.now()),
    isUrgent: (incident) => rankOf(incident) <= URGENT,
  });
}
