/**
 * Keeps every surface's cards in step with the stored incidents. It is told that something changed, or looks for
 * itself what is behind: at start, when a surface is back, and every minute.
 */
import type { OpsControls } from '../domain/controls.ts';
import { type Incident, isLive } from '../domain/incident.ts';
import type { Clock, Live, Logger, MessageMeter } from '../domain/ports.ts';
import type { Card, ThreadLine } from './card.ts';
import type { BotConfig } from './config.ts';
import { type IncidentCards, isTold, rankOf } from './incident-cards.ts';
import type { IncidentPictures } from './incident-pictures.ts';
import { digestNotice } from './notices.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import type { Rank } from './outbox-queue.ts';
import type { Rendered, WantedPicture } from './outbox-step.ts';
import { type Redact, redactedCard } from './redact-data.ts';
import type { ChatSurface, ChatSurfaceId } from './surface.ts';
import { mergedLine } from './thread-lines.ts';
import type { Threads } from './threads.ts';

const MOST_LIVE = 500;
const MOST_NOTICES = 50;

export interface AnnouncerDeps {
  readonly surfaces: readonly ChatSurface[];
  readonly threads: Threads;
  readonly controls: OpsControls;
  readonly config: Live<Pick<BotConfig, 'messageBudgetPerHour' | 'consoleUrl' | 'surfaces'>>;
  readonly cards: IncidentCards;
  readonly pictures: IncidentPictures;
  /** What else happened to the card of this key: told by mail. */
  readonly extraLines: (key: string) => readonly ThreadLine[];
  readonly meter?: MessageMeter;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timezone: string;
  readonly redact: Redact;
}

interface Notice {
  readonly card: Card;
  readonly picture: WantedPicture | undefined;
}

export interface Announcer {
  show(incident: Incident, force?: boolean): void;
  /** A card that is no incident, on those surfaces alone. */
  notify(card: Card, rank: Rank, surfaces: readonly ChatSurfaceId[], picture?: WantedPicture): void;
  /** Looks for cards that are behind on one surface. */
  sweep(surface: ChatSurfaceId): void;
  /** The surface is back. */
  wake(surface: ChatSurfaceId): void;
  stop(): void;
}

export function createAnnouncer(deps: AnnouncerDeps): Announcer {
  const { controls, threads } = deps;
  const notices = new Map<string, Notice>();
  const outboxes = new Map<ChatSurfaceId, Outbox>();
  for (const surface of deps.surfaces) {
    outboxes.set(surface.id, createOutbox(outboxDeps(surface, deps, notices, () => sweep(surface.id))));
  }

  function showOn(surface: ChatSurfaceId, incident: Incident, force: boolean): void {
    const isPlaced = threads.get(surface, incident.id) !== undefined;
    if (!isPlaced && !isTold(incident, controls, deps.clock.now())) return;
    outboxes.get(surface)?.show(incident.id, rankOf(incident), force);
  }

  function sweep(surface: ChatSurfaceId): void {
    for (const incident of controls.incidents({ state: 'live', limit: MOST_LIVE })) {
      showOn(surface, incident, false);
    }
    for (const key of [...threads.unsettled(surface), ...threads.owed(surface)]) {
      const incident = controls.incident(key);
      if (incident !== undefined) showOn(surface, incident, false);
      else if (!notices.has(key)) threads.forget(surface, key);
    }
  }

  return {
    show(incident, force = false) {
      for (const surface of outboxes.keys()) showOn(surface, incident, force);
    },
    notify(card, rank, surfaces, picture) {
      notices.delete(card.key);
      notices.set(card.key, { card, picture });
      const oldest = notices.keys().next().value;
      if (notices.size > MOST_NOTICES && oldest !== undefined) notices.delete(oldest);
      for (const surface of surfaces) outboxes.get(surface)?.show(card.key, rank);
    },
    sweep,
    wake: (surface) => outboxes.get(surface)?.wake(),
    stop() {
      for (const outbox of outboxes.values()) outbox.stop();
    },
  };
}

function outboxDeps(
  surface: ChatSurface,
  deps: AnnouncerDeps,
  notices: ReadonlyMap<string, Notice>,
  onRoom: () => void,
): Parameters<typeof createOutbox>[0] {
  const { threads, clock, log, config, timezone } = deps;
  return {
    surface,
    threads,
    clock,
    log,
    onNew: () => deps.meter?.sent(surface.id),
    budgetPerHour: () => config.current().messageBudgetPerHour,
    render: (key) => render(key, surface.id, deps, notices),
    merge: (lines) => mergedLine(lines, timezone),
    digest: (key, version, waiting) =>
      digestNotice(key, version, waiting, config.current().messageBudgetPerHour),
    onRoom,
  };
}

function render(
  key: string,
  surface: ChatSurfaceId,
  { controls, config, redact, cards, ...deps }: AnnouncerDeps,
  notices: ReadonlyMap<string, Notice>,
): Rendered | null {
  const look = config.current().surfaces[surface].pictures;
  const known = notices.get(key);
  if (known !== undefined) {
    const shown = look === 'off' ? undefined : known.picture;
    const card = redactedCard(known.card, redact);
    return { card, lines: [], over: true, ...(shown && { picture: shown }) };
  }
  const incident = controls.incident(key);
  if (incident === undefined) return null;
  const picture = look === 'off' ? undefined : deps.pictures.of(incident, look);
  return {
    card: cards.card(incident),
    lines: [...cards.lines(incident), ...deps.extraLines(key)].toSorted((a, b) => a.at - b.at),
    over: !isLive(incident),
    ...(picture === undefined ? {} : { picture }),
  };
}
