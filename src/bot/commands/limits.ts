/** The limits of each metric: shown, set for a while, taken back, explained. */
import { z } from 'zod';
import { type MetricName, subjectOf, unitOf } from '../../domain/metric.ts';
import type { LimitExplanation } from '../../domain/tuning.ts';
import { days, minutes } from '../../domain/units.ts';
import { columns } from '../columns.ts';
import { figure, metricWords } from '../figures.ts';
import { nearest } from '../nearest.ts';
import { metricView } from '../status-views.ts';
import type { Command, CommandContext, Reply } from './command.ts';
import { entry } from './entry.ts';
import { readLimit } from './limit-values.ts';
import { explanationData, explanationText, overrideWords } from './limit-words.ts';
import { span, word } from './options.ts';
import { badOption, fromControl, notFound, ok } from './replies.ts';

const metric = word('metric, or a family like disk');
const target = word('only of this target');
const shown = { metric: word('only this metric').optional(), target: target.optional() };
const limit = (which: string) => word(`${which} limit: 85, 250ms, 512MB, or none`).optional();

export const LIMIT_COMMANDS: readonly Command[] = [
  entry({
    words: ['threshold', 'show'],
    summary: 'The fixed limits of each metric, and what a person set over them',
    role: 'operator',
    options: z.strictObject(shown),
    positional: ['metric'],
    changes: false,
    example: 'threshold show cpu',
    run: async (options, context) => show(options, context),
  }),
  entry({
    words: ['threshold', 'set'],
    summary: 'Sets the limits of a metric, for a while or until it is reset',
    role: 'operator',
    options: z.strictObject({
      metric,
      target: target.optional(),
      warn: limit('warn'),
      critical: limit('critical'),
      for: span('ends by itself after', minutes(1), days(30)).optional(),
    }),
    positional: ['metric'],
    changes: true,
    example: 'threshold set cpu --warn 85 --critical 95 --for 2h',
    run: async (options, context) => set(options, context),
  }),
  entry({
    words: ['threshold', 'reset'],
    summary: 'Goes back to the configured limits of a metric, or of all',
    role: 'operator',
    options: z.strictObject(shown),
    positional: ['metric'],
    changes: true,
    example: 'threshold reset cpu',
    async run(options, { controls, actor, dryRun }) {
      const name = options.metric === undefined ? null : named(options.metric, options.target);
      return fromControl(await controls.limits.reset(name, actor, dryRun));
    },
  }),
  entry({
    words: ['threshold', 'explain'],
    summary: 'Why the limits of a metric are what they are, and which of them decides now',
    role: 'operator',
    options: z.strictObject({ metric, target: target.optional() }),
    positional: ['metric'],
    changes: false,
    example: 'threshold explain cpu',
    async run(options, { controls, timezone, now }) {
      const found = controls.limits.explain(named(options.metric, options.target));
      if (found === undefined) return unknownMetric(named(options.metric, options.target), controls);
      return ok(explanationText(found, timezone, now), explanationData(found));
    },
  }),
];

async function show(
  options: { readonly metric?: string | undefined; readonly target?: string | undefined },
  { controls, timezone, now }: CommandContext,
): Promise<Reply> {
  const metrics = controls
    .metrics()
    .filter((one) => options.metric === undefined || one.metric === options.metric)
    .filter((one) => options.target === undefined || subjectOf(one.metric) === options.target);
  if (metrics.length === 0) {
    if (options.metric !== undefined) return unknownMetric(options.metric, controls);
    return notFound('No such metric is known.');
  }
  const overrides = controls.limits.overrides();
  const rows = metrics.map(({ metric: name, unit, value, band }) => [
    metricWords(name),
    figure(value, unit),
    band.warn === null ? 'no warn limit' : `warn ${figure(band.warn, unit)}`,
    band.critical === null ? 'no critical limit' : `critical ${figure(band.critical, unit)}`,
  ]);
  const set = overrides.map((one) => {
    const unit = unitOf(one.metric);
    return `Set over the file for ${one.metric}: ${overrideWords(one, unit, timezone, now)}.`;
  });
  return ok([...columns(rows), ...set].join('\n'), { metrics: metrics.map(metricView) });
}

interface SetOptions {
  readonly metric: string;
  readonly target?: string | undefined;
  readonly warn?: string | undefined;
  readonly critical?: string | undefined;
  readonly for?: ReturnType<typeof minutes> | undefined;
}

async function set(options: SetOptions, { controls, actor, dryRun }: CommandContext): Promise<Reply> {
  const name = named(options.metric, options.target);
  const found = controls.limits.explain(name);
  if (found === undefined) return unknownMetric(name, controls);
  if (options.warn === undefined && options.critical === undefined) {
    return badOption('Which limit? Give warn, critical or both.', { missing: ['warn', 'critical'] });
  }
  const warn = chosen('warn', options.warn, found);
  if (typeof warn === 'object' && warn !== null) return warn;
  const critical = chosen('critical', options.critical, found);
  if (typeof critical === 'object' && critical !== null) return critical;
  const fault = orderFault(warn, critical, found);
  if (fault !== null) return badOption(fault);
  return fromControl(
    await controls.limits.set({ metric: name, warn, critical, span: options.for ?? null }, actor, dryRun),
  );
}

/** The new limit, the one in force where none is given, or what is wrong with it. */
function chosen(
  which: 'warn' | 'critical',
  text: string | undefined,
  { unit, inForce, metric: name }: LimitExplanation,
): number | null | Reply {
  if (text === undefined) return inForce?.[which] ?? null;
  const read = readLimit(text, unit);
  if (read.kind === 'value') return read.value;
  return badOption(`${which}: expected ${read.expected} for ${name}, found "${text}".`, {
    option: which,
    expected: read.expected,
    found: text,
  });
}

function orderFault(
  warn: number | null,
  critical: number | null,
  { metric: name, unit, inForce }: LimitExplanation,
): string | null {
  if (warn === null && critical === null) return `${name} would have no limit at all; give one of them.`;
  if (warn === null || critical === null) return null;
  const isLow = (inForce?.direction ?? (name.startsWith('success_rate') ? 'low' : 'high')) === 'low';
  const isFine = isLow ? critical < warn : critical > warn;
  if (isFine) return null;
  return `critical: expected ${isLow ? 'below' : 'above'} the warn limit ${figure(warn, unit)}, found ${figure(critical, unit)}.`;
}

/** `latency` of target `billing-api` is `latency:billing-api`. */
function named(name: string, ofTarget: string | undefined): MetricName {
  return ofTarget === undefined || name.includes(':') ? name : `${name}:${ofTarget}`;
}

function unknownMetric(name: string, controls: CommandContext['controls']): Reply {
  const known = controls.metrics().map((one) => one.metric);
  const near = nearest(name, known);
  return notFound(
    `There is no metric ${name}.${near === null ? ' "status" shows those that are known.' : ` Did you mean ${near}?`}`,
    { found: name, known },
  );
}
