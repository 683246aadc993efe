/** Reading incidents: list, show, timeline, why. */
import { z } from 'zod';
import { INCIDENT_STATES } from '../../domain/incident.ts';
import { approvalView } from '../approval-views.ts';
import { cardText } from '../card-text.ts';
import { columns } from '../columns.ts';
import { localTime } from '../figures.ts';
import { incidentCard } from '../messages.ts';
import { incidentView } from '../views.ts';
import type { Command, CommandContext, Reply } from './command.ts';
import { entry } from './entry.ts';
import { findIncident, newestApproval } from './lookup.ts';
import { choice, momentOf, since, whole, word } from './options.ts';
import { ok } from './replies.ts';
import { incidentRow } from './status-text.ts';
import { whyText } from './why-text.ts';

const LINES_SHOWN = 8;

const id = word('incident id, or the beginning of one');
export const INCIDENT_COMMANDS: readonly Command[] = [
  entry({
    words: ['incident', 'list'],
    summary: 'Incidents, newest first',
    role: 'viewer',
    options: z.strictObject({
      state: choice('only in this state', INCIDENT_STATES).optional(),
      severity: choice('only of this severity', ['info', 'warning', 'critical']).optional(),
      target: word('only of this target').optional(),
      since: since('only opened since').optional(),
      limit: whole('at most so many (20)', 1, 500).optional(),
    }),
    positional: ['state'],
    changes: false,
    example: 'incident list --state live',
    async run(options, { controls, now, timezone }) {
      const { since: from, limit = 20, ...filter } = options;
      const incidents = controls.incidents({
        ...defined(filter),
        ...(from === undefined ? {} : { since: momentOf(from, now) }),
        limit,
      });
      const rows = incidents.map((incident) => incidentRow(incident, (at) => localTime(at, timezone, now)));
      const text = rows.length === 0 ? 'No incidents.' : columns(rows).join('\n');
      return ok(text, { incidents: incidents.map((incident) => incidentView(incident, { chart: false })) });
    },
  }),
  entry({
    words: ['incident', 'show'],
    summary: 'One incident: evidence, what was done, what comes next',
    role: 'viewer',
    options: z.strictObject({ id }),
    positional: ['id'],
    changes: false,
    example: 'incident show inc-7f3a',
    run: async (options, context) => showIncident(options.id, context),
  }),
  entry({
    words: ['incident', 'timeline'],
    summary: 'Everything that happened in an incident, oldest first',
    role: 'viewer',
    options: z.strictObject({ id }),
    positional: ['id'],
    changes: false,
    example: 'incident timeline inc-7f3a',
    async run(options, { controls, timezone, now }) {
      const found = findIncident(controls, options.id);
      if (found.kind === 'none') return found.reply;
      const incident = found.value;
      const rows = incident.timeline.map((line) => [localTime(line.at, timezone, now), line.text]);
      const text = rows.length === 0 ? 'Nothing has happened yet.' : columns(rows).join('\n');
      const { id: incidentId, timeline } = incidentView(incident, { chart: false });
      return ok(text, { id: incidentId, timeline });
    },
  }),
  entry({
    words: ['why'],
    summary: 'Why an incident was opened: the evidence and its likely causes',
    role: 'viewer',
    options: z.strictObject({ id }),
    positional: ['id'],
    changes: false,
    example: 'why inc-7f3a',
    async run(options, { controls, timezone, now }) {
      const found = findIncident(controls, options.id);
      if (found.kind === 'none') return found.reply;
      const { anomalies, ...rest } = incidentView(found.value, { chart: true });
      return ok(whyText(found.value, timezone, now), { id: rest.id, title: rest.title, anomalies });
    },
  }),
];

/** Also behind the More button of a card. */
async function showIncident(text: string, context: CommandContext): Promise<Reply> {
  const { controls, timezone, now } = context;
  const found = findIncident(controls, text);
  if (found.kind === 'none') return found.reply;
  const incident = found.value;
  const approval = newestApproval(controls, incident);
  const card = incidentCard(incident, approval, { timezone, consoleUrl: null });
  const rows = incident.timeline
    .slice(-LINES_SHOWN)
    .map((line) => [localTime(line.at, timezone, now), line.text]);
  return ok([cardText(card), ...columns(rows)].join('\n'), {
    ...incidentView(incident, { chart: true }),
    approval: approval === null ? null : approvalView(approval),
  });
}

/** Only what was given: a filter with `undefined` in it would match nothing. */
function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
