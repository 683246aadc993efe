/** Gathers what the anomaly report says from the monitor and the incidents. */

import { metricWords } from '../bot/figures.ts';
import {
  type AnomalyReportInput,
  anomalyMarkdown,
  anomalySummary,
  falseAlarmsOf,
} from '../bot/reports/anomaly.ts';
import { seriesSvg } from '../bot/reports/series-svg.ts';
import type { Incident } from '../domain/incident.ts';
import type { MetricName } from '../domain/metric.ts';
import type { Clock } from '../domain/ports.ts';
import type { ReportKind, ReportPeriod, ReportPicture } from '../domain/report.ts';
import type { BandReader, RollupReader } from '../domain/rollup.ts';
import type { BaselineDesk } from '../domain/tuning.ts';
import { type EpochMs, epochMs } from '../domain/units.ts';

const MOST_INCIDENTS = 1_000;
const PICTURES = 6;
/** Shown where nothing was found. */
const USUAL: readonly MetricName[] = ['cpu', 'memory', 'load_per_core', 'disk:/'];

export interface AnomalyReportDeps {
  readonly host: string;
  readonly timezone: string;
  readonly clock: Clock;
  readonly rollups: RollupReader;
  readonly bands: BandReader['bands'];
  readonly baselines: BaselineDesk;
  readonly incidents: (filter: { readonly since: EpochMs; readonly limit: number }) => readonly Incident[];
  /** Since when a model of the whole host stands; `null` = none. */
  readonly modelAt: () => EpochMs | null;
}

export function anomalyReport(deps: AnomalyReportDeps): ReportKind {
  return {
    file: 'anomaly_detection_report',
    draw(period) {
      const baselines = deps.baselines.show(null);
      const incidents = deps
        .incidents({ since: period.from, limit: MOST_INCIDENTS })
        .filter(({ openedAt }) => openedAt <= period.to)
        .toSorted((a, b) => a.openedAt - b.openedAt);
      const pictures = picturesOf(period, incidents, deps);
      const input: AnomalyReportInput = {
        host: deps.host,
        period,
        now: deps.clock.now(),
        baselines,
        incidents,
        ...sampled(period, deps.rollups),
        modelAt: deps.modelAt(),
        pictures,
      };
      return {
        title: `Anomaly detection on ${deps.host}`,
        summary: anomalySummary(input),
        markdown: (picture) => anomalyMarkdown(input, picture),
        pictures,
        data: {
          baselines: baselines.length,
          incidents: incidents.length,
          ...falseAlarmsOf(incidents, period),
        },
      };
    },
  };
}

function sampled(
  { from, to }: ReportPeriod,
  rollups: RollupReader,
): Pick<AnomalyReportInput, 'sampledMinutes' | 'possibleMinutes'> {
  const any = new Set<number>();
  let possibleMinutes = 0;
  for (const metric of rollups.metrics()) {
    const { values } = rollups.minutes(metric, from, to, 'all');
    possibleMinutes = Math.max(possibleMinutes, values.length);
    for (const [index, value] of values.entries()) if (!Number.isNaN(value)) any.add(index);
  }
  return { sampledMinutes: any.size, possibleMinutes };
}

function picturesOf(
  { from, to }: ReportPeriod,
  incidents: readonly Incident[],
  { rollups, bands, timezone }: AnomalyReportDeps,
): readonly (ReportPicture & { readonly metric: MetricName })[] {
  const found = incidents.flatMap(({ anomalies }) => anomalies.map(({ evidence }) => evidence.metric));
  const wanted = [...new Set([...found, ...USUAL])].slice(0, PICTURES);
  return wanted.flatMap((metric) => {
    const svg = seriesSvg({
      metric,
      rows: rollups.minutes(metric, from, to, 'all'),
      bands: bands(metric, from, to),
      marks: marksOf(metric, incidents, to),
      timezone,
    });
    return svg === null ? [] : [{ slug: slugOf(metric), metric, svg, alt: metricWords(metric) }];
  });
}

function marksOf(
  metric: MetricName,
  incidents: readonly Incident[],
  to: EpochMs,
): readonly { readonly from: EpochMs; readonly to: EpochMs }[] {
  return incidents
    .filter(({ anomalies }) => anomalies.some(({ evidence }) => evidence.metric === metric))
    .map(({ openedAt, state }) => ({
      from: openedAt,
      to: epochMs(state.kind === 'resolved' ? state.at : to),
    }));
}

function slugOf(metric: MetricName): string {
  return (
    metric
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '') || 'root'
  );
}
