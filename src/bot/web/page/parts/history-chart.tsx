/**
 * A metric over hours or days: mean, lowest and highest of each step, over the band of its time and its limits. uPlot draws on a
 * canvas, so the same is said in words beside it.
 */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { figure } from '../../../figures.ts';
import type { MetricView } from '../../../status-views.ts';
import type { SeriesView } from '../../series.ts';
import { valueRange } from '../chart-geometry.ts';
import { axisWords, fullWords, momentOf } from '../time.ts';

const HEIGHT = 300;

interface HistoryProps {
  readonly metric: MetricView;
  readonly series: SeriesView;
  readonly label: string;
}

export function HistoryChart({ metric, series, label }: HistoryProps): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    let plot = draw(element, metric, series);
    const redraw = (): void => {
      plot.destroy();
      plot = draw(element, metric, series);
    };
    const seen = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    seen.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', redraw);
    return () => {
      dark.removeEventListener('change', redraw);
      seen.disconnect();
      plot.destroy();
    };
  }, [metric.metric, series]);
  return <div class="history" ref={frame} role="img" aria-label={label} />;
}

function draw(element: HTMLElement, metric: MetricView, series: SeriesView): uPlot {
  const colour = colours();
  const { band, unit } = metric;
  const limit = band.warn ?? band.critical;
  const times = series.mean.map(
    (_, index) => momentOf(series.from) / 1_000 + (index + 0.5) * series.stepSeconds,
  );
  const range = valueRange([...series.high, ...series.low, ...series.bands.map(({ high }) => high), limit]);
  // Without a pointer over the chart there is nothing to read off.
  const say = (_plot: uPlot, value: number | null, _series: number, index: number | null): string =>
    index === null ? '' : figure(value, unit);
  const edge = { stroke: 'transparent', points: { show: false }, value: say };
  const axis = {
    stroke: colour.soft,
    grid: { stroke: colour.line, width: 1 },
    ticks: { show: false },
    font: '12px system-ui',
  };
  const options: uPlot.Options = {
    width: element.clientWidth,
    height: HEIGHT,
    cursor: { drag: { x: true, y: false } },
    scales: { y: { range: [range.low, range.high] } },
    axes: [
      { ...axis, values: (_plot, values) => timeLabels(values) },
      { ...axis, size: 72, values: (_plot, values) => values.map((value) => figure(value, unit)) },
    ],
    series: [
      { label: 'at', value: (_plot, at) => (at === null ? '' : fullWords(at * 1_000)) },
      { ...edge, label: 'highest' },
      { ...edge, label: 'lowest' },
      { label: 'mean', stroke: colour.accent, width: 1.5, points: { show: false }, value: say },
    ],
    bands: [{ series: [1, 2], fill: colour.spread }],
    hooks: { drawClear: [(plot) => paintNormal(plot, metric, series, colour)] },
  };
  const data = [times, series.high, series.low, series.mean] as unknown as uPlot.AlignedData;
  return new uPlot(options, data, element);
}

/** The day where a new one begins, the time elsewhere. */
function timeLabels(values: readonly number[]): string[] {
  return values.map((value, index) => {
    const before = values[index - 1];
    return axisWords(value * 1_000, before === undefined ? null : before * 1_000);
  });
}

/** The bands and the limits lie under the line. */
function paintNormal(plot: uPlot, { band }: MetricView, { bands }: SeriesView, colour: Colours): void {
  const { ctx } = plot;
  const { left, width } = plot.bbox;
  const top = (value: number): number => plot.valToPos(value, 'y', true);
  const across = (time: string): number =>
    Math.min(left + width, Math.max(left, plot.valToPos(momentOf(time) / 1_000, 'x', true)));
  ctx.save();
  ctx.fillStyle = colour.band;
  for (const { from, to, low, high } of bands) {
    const begin = across(from);
    ctx.fillRect(begin, top(high), across(to) - begin, Math.max(2, top(low) - top(high)));
  }
  for (const [limit, stroke] of [
    [band.warn, colour.warn],
    [band.critical, colour.crit],
  ] as const) {
    if (limit === null) continue;
    ctx.strokeStyle = stroke;
    ctx.setLineDash([6, 6]);
    ctx.beginPath();
    ctx.moveTo(left, top(limit));
    ctx.lineTo(left + width, top(limit));
    ctx.stroke();
  }
  ctx.restore();
}

interface Colours {
  readonly soft: string;
  readonly line: string;
  readonly accent: string;
  readonly band: string;
  readonly warn: string;
  readonly crit: string;
  readonly spread: string;
}

/** A canvas knows no custom properties: their values now, light or dark. */
function colours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const accent = read('accent');
  return {
    soft: read('soft'),
    line: read('line'),
    accent,
    band: read('band'),
    warn: read('warn'),
    crit: read('crit'),
    spread: `${accent}33`,
  };
}
