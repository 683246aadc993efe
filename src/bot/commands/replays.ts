/** What detection and the strategies would have done over the past. */
import { z } from 'zod';
import type {
  ReplayedAction,
  ReplayedIncident,
  ReplayResult,
  ReplaySummary,
} from '../../domain/rehearsal.ts';
import { days, type EpochMs, elapsed, minutes, toIso } from '../../domain/units.ts';
import { clipped, counted, localTime, spanWords } from '../figures.ts';
import type { Command, Reply } from './command.ts';
import { entry } from './entry.ts';
import { choice, span, word } from './options.ts';
import { failed, notFound, ok, refused } from './replies.ts';

const DEFAULT_WINDOW = days(7);
const SHOWN = 20;

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
    }),
    positional: [],
    changes: false,
    example: 'replay --window 7d --config proposed',
    async run(options, { controls, timezone }) {
      const result = await controls.replays.run({
        window: options.window ?? DEFAULT_WINDOW,
        strategy: options.strategy ?? null,
        config: options.config ?? 'current',
      });
      return answer(result, options.format ?? 'text', timezone);
    },
  }),
];

function answer(result: ReplayResult, format: 'text' | 'json', timezone: string): Reply {
  switch (result.kind) {
    case 'refused':
      return refused(result.reason, { reason: result.reason });
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
      return ok(format === 'json' ? JSON.stringify(data) : replayText(result.summary, timezone), data);
    }
  }
}

export function replayText(summary: ReplaySummary, timezone: string): string {
  const { from, to, rows, metrics, request, incidents } = summary;
  const time = (at: EpochMs): string => localTime(at, timezone, to);
  const only = request.strategy === null ? '' : `, strategy ${request.strategy} alone`;
  const which = request.config === 'proposed' ? 'the proposed configuration' : 'the configuration in force';
  const shown = incidents.slice(-SHOWN);
  const cut = incidents.length - shown.length;
  return [
    `${spanWords(elapsed(from, to))} replayed, ${time(from)} to ${time(to)}: ${counted(rows, 'row')} of ${counted(metrics, 'metric')} with ${which}${only}.`,
    'As if in production mode. No action was run, so the past goes on as it did after each.',
    totals(summary),
    ...(cut > 0 ? [`The last ${SHOWN}; ${cut} more before.`] : []),
    ...shown.flatMap((incident) => incidentLines(incident, time)),
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
