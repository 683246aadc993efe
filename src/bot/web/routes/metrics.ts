/** `GET /api/metrics`: what every metric is now, and its history over any window. */
import { z } from 'zod';
import type { OpsControls } from '../../../domain/controls.ts';
import {
  before,
  type EpochMs,
  elapsed,
  epochMs,
  fromIso,
  hours,
  type Ms,
  seconds,
  toIso,
} from '../../../domain/units.ts';
import { problem } from '../../../platform/http-problem.ts';
import { parseSpan } from '../../spans.ts';
import { metricView } from '../../status-views.ts';
import type { WebDeps } from '../deps.ts';
import { ok, type Route, route } from '../route.ts';
import { type SeriesView, seriesView } from '../series.ts';

/** Samples are stored every 10 s; a step below that would leave holes. */
const SHORTEST_STEP: Ms = seconds(10);
const MOST_SERIES = 24;

const span = z.string().transform((value, context) => {
  const found = parseSpan(value);
  if (found !== null && found > 0) return found;
  context.addIssue({ code: 'custom', message: 'expected a time like 1h or 7d' });
  return z.NEVER;
});

const moment = z.string().transform((value, context) => {
  const found = fromIso(value);
  if (found !== undefined) return found;
  context.addIssue({ code: 'custom', message: 'expected an ISO 8601 time' });
  return z.NEVER;
});

export function metricRoutes({ controls, clock }: Pick<WebDeps, 'controls' | 'clock'>): readonly Route[] {
  const names = z
    .union([z.string(), z.array(z.string()).max(MOST_SERIES)])
    .transform((value) => [value].flat());
  return [
    route({
      method: 'GET',
      path: '/api/metrics',
      summary: 'Every current metric; with "metric" (repeatable) also its history over a window.',
      role: 'viewer',
      query: z.strictObject({
        metric: names.optional(),
        window: span.optional(),
        from: moment.optional(),
        to: moment.optional(),
        points: z.coerce.number().int().min(2).max(2_000).default(360),
      }),
      answer: ({ query }) => {
        const now = clock.now();
        const metrics = controls.metrics().map(metricView);
        const asked = query.metric;
        if (asked === undefined) return ok({ now: toIso(now), metrics });
        const unknown = asked.find((name) => metrics.every(({ metric }) => metric !== name));
        if (unknown !== undefined) return problem('NOT_FOUND', `There is no metric ${unknown}.`);
        const to = query.to ?? epochMs(now + 1);
        const from = query.from ?? before(to, query.window ?? hours(1));
        if (from >= to) return problem('BAD_REQUEST', 'from: expected before "to"');
        return ok({
          now: toIso(now),
          metrics: metrics.filter(({ metric }) => asked.includes(metric)),
          series: asked.map((metric) => oneSeries(controls, metric, { from, to, points: query.points, now })),
        });
      },
    }),
  ];
}

function oneSeries(
  controls: OpsControls,
  metric: string,
  asked: { readonly from: EpochMs; readonly to: EpochMs; readonly points: number; readonly now: EpochMs },
): SeriesView {
  const { from, to, points, now } = asked;
  const samples = controls.history(metric, elapsed(from, now));
  const bands = controls.bands(metric, from, epochMs(Math.min(to, now + 1)));
  return seriesView(metric, samples, bands, { from, to, steps: points, shortestStep: SHORTEST_STEP });
}
