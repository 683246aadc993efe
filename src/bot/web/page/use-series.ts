/** Histories for charts: asked for when shown, and again while shown. */
import { useEffect, useState } from 'preact/hooks';
import type { SeriesView } from '../series.ts';
import { get } from './api.ts';

const REFRESH_MS = 30_000;

/** By metric name; empty until the first answer. `query` follows the names; a new `key` asks again at once. */
export function useSeries(
  metrics: readonly string[],
  query: string,
  key: string = '',
): ReadonlyMap<string, SeriesView> {
  const [series, setSeries] = useState<ReadonlyMap<string, SeriesView>>(new Map());
  const names = metrics.map((metric) => `metric=${encodeURIComponent(metric)}`).join('&');
  useEffect(() => {
    if (names === '') return;
    let current = true;
    const load = (): void => {
      get<{ series: readonly SeriesView[] }>(`/api/metrics?${names}&${query}`).then(
        (answer) => current && setSeries(new Map(answer.series.map((one) => [one.metric, one]))),
        () => {}, // the old picture stays; the banner says that nothing answers
      );
    };
    load();
    const timer = setInterval(load, REFRESH_MS);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [names, query, key]);
  return series;
}
