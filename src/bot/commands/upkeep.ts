/** Configuration, the bands in force, and trying the surfaces out. */
import { z } from 'zod';
import type { MetricNow } from '../../domain/controls.ts';
import { type MetricUnit, subjectOf } from '../../domain/metric.ts';
import { columns } from '../columns.ts';
import { counted, figure, metricWords, rangeWords } from '../figures.ts';
import { metricView } from '../status-views.ts';
import type { Command } from './command.ts';
import { entry, later } from './entry.ts';
import { word } from './options.ts';
import { failed, fromControl, notFound, ok, would } from './replies.ts';

const metricFilter = {
  metric: word('only this metric').optional(),
  target: word('only of this target').optional(),
};

export const CONFIG_COMMANDS: readonly Command[] = [
  entry({
    words: ['config', 'show'],
    summary: 'The configuration in force, secrets masked',
    role: 'viewer',
    options: z.strictObject({}),
    positional: [],
    changes: false,
    example: 'config show',
    async run(_, { controls }) {
      const { hash, text } = controls.config();
      return ok(text, { hash, text });
    },
  }),
  entry({
    words: ['config', 'validate'],
    summary: 'Checks the configuration files and names every fault',
    role: 'viewer',
    options: z.strictObject({}),
    positional: [],
    changes: false,
    example: 'config validate',
    async run(_, { controls }) {
      const { faults } = await controls.validateConfig();
      if (faults.length === 0) return ok('The configuration is valid.', { faults });
      return failed([`${counted(faults.length, 'fault')} found:`, ...faults].join('\n'), { faults });
    },
  }),
  entry({
    words: ['config', 'reload'],
    summary: 'Reads the configuration again: all of it is valid, or nothing changes',
    role: 'operator',
    options: z.strictObject({}),
    positional: [],
    changes: true,
    example: 'config reload --dry-run',
    run: async (_, { controls, actor, dryRun }) => fromControl(await controls.reloadConfig(actor, dryRun)),
  }),
];

export const TEST_COMMANDS: readonly Command[] = [
  testing('alert', 'Sends a test alert to every surface'),
  testing('buttons', 'Shows a card with test buttons on every surface'),
  later(['test', 'mail'], 'Sends a test mail', 'operator', {}, { changes: true }),
];

export const BAND_COMMANDS: readonly Command[] = [
  entry({
    words: ['threshold', 'show'],
    summary: 'The fixed limits of each metric',
    role: 'operator',
    options: z.strictObject(metricFilter),
    positional: ['metric'],
    changes: false,
    example: 'threshold show cpu',
    async run(options, { controls }) {
      const metrics = chosen(controls.metrics(), options);
      if (metrics.length === 0) return notFound('No such metric is known.');
      const rows = metrics.map(({ metric, unit, value, band }) => [
        metricWords(metric),
        figure(value, unit),
        limitWords('warn', band.warn, unit),
        limitWords('critical', band.critical, unit),
      ]);
      return ok(columns(rows).join('\n'), { metrics: metrics.map(metricView) });
    },
  }),
  entry({
    words: ['baseline', 'show'],
    summary: 'What is normal now for each metric, as learnt from its own past',
    role: 'operator',
    options: z.strictObject(metricFilter),
    positional: ['metric'],
    changes: false,
    example: 'baseline show latency:billing-api',
    async run(options, { controls }) {
      const metrics = chosen(controls.metrics(), options);
      if (metrics.length === 0) return notFound('No such metric is known.');
      const rows = metrics.map(({ metric, unit, value, band }) => [
        metricWords(metric),
        figure(value, unit),
        band.low === null || band.high === null
          ? 'not learnt yet'
          : `normal ${rangeWords(band.low, band.high, unit)}, centre ${figure(band.centre, unit)}`,
      ]);
      return ok(columns(rows).join('\n'), { metrics: metrics.map(metricView) });
    },
  }),
];

function testing(what: 'alert' | 'buttons', summary: string): Command {
  return entry({
    words: ['test', what],
    summary,
    role: 'operator',
    options: z.strictObject({}),
    positional: [],
    changes: true,
    example: `test ${what}`,
    run: async (_, { controls, actor, dryRun }) =>
      dryRun
        ? would(`Would send a test (${what}) to every surface that is on.`)
        : fromControl(await controls.testSurfaces(what, actor)),
  });
}

function chosen(
  metrics: readonly MetricNow[],
  options: { readonly metric?: string | undefined; readonly target?: string | undefined },
): readonly MetricNow[] {
  return metrics
    .filter(({ metric }) => options.metric === undefined || metric === options.metric)
    .filter(({ metric }) => options.target === undefined || subjectOf(metric) === options.target);
}

function limitWords(name: string, value: number | null, unit: MetricUnit): string {
  return value === null ? `no ${name} limit` : `${name} ${figure(value, unit)}`;
}
