/** A small line over its band: where the metric was in the last hour against what is normal now. */
import type { JSX } from 'preact';
import type { Band } from '../../../../domain/metric.ts';
import type { SeriesView } from '../../series.ts';
import { linePath, scale } from '../chart-geometry.ts';

const WIDTH = 190;
const HEIGHT = 40;
const PAD = 3;
/** The picture spans at least this share of the value. */
const FLATTEST = 0.2;

interface SparkProps {
  readonly series: SeriesView | undefined;
  readonly band: Band;
  readonly bad: boolean;
}

export function Spark({ series, band, bad }: SparkProps): JSX.Element {
  const values = series?.mean ?? [];
  const known = [...values, band.low, band.high].filter((value) => value !== null);
  const [low, high] = known.length === 0 ? [0, 1] : [Math.min(...known), Math.max(...known)];
  // A disk that grew by a thousandth must not look like one that is filling up.
  const air = Math.max((high - low) * 0.1, (Math.abs(high) * FLATTEST - (high - low)) / 2) || 1;
  const y = scale(low - air, high + air, HEIGHT - PAD, PAD);
  const x = scale(0, Math.max(1, values.length - 1), 0, WIDTH);
  const points = values.map((value, index) => ({ at: index, value }));
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {band.low !== null && band.high !== null && (
        <rect
          class="band"
          x="0"
          width={WIDTH}
          y={y.place(band.high)}
          height={Math.max(2, y.place(band.low) - y.place(band.high))}
        />
      )}
      <path class={bad ? 'trace bad' : 'trace'} d={linePath(points, x, y)} />
    </svg>
  );
}
