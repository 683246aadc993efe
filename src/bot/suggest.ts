/**
 * What somebody may mean while they type an option: ids and names that exist now. By the option's name, so that every
 * command that takes a target offers targets. Only what the caller may do is offered.
 */

import { compareSeverity } from '../domain/anomaly.ts';
import { type Actor, mayAct } from '../domain/approval.ts';
import type { OpsControls } from '../domain/controls.ts';
import { type Incident, isLive, stateWord } from '../domain/incident.ts';
import { subjectOf } from '../domain/metric.ts';
import { toIso } from '../domain/units.ts';
import { actionPhrase } from './action-words.ts';
import { COMMANDS } from './commands/table.ts';
import { inertLine, shorten } from './inert.ts';
import type { Redact } from './redact-data.ts';
import type { Suggestion } from './surface.ts';

/** Discord shows as many. */
const MOST = 25;
const LABEL = 100;
const VALUE = 100;
const INCIDENTS = 100;
const SPANS: readonly string[] = ['15m', '30m', '1h', '2h', '4h', '8h', '1d', '7d'];

type Source = (controls: OpsControls) => readonly Suggestion[] | Promise<readonly Suggestion[]>;

const SOURCES: Readonly<Record<string, Source>> = {
  incident: ({ incidents }) => incidents({ limit: INCIDENTS }).toSorted(worstFirst).map(incidentChoice),
  target: async (controls) => named([...(await targetsOf(controls))]),
  strategy: ({ strategies }) => named(strategies().map(({ name }) => name)),
  metric: ({ metrics }) => named(metrics().map(({ metric }) => metric)),
  worker: ({ workers }) => named(workers.list().map(({ worker }) => worker)),
  queue: ({ metrics }) =>
    named(
      metrics()
        .filter(({ metric }) => metric.startsWith('queue_'))
        .flatMap(({ metric }) => subjectOf(metric) ?? []),
    ),
  backup: async (controls) => [{ value: 'latest', label: 'latest' }, ...(await backupsOf(controls))],
  for: () => named(SPANS),
  since: () => named(SPANS),
  window: () => named(SPANS),
  period: () => named(SPANS),
};

/** `id` means what its command is about. */
const IDS: Readonly<Record<string, Source>> = {
  approve: ({ approvals }) => approvals('pending').map(approvalChoice),
  deny: ({ approvals }) => approvals('pending').map(approvalChoice),
  backup: backupsOf,
};
const INCIDENT_WORDS: ReadonlySet<string> = new Set(['incident', 'why', 'ack', 'resolve', 'heal']);

/** Whether there is anything to offer for this option. */
export function isSuggested(words: readonly string[], option: string): boolean {
  return sourceOf(words, option) !== undefined;
}

/** At most 25 that contain what was typed, those that begin with it first. */
export async function suggest(
  controls: OpsControls,
  actor: Actor,
  {
    words,
    option,
    typed,
  }: { readonly words: readonly string[]; readonly option: string; readonly typed: string },
  redact: Redact,
): Promise<readonly Suggestion[]> {
  const command = COMMANDS.find((each) => each.words.join(' ') === words.join(' '));
  const source = sourceOf(words, option);
  if (command === undefined || source === undefined || !mayAct(actor, command.role)) return [];
  const wanted = typed.trim().toLowerCase();
  const all = await source(controls);
  const fitting = all
    .filter(({ value }) => value !== '' && value.length <= VALUE)
    .filter(({ value, label }) => `${value} ${label}`.toLowerCase().includes(wanted));
  const begins = ({ value }: Suggestion): number => (value.toLowerCase().startsWith(wanted) ? 0 : 1);
  return fitting
    .toSorted((a, b) => begins(a) - begins(b))
    .slice(0, MOST)
    .map(({ value, label }) => ({
      value,
      label: shorten(inertLine(redact(label)), LABEL, (same) => same) || inertLine(redact(value)),
    }));
}

function sourceOf(words: readonly string[], option: string): Source | undefined {
  if (option !== 'id') return Object.hasOwn(SOURCES, option) ? SOURCES[option] : undefined;
  const first = words[0] ?? '';
  if (INCIDENT_WORDS.has(first)) return SOURCES['incident'];
  return Object.hasOwn(IDS, first) ? IDS[first] : undefined;
}

function worstFirst(a: Incident, b: Incident): number {
  const live = Number(isLive(b)) - Number(isLive(a));
  return live || compareSeverity(b.severity, a.severity) || b.openedAt - a.openedAt;
}

function incidentChoice(incident: Incident): Suggestion {
  return { value: incident.id, label: `${incident.id} · ${stateWord(incident.state)} · ${incident.title}` };
}

function approvalChoice({ id, plan, incidentId }: ReturnType<OpsControls['approvals']>[number]): Suggestion {
  return { value: id, label: `${actionPhrase(plan.action.kind, plan.target)} (${incidentId})` };
}

async function backupsOf({ backups }: OpsControls): Promise<readonly Suggestion[]> {
  return (await backups.list())
    .toSorted((a, b) => b.at - a.at)
    .map(({ id, at, verified }) => ({
      value: id,
      label: `${toIso(at).slice(0, 16).replace('T', ' ')} UTC${verified === null ? '' : ', verified'}`,
    }));
}

async function targetsOf({
  metrics,
  incidents,
  validateStrategies,
}: OpsControls): Promise<ReadonlySet<string>> {
  return new Set([
    ...(await validateStrategies()).map(({ target }) => target),
    ...incidents({ limit: INCIDENTS }).flatMap(({ target }) => target ?? []),
    ...metrics()
      .filter(({ metric }) => metric.startsWith('target_'))
      .flatMap(({ metric }) => subjectOf(metric) ?? []),
  ]);
}

function named(names: readonly string[]): readonly Suggestion[] {
  return [...new Set(names)].map((name) => ({ value: name, label: name }));
}
