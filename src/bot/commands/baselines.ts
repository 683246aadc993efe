/** What is normal for each metric: shown by hour, collected on purpose, learnt anew. */
import { z } from 'zod';
import { subjectOf } from '../../domain/metric.ts';
import type { BaselineView, CollectResult } from '../../domain/tuning.ts';
import { type EpochMs, type Ms, minutes, toIso } from '../../domain/units.ts';
import { bandChart } from '../band-chart.ts';
import { columns } from '../columns.ts';
import { counted, figure, localTime, metricWords, rangeWords, spanWords } from '../figures.ts';
import { sourceOf } from './collect-source.ts';
import type { Command, CommandContext, Reply } from './command.ts';
import { entry } from './entry.ts';
import { whole, word } from './options.ts';
import { badOption, failed, fromControl, notFound, ok, refused } from './replies.ts';

const DEFAULT_DAYS = 7;
const NOTES_SHOWN = 12;

const shown = {
  metric: word('only this metric').optional(),
  target: word('only of this target').optional(),
};

export const BASELINE_COMMANDS: readonly Command[] = [
  entry({
    words: ['baseline', 'show'],
    summary: 'What is normal for each metric, as learnt from its own past; for one metric hour by hour',
    role: 'operator',
    options: z.strictObject(shown),
    positional: ['metric'],
    changes: false,
    example: 'baseline show latency:billing-api',
    async run(options, context) {
      const views = context.controls.baselines
        .show(options.metric ?? null)
        .filter(({ metric }) => options.target === undefined || subjectOf(metric) === options.target);
      if (views.length === 0) {
        if (options.metric === undefined) return notFound('Nothing was sampled yet, so nothing is learnt.');
        return notFound(`There is no metric ${options.metric}.`, { found: options.metric });
      }
      const text = options.metric === undefined ? columns(views.map(row)) : oneMetric(views, context);
      return ok(text.join('\n'), { baselines: views.map(baselineData) });
    },
  }),
  entry({
    words: ['baseline', 'relearn'],
    summary: 'Forgets what is normal and learns it again from now on',
    role: 'operator',
    options: z.strictObject(shown),
    positional: ['metric'],
    changes: true,
    example: 'baseline relearn cpu --dry-run',
    async run(options, { controls, actor, dryRun }) {
      const name =
        options.metric === undefined || options.target === undefined || options.metric.includes(':')
          ? (options.metric ?? null)
          : `${options.metric}:${options.target}`;
      if (name === null && options.target !== undefined)
        return badOption('Which metric? Give metric with target.');
      return fromControl(await controls.baselines.relearn(name, actor, dryRun));
    },
  }),
  entry({
    words: ['baseline', 'collect'],
    summary: 'Learns now what is normal: from stored history, a CSV or Prometheus',
    role: 'operator',
    options: z.strictObject({
      days: whole('how many days back (7)', 1, 60).optional(),
      input: word('a CSV of metrics on this host; only at the terminal').optional(),
      prometheus: word('address of a Prometheus server').optional(),
      query: word('NAME=EXPR; without it the configured queries').optional(),
    }),
    positional: [],
    changes: true,
    example: 'baseline collect --days 7',
    async run(options, { controls, actor, dryRun, timezone, now }) {
      const source = sourceOf(options, actor.surface);
      if ('code' in source) return source;
      const days = options.days ?? DEFAULT_DAYS;
      const result = await controls.baselines.collect({ days, source }, actor, dryRun);
      return collected(result, days, timezone, now);
    },
  }),
];

function collected(result: CollectResult, days: number, timezone: string, now: EpochMs): Reply {
  switch (result.kind) {
    case 'refused':
      return refused(result.reason, { reason: result.reason });
    case 'failed':
      return failed(result.reason, { reason: result.reason });
    case 'collected': {
      const { baselines, notes, saved } = result;
      const data = { saved, days, baselines: baselines.map(baselineData), notes };
      if (baselines.length === 0 && notes.length === 0)
        return notFound('There is nothing to learn from yet: nothing was stored or found.', data);
      const head =
        baselines.length === 0
          ? 'Nothing was learnt yet; it is learnt by itself as soon as there is enough.'
          : `${saved ? 'Learnt' : 'Would learn'} what is normal for ${counted(baselines.length, 'metric')} from ${counted(days, 'day')}, ${localTime(now, timezone, now)}.`;
      const more = notes.length > NOTES_SHOWN ? [`and ${notes.length - NOTES_SHOWN} more`] : [];
      return ok(
        [head, ...columns(baselines.map(row)), ...notes.slice(0, NOTES_SHOWN), ...more].join('\n'),
        data,
      );
    }
  }
}

function row({ metric, unit, now, hours }: BaselineView): readonly string[] {
  if (now === null) return [metricWords(metric), 'not learnt yet', ''];
  return [
    metricWords(metric),
    `normal ${rangeWords(now.low, now.high, unit)}, centre ${figure(now.centre, unit)}`,
    `${spanWords(minutes(now.rows))} of samples${hours.length > 0 ? ', by hour of day' : ''}`,
  ];
}

function oneMetric(
  views: readonly BaselineView[],
  { timezone, now }: Pick<CommandContext, 'timezone' | 'now'>,
): readonly string[] {
  return views.flatMap((view) => [...row(view), ...sourceLines(view, timezone, now), ...bandChart(view)]);
}

function sourceLines(view: BaselineView, timezone: string, now: EpochMs): readonly string[] {
  const from =
    view.source === null
      ? []
      : [
          `Learnt from ${SOURCES[view.source]}${view.learntAt === null ? '' : `, ${localTime(view.learntAt, timezone, now)}`}.`,
        ];
  return [
    ...from,
    `${spanWords((view.teachingMinutes * 60_000) as Ms)} of the stored minutes may teach; they cover ${view.hoursCovered} of 24 hours of the day.`,
    ...(view.since === null ? [] : [`Learnt anew since ${localTime(view.since, timezone, now)}.`]),
  ];
}

const SOURCES = {
  history: 'the stored history of this host',
  csv: 'a CSV',
  prometheus: 'Prometheus',
} as const;

function baselineData({ learntAt, since, ...view }: BaselineView): object {
  return {
    ...view,
    learntAt: learntAt === null ? null : toIso(learntAt),
    since: since === null ? null : toIso(since),
  };
}
