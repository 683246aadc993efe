/** Cards and thread lines of incidents as any surface may show them: from stored state, without secrets. */
import type { OpsControls } from '../domain/controls.ts';
import { type Incident, isLive } from '../domain/incident.ts';
import type { Live } from '../domain/ports.ts';
import type { EpochMs } from '../domain/units.ts';
import type { Card, ThreadLine } from './card.ts';
import { newestApproval } from './commands/lookup.ts';
import type { BotConfig } from './config.ts';
import { incidentCard } from './messages.ts';
import type { Rank } from './outbox-queue.ts';
import { type Redact, redactedCard, redactedLine } from './redact-data.ts';
import { threadLines } from './thread-lines.ts';

export interface IncidentCards {
  card(incident: Incident): Card;
  /** Oldest first. */
  lines(incident: Incident): readonly ThreadLine[];
}

export interface IncidentCardDeps {
  readonly controls: OpsControls;
  readonly config: Live<Pick<BotConfig, 'consoleUrl'>>;
  readonly timezone: string;
  readonly redact: Redact;
}

export function createIncidentCards({ controls, config, timezone, redact }: IncidentCardDeps): IncidentCards {
  return {
    card(incident) {
      const consoleUrl = config.current().consoleUrl ?? null;
      const card = incidentCard(incident, newestApproval(controls, incident), { timezone, consoleUrl });
      return redactedCard(card, redact);
    },
    lines: (incident) => threadLines(incident).map((line) => redactedLine(line, redact)),
  };
}

/** A decision or a page goes before everything else. */
export function rankOf(incident: Incident): Rank {
  if (incident.state.kind === 'awaiting_approval') return 0;
  if (incident.pagedAt !== null && isLive(incident)) return 0;
  return ({ critical: 1, warning: 2, info: 3 } as const)[incident.severity];
}

/** Info is for log and console alone; what is silenced is not told at all. */
export function isTold(incident: Incident, controls: Pick<OpsControls, 'silences'>, now: EpochMs): boolean {
  if (incident.severity === 'info') return false;
  const subjects = [incident.target, ...incident.anomalies.map((anomaly) => anomaly.evidence.metric)];
  return !controls.silences().some((silence) => silence.until > now && subjects.includes(silence.subject));
}
