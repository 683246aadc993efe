/**
 * Finds what a person means by an id, a beginning of an id, or a target. Never guesses: where two things fit, both
 * are named and nothing is done.
 */
import type { Approval } from '../../domain/approval.ts';
import type { OpsControls } from '../../domain/controls.ts';
import { type Incident, isLive } from '../../domain/incident.ts';
import type { Reply } from './command.ts';
import { badOption, notFound } from './replies.ts';

const INCIDENTS_SEARCHED = 1_000;
/** Shorter beginnings of a 128-bit id say too little about what is meant. */
const SHORTEST_APPROVAL_PREFIX = 4;
const NAMED = 5;

export type Found<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'none'; readonly reply: Reply };

/** An incident by id, by a unique beginning of its id (`inc-7f` or `7f`), or the one live incident of a target. */
export function findIncident(controls: OpsControls, text: string): Found<Incident> {
  const exact = controls.incident(text);
  if (exact !== undefined) return found(exact);
  const all = controls.incidents({ limit: INCIDENTS_SEARCHED });
  const matches = all.filter(({ id }) => id.startsWith(text) || id.startsWith(`inc-${text}`));
  return one(matches, 'incident', text, (incident) => `${incident.id} (${incident.title})`);
}

/** The incident that `id` or else `target` names; only live ones are meant by a target. */
export function findByIdOrTarget(
  controls: OpsControls,
  options: { readonly id?: string | undefined; readonly target?: string | undefined },
): Found<Incident> {
  if (options.id !== undefined) return findIncident(controls, options.id);
  if (options.target === undefined) {
    return none(badOption('Which incident? Give its id, or a target.', { missing: ['id', 'target'] }));
  }
  const { target } = options;
  const live = controls.incidents({ target, state: 'live', limit: INCIDENTS_SEARCHED }).filter(isLive);
  return one(live, 'live incident', target, (incident) => `${incident.id} (${incident.title})`);
}

/**
 * An approval by id or by a unique beginning of it. Decided ones count too, so that a beginning that once meant
 * one plan can never come to mean another.
 */
export function findApproval(controls: OpsControls, text: string): Found<Approval> {
  const all = controls.approvals('all');
  const exact = all.find(({ id }) => id === text);
  if (exact !== undefined) return found(exact);
  const matches = text.length < SHORTEST_APPROVAL_PREFIX ? [] : all.filter(({ id }) => id.startsWith(text));
  return one(matches, 'approval', text, ({ id }) => id);
}

/** The newest approval of an incident, pending or decided. */
export function newestApproval(controls: OpsControls, incident: Incident): Approval | null {
  return controls
    .approvals('all')
    .filter((approval) => approval.incidentId === incident.id)
    .reduce<Approval | null>(
      (newest, next) => (newest === null || next.requestedAt >= newest.requestedAt ? next : newest),
      null,
    );
}

function one<T>(matches: readonly T[], what: string, text: string, name: (value: T) => string): Found<T> {
  const [first, ...others] = matches;
  if (first === undefined) return none(notFound(`There is no ${what} for "${text}".`));
  if (others.length === 0) return found(first);
  const names = matches.slice(0, NAMED).map(name);
  const more = matches.length > NAMED ? ` and ${matches.length - NAMED} more` : '';
  return none(
    badOption(`"${text}" fits ${matches.length}: ${names.join(', ')}${more}. Give more of the id.`, {
      found: text,
      candidates: names,
    }),
  );
}

export function found<T>(value: T): Found<T> {
  return { kind: 'found', value };
}

export function none<T>(reply: Reply): Found<T> {
  return { kind: 'none', reply };
}
