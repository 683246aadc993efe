/** Drills: break a sandbox on purpose, and see what the bot makes of it. */
import { z } from 'zod';
import { DRILL_FAULTS, type DrillStatus } from '../../domain/drill.ts';
import { toIso } from '../../domain/units.ts';
import { drillLines, drillView, faultRows } from '../drill-views.ts';
import { localTime, spanWords } from '../figures.ts';
import type { Command } from './command.ts';
import { entry } from './entry.ts';
import { choice, whole } from './options.ts';
import { fromControl, ok } from './replies.ts';

const MOST_REPETITIONS = 60;

export const DRILL_COMMANDS: readonly Command[] = [
  entry({
    words: ['drill', 'run'],
    summary: 'Breaks the sandbox on purpose and times the recovery',
    role: 'operator',
    options: z.strictObject({
      fault: choice('which fault (all)', DRILL_FAULTS).optional(),
      repeat: whole('how often each (1)', 1, MOST_REPETITIONS).optional(),
    }),
    positional: ['fault'],
    changes: true,
    example: 'drill run killed',
    async run({ fault = null, repeat = 1 }, { controls, actor, dryRun }) {
      const result = await controls.drills.run({ fault, repeat }, actor, dryRun);
      const reply = fromControl(result);
      return result.kind === 'done' ? ok(reply.text, { changed: true, begun: true, fault, repeat }) : reply;
    },
  }),
  entry({
    words: ['drill', 'status'],
    summary: 'How the last drills went',
    role: 'operator',
    options: z.strictObject({}),
    positional: [],
    changes: false,
    example: 'drill status',
    async run(_, { controls, timezone, now }) {
      const status = await controls.drills.status();
      const when = (at: Parameters<typeof localTime>[0]): string => localTime(at, timezone, now);
      return ok(statusText(status, when), statusData(status));
    },
  }),
];

function statusText(status: DrillStatus, when: (at: Parameters<typeof localTime>[0]) => string): string {
  const { running, last, before, failure } = status;
  const parts = [
    ...(running === null ? [] : [`Under way: ${progressWords(running)}`]),
    ...(failure === null ? [] : [`The last drill did not come to its end: ${failure}.`]),
    ...(last === null
      ? ['There has been no drill yet. Begin one: drill run']
      : [`Drill ${last.id}, ended ${when(last.finishedAt)}, by ${last.by}.`, ...drillLines(last, before)]),
  ];
  return parts.join('\n');
}

function progressWords({ done, total, now, left }: NonNullable<DrillStatus['running']>): string {
  const busy = now.length === 0 ? '' : `, now ${now.join(' and ').replaceAll('_', ' ')}`;
  return `${done} of ${total} done${busy}, about ${spanWords(left)} left.`;
}

function statusData({ running, last, before, failure }: DrillStatus): unknown {
  return {
    running:
      running === null
        ? null
        : {
            startedAt: toIso(running.startedAt),
            by: running.by,
            done: running.done,
            total: running.total,
            now: running.now,
            leftSeconds: Math.round(running.left / 1_000),
          },
    last: last === null ? null : drillView(last),
    faults: last === null ? [] : faultRows(last),
    before: before === null ? null : drillView(before),
    failure,
  };
}
