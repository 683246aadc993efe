/** What detection and the strategies would have done over the past. */
import { z } from 'zod';
import { assertNever } from '../../domain/errors.ts';
import type {
  ReplayedAction,
  ReplayedIncident,
  ReplayProgress,
  ReplayResult,
  ReplaySummary,
} from '../../domain/rehearsal.ts';
import { days, type EpochMs, elapsed, type Ms, minutes, seconds, toIso } from '../../domain/units.ts';
import { clipped, counted, localTime, spanWords } from '../figures.ts';
import type { Command, Reply } from './command.ts';
import { entry } from './entry.ts';
import { choice, flag, span, word } from './options.ts';
import { failed, notFound, ok, refused } from './replies.ts';

const DEFAULT_WINDOW = days(7);
const SHOWN = 20;
/** In chat and console nobody looks at "working" for longer; then it is told how far it is, and later what came of it. */
const PATIENCE: Ms = seconds(25);
/** A terminal or a program waits to the end. */
const PATIENT: ReadonlySet<string> = new Set(['api', 'cli']);
const POSTED_LINES = 12;

export const REPLAY_COMMANDS: readonly Command[] = [
  entry({
    words: ['replay'],
    summary: 'Runs detection and strategies over the past: what would have been found and tried',
    role: 'viewer',
    options: z.strictObject({
      window: span('how far back (7d)', minutes(1), days(35)).optional(),
      strategy: word('only this strategy').optional(),
      config: choice('which configuration', ['current', 'proposed']).optional(),
      format: choice('json for programs', ['text', 'json']).optional(),
      stop: flag('ends the replay under way').optional(),
    }),
    positional: [],
    changes: false,
    slow: true,
    example: 'replay --window 7d --config proposed',
    async run(options, { controls, timezone, actor, now }) {
      if (options.stop === true)
        return controls.replays.stop() ? ok('The replay is ended.') : notFound('No replay is under way.');
      const result = await controls.replays.run(
        {
          window: options.window ?? DEFAULT_WINDOW,
          strategy: options.strategy ?? null,
          config: options.config ?? 'current',
        },
        PATIENT.has(actor.surface) ? null : PATIENCE,
      );
      return answer(result, options.format ?? 'text', { timezone, now });
    },
  }),
];

/** What came of a replay, short enough for a chat. */
export function replayLines(result: ReplayResult, timezone: string, now: EpochMs): readonly string[] {
  const lines = answer(result, 'text', { timezone, now }).text.split('\n');
  const cut = lines.length - POSTED_LINES;
  return cut <= 0
    ? lines
    : [...lines.slice(0, POSTED_LINES), `${counted(cut, 'line')} more: "replay" shows them.`];
}

interface Where {
  readonly timezone: string;
  readonly now: EpochMs;
}

function answer(result: ReplayResult, format: 'text' | 'json', where: Where): Reply {
  switch (result.kind) {
    case 'running':
      return ok(
        `The replay is under way: ${howFar(result.progress)} What comes of it is told here; asking again waits for it.`,
        { running: true, ...progressData(result.progress) },
      );
    case 'busy':
      return refused(`Another replay is under way: ${howFar(result.progress)} "replay stop:true" ends it.`, {
        reason: 'another replay is under way',
        ...progressData(result.progress),
      });
    case 'not_found':
      return notFound(result.reason);
    case 'failed':
      return failed(result.reason, { reason: result.reason });
    case 'invalid':
      return {
        ok: false,
        code: 'BAD_OPTION',
        text: ['The proposed configuration is not valid:', ...result.faults].join('\n'),
        data: { faults: result.faults },
      };
    case 'replayed': {
      const data = replayData(result.summary);
      return ok(format === 'json' ? JSON.stringify(data) : replayText(result.summary, where), data);
    }
    default:
      return assertNever(result);
  }
}

function howFar({ rows, of, left }: ReplayProgress): string {
  if (of === 0) return 'it reads the history.';
  const rest = left === null ? '' : `, about ${spanWords(left)} left`;
  return `${Math.floor((100 * rows) / of)} %, ${rows.toLocaleString('en')} of ${counted(of, 'row')}${rest}.`;
}

function progressData({ request, rows, of, left }: ReplayProgress): object {
  return { request, rows, of, leftSeconds: left === null ? null : Math.round(left / 1_000) };
}

function replayText(summary: ReplaySummary, { timezone, now }: Where): string {
  const { from, to, rows, metrics, request, incidents } = summary;
  const time = (at: EpochMs): string => localTime(at, timezone, now);
  const only = request.strategy === null ? '' : `, strategy ${request.strategy} alone`;
  const which = request.config === 'proposed' ? 'the proposed configuration' : 'the configuration in force';
  const loud = incidents.filter(({ severity }) => severity !== 'info');
  const shown = loud.slice(-SHOWN);
  const cut = loud.length - shown.length;
  const quiet = incidents.length - loud.length;
  return [
    `${spanWords(elapsed(from, to))} replayed, ${time(from)} to ${time(to)}: ${counted(rows, 'row')} of ${counted(metrics, 'metric')} with ${which}${only}.`,
    'As if in production mode. No action was run, so the past goes on as it did after each.',
    totals(summary),
    ...(cut > 0 ? [`The last ${SHOWN}; ${cut} more before.`] : []),
    ...shown.flatMap((incident) => incidentLines(incident, time)),
    ...(quiet > 0
      ? [`${counted(quiet, 'incident')} of severity info not shown: nobody would have heard of them.`]
      : []),
  ].join('\n');
}

function totals({ incidents, anomalies, infos }: ReplaySummary): string {
  const loud = incidents.filter(({ severity }) => severity !== 'info');
  const critical = loud.filter(({ severity }) => severity === 'critical').length;
  const paged = incidents.filter(({ paged: isPaged }) => isPaged).length;
  const tried = incidents.reduce((sum, { actions }) => sum + actions.length, 0);
  return `${counted(loud.length, 'incident')} would have opened (${critical} critical), ${counted(tried, 'action')} would have run, a person would have been called ${counted(paged, 'time')}. ${counted(anomalies, 'anomaly', 'anomalies')} in all, ${infos} of them info.`;
}

function incidentLines(incident: ReplayedIncident, time: (at: EpochMs) => string): readonly string[] {
  const { openedAt, endedAt, title, severity, state, strategy, paged, actions } = incident;
  const end =
    endedAt === null ? 'still open at the end' : `over after ${spanWords(elapsed(openedAt, endedAt))}`;
  const refusals = incident.timeline.filter(({ text }) =>
    /^(Held:|Needs a yes|Handed to|.* cannot run here)/.test(text),
  );
  return [
    `${time(openedAt)}  ${title} (${severity}), ${end}, ${state}${strategy === null ? ', no strategy answers' : `, ${strategy}`}${paged ? ', paged' : ''}`,
    ...actions.map((action) => `    ${actionLine(action, time)}`),
    ...refusals.map(({ at, text }) => `    ${time(at)}  ${clipped(text, 160)}`),
  ];
}

function actionLine(
  { at, rung, effect, verification }: ReplayedAction,
  time: (at: EpochMs) => string,
): string {
  const seen = verification === null ? 'not verified' : verification.replaceAll('_', ' ');
  return `${time(at)}  rung ${rung + 1}: would run ${effect} (samples afterwards: ${seen})`;
}

function replayData(summary: ReplaySummary): object {
  const { from, to, incidents, took, ...rest } = summary;
  return {
    ...rest,
    from: toIso(from),
    to: toIso(to),
    tookSeconds: Math.round(took / 100) / 10,
    incidents: incidents.map(({ openedAt, endedAt, actions, timeline, ...incident }) => ({
      ...incident,
      openedAt: toIso(openedAt),
      endedAt: endedAt === null ? null : toIso(endedAt),
      actions: actions.map((action) => ({ ...action, at: toIso(action.at) })),
      timeline: timeline.map((line) => ({ ...line, at: toIso(line.at) })),
    })),
  };
}
