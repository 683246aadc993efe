/** Every metric against its normal, and one of them over hours or days. */
import type { JSX } from 'preact';
import { figure, metricWords, normalWords } from '../../../figures.ts';
import type { MetricView } from '../../../status-views.ts';
import type { SeriesView } from '../../series.ts';
import { HistoryChart } from '../parts/history-chart.tsx';
import { Spark } from '../parts/spark.tsx';
import { Word } from '../parts/word.tsx';
import { place } from '../router.ts';
import { metrics } from '../store.ts';
import { useSeries } from '../use-series.ts';
import { countWords } from '../words.ts';

const WINDOWS = [
  { window: '1h', name: '1 hour' },
  { window: '6h', name: '6 hours' },
  { window: '24h', name: '1 day' },
  { window: '7d', name: '7 days' },
] as const;

/** So many sparks are asked for at once. */
const MOST_SPARKS = 24;

export function Metrics(): JSX.Element {
  const all = metrics.value;
  const asked = place.value.query.get('metric');
  const chosen = all.find(({ metric }) => metric === asked) ?? all[0];
  const window = WINDOWS.find((one) => one.window === place.value.query.get('window')) ?? WINDOWS[0];
  return (
    <>
      <h1>{headline(all)}</h1>
      {chosen !== undefined && <Chosen metric={chosen} window={window.window} />}
      <All metrics={all} chosen={chosen?.metric} window={window.window} />
    </>
  );
}

function headline(all: readonly MetricView[]): string {
  const bad = all.filter(({ verdict }) => verdict === 'bad').length;
  const unknown = all.filter(({ value }) => value === null).length;
  if (all.length === 0) return 'Nothing was measured yet.';
  if (bad > 0) return `${countWords(bad, 'metric is', 'metrics are')} outside normal.`;
  if (unknown > 0) return `${countWords(unknown, 'metric is', 'metrics are')} unknown, the rest is normal.`;
  return `All ${all.length} metrics are normal.`;
}

function address(metric: string, window: string): string {
  return `/history?metric=${encodeURIComponent(metric)}&window=${window}`;
}

function Chosen({ metric, window }: { readonly metric: MetricView; readonly window: string }): JSX.Element {
  const series = useSeries([metric.metric], `window=${window}&points=480`).get(metric.metric);
  const name = metricWords(metric.metric);
  return (
    <section class="card chosen">
      <div class="title">
        <h2>{name}</h2>
        <span class="num">
          <b>{figure(metric.value, metric.unit)}</b> <small>{normalWords(metric.band, metric.unit)}</small>
        </span>
      </div>
      <nav class="choices" aria-label="Over which time">
        {WINDOWS.map((one) => (
          <a
            key={one.window}
            href={address(metric.metric, one.window)}
            aria-current={one.window === window ? 'true' : undefined}
          >
            {one.name}
          </a>
        ))}
      </nav>
      {series === undefined ? (
        <div class="history" />
      ) : (
        <>
          <HistoryChart metric={metric} series={series} label={`${name}: ${summary(series, metric)}`} />
          <p class="sub num">{summary(series, metric)}</p>
        </>
      )}
    </section>
  );
}

function summary(series: SeriesView, { unit }: MetricView): string {
  const lows = series.low.filter((value) => value !== null);
  const highs = series.high.filter((value) => value !== null);
  if (lows.length === 0 || highs.length === 0) return 'Nothing is known of this time.';
  const gaps = series.mean.filter((value) => value === null).length;
  const share = Math.round((gaps / series.mean.length) * 100);
  const missing = share === 0 ? '' : `; ${share} % of the time is unknown`;
  return `lowest ${figure(Math.min(...lows), unit)}, highest ${figure(Math.max(...highs), unit)}${missing}`;
}

interface AllProps {
  readonly metrics: readonly MetricView[];
  readonly chosen: string | undefined;
  readonly window: string;
}

function All({ metrics: all, chosen, window }: AllProps): JSX.Element {
  const names = all.map(({ metric }) => metric);
  const series = useSeries(names.slice(0, MOST_SPARKS), 'window=1h&points=60');
  return (
    <>
      <h2>All metrics, last hour</h2>
      <section class="card rows metrics">
        {all.map((metric) => (
          <a
            key={metric.metric}
            href={address(metric.metric, window)}
            aria-current={metric.metric === chosen ? 'true' : undefined}
          >
            <span>
              {metricWords(metric.metric)}
              <small>{normalWords(metric.band, metric.unit)}</small>
            </span>
            <Spark series={series.get(metric.metric)} bad={metric.verdict === 'bad'} />
            <span class="num value">
              {metric.value === null ? <Word word="Unknown" /> : figure(metric.value, metric.unit)}
              {metric.verdict === 'bad' && <Word word="Outside" tone="crit" />}
            </span>
          </a>
        ))}
      </section>
    </>
  );
}
