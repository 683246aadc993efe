/** One metric: what it is, what it is now, what is normal. Unknown is said, never drawn as 0. */
import type { JSX } from 'preact';
import { figure, metricWords, normalWords } from '../../../figures.ts';
import type { MetricView } from '../../../status-views.ts';
import type { SeriesView } from '../../series.ts';
import { Spark } from './spark.tsx';

interface TileProps {
  readonly metric: MetricView;
  readonly series: SeriesView | undefined;
}

export function Tile({ metric, series }: TileProps): JSX.Element {
  const normal = normalWords(metric.band, metric.unit).replace(/^normal /, '');
  return (
    <a class="card tile" href={`/history?metric=${encodeURIComponent(metric.metric)}`}>
      <span class="name">{metricWords(metric.metric)}</span>
      <span class="value num">
        {figure(metric.value, metric.unit)}{' '}
        <small>{metric.verdict === 'bad' ? `outside ${normal}` : normal}</small>
      </span>
      <Spark series={series} bad={metric.verdict === 'bad'} />
    </a>
  );
}
