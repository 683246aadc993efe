/** A small line over its band: where the metric was in the last hour against what was normal then. */
import type { JSX } from 'preact';
import type { SeriesView } from '../../series.ts';
import { linePath, scale } from '../chart-geometry.ts';
import { stretchesOf } from '../series-shapes.ts';
import { momentOf } from '../time.ts';

const WIDTH = 190;
const HEIGHT = 40;
const PAD = 3;
/** The picture spans at least this share of the value. */
const FLATTEST = 0.2;

interface SparkProps {
  readonly series: SeriesView | undefined;
  readonly bad: boolean;
}

export function Spark({ series, bad }: SparkProps): JSX.Element {
  const values = series?.mean ?? [];
  const time = scale(momentOf(series?.from ?? ''), momentOf(series?.to ?? ''), 0, WIDTH);
  const bands = stretchesOf(series?.bands ?? [], null, time.from, time.to);
  const known = [...values, ...bands.flatMap((one) => [one.low, one.high])].filter((value) => value !== null);
  const [low, high] = known.length === 0 ? [0, 1] : [Math.min(...known), Math.max(...known)];
  // A disk that grew by a thousandth must not look like one that is filling up.
  const air = Math.max((high - low) * 0.1, (Math.abs(high) * FLATTEST - (high - low)) / 2) || 1;
  const y = scale(low - air, high + air, HEIGHT - PAD, PAD);
  const x = scale(0, Math.max(1, values.length - 1), 0, WIDTH);
  const points = values.map((value, index) => ({ at: index, value }));
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {bands.map(({ from, to, low: least, high: most }) => (
        <rect
          key={from}
          class="band"
          x={time.place(from)}
          width={time.place(to) - time.place(from)}
          y={y.place(most)}
          height={Math.max(2, y.place(least) - y.place(most))}
        />
      ))}
      <path class={bad ? 'trace bad' : 'trace'} d={linePath(points, x, y)} />
    </svg>
  );
}
