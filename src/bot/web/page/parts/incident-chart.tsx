/**
 * The evidence as a picture: the metric, its band, its limit, when it was bad, what was done. Drawn at the width it
 * has, so that its words stay readable on a phone.
 */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { figure, metricWords, normalWords } from '../../../figures.ts';
import type { AnomalyView, IncidentView } from '../../../views.ts';
import type { BandView } from '../../series.ts';
import {
  gridSteps,
  linePath,
  type Mark,
  type PlacedMark,
  type Point,
  placeMarks,
  type Scale,
  scale,
  valueRange,
} from '../chart-geometry.ts';
import { type Stretch, stretchesOf } from '../series-shapes.ts';
import { clockWords, momentOf } from '../time.ts';

/** The field itself; rows of badges come on top of it. */
const FIELD = 214;
const AIR = 12;
/** Below this the axis needs seconds. */
const SHORT_MS = 600_000;
const BOTTOM = 26;
const RIGHT = 4;
const BADGE = 20;
/** Width of a letter of the axis, with which room for its labels is kept. */
const LETTER = 7;

export interface ChartProps {
  readonly incident: IncidentView;
  readonly anomaly: AnomalyView;
  readonly points: readonly Point[];
  /** What was normal when; empty where it is no longer known. */
  readonly bands: readonly BandView[];
  readonly marks: readonly Mark[];
  readonly from: number;
  readonly to: number;
}

export function IncidentChart(props: ChartProps): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const seen = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    if (frame.current !== null) seen.observe(frame.current);
    return () => seen.disconnect();
  }, []);
  return (
    <div class="chart" ref={frame}>
      {width > 0 && <Picture {...props} width={width} />}
    </div>
  );
}

function Picture(props: ChartProps & { readonly width: number }): JSX.Element {
  const { incident, anomaly, points, marks, width, from, to } = props;
  const { band, unit } = anomaly;
  const limit = band.warn ?? band.critical;
  const bands = stretchesOf(props.bands, band, from, to);
  const range = valueRange([...points.map(({ value }) => value), ...bands.map(({ high }) => high), limit]);
  const steps = unit === 'up' ? [0, 1] : gridSteps(range.low, range.high, 4);
  const left = Math.max(...steps.map((step) => figure(step, unit).length)) * LETTER + 12;
  const x = scale(from, to, left, width - RIGHT);
  const placed = placeMarks(marks, x, BADGE);
  const top = AIR + BADGE * (1 + Math.max(-1, ...placed.map(({ row }) => row)));
  const height = top + FIELD + BOTTOM;
  const y = scale(range.low, range.high, top + FIELD, top);
  const begin = x.place(Math.max(from, momentOf(incident.since)));
  const end = x.place(Math.min(to, incident.resolvedAt === null ? to : momentOf(incident.resolvedAt)));
  return (
    <>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        height={height}
        role="img"
        aria-label={description(props)}
      >
        <rect class="trouble" x={begin} y={top} width={Math.max(2, end - begin)} height={FIELD} />
        <Grid steps={steps} unit={unit} x={x} y={y} width={width} left={left} />
        <Normal bands={bands} limit={limit} unit={unit} x={x} y={y} width={width} left={left} />
        <path class="trace bad" d={linePath(points, x, y)} />
        <Marks placed={placed} points={points} y={y} />
      </svg>
      <MarkList placed={placed} precise={to - from < SHORT_MS} />
    </>
  );
}

interface FieldProps {
  readonly unit: AnomalyView['unit'];
  readonly y: Scale;
  readonly width: number;
  readonly left: number;
}

interface NormalProps extends FieldProps {
  readonly bands: readonly Stretch[];
  readonly limit: number | null;
  readonly x: Scale;
}

/** Where normal lay, and the limit above it. */
function Normal({ bands, limit, unit, x, y, width, left }: NormalProps): JSX.Element {
  return (
    <g>
      {bands.map(({ from, to, low, high }) => (
        <rect
          key={from}
          class="band"
          x={x.place(from)}
          y={y.place(high)}
          width={x.place(to) - x.place(from)}
          height={Math.max(2, y.place(low) - y.place(high))}
        />
      ))}
      {limit !== null && unit !== 'up' && (
        <g>
          <path class="limit" d={`M${left} ${y.place(limit)}H${width - RIGHT}`} />
          <text x={left + 6} y={y.place(limit) - 5}>
            limit {figure(limit, unit)}
          </text>
        </g>
      )}
    </g>
  );
}

interface GridProps extends FieldProps {
  readonly steps: readonly number[];
  readonly x: Scale;
}

function Grid({ steps, unit, x, y, width, left }: GridProps): JSX.Element {
  const count = width < 500 ? 3 : 6;
  const times = Array.from(
    { length: count },
    (_, index) => x.from + ((x.to - x.from) * (index + 0.5)) / count,
  );
  return (
    <g>
      {steps.map((value) => (
        <g key={value}>
          <path class="grid" d={`M${left} ${y.place(value)}H${width - RIGHT}`} />
          <text x={left - 8} y={y.place(value) + 4} text-anchor="end">
            {figure(value, unit)}
          </text>
        </g>
      ))}
      {times.map((at) => (
        <text key={at} x={x.place(at)} y={y.place(y.from) + BOTTOM - 6} text-anchor="middle">
          {clockWords(at, x.to, x.to - x.from < SHORT_MS)}
        </text>
      ))}
    </g>
  );
}

interface MarksProps {
  readonly placed: readonly PlacedMark[];
  readonly points: readonly Point[];
  readonly y: Scale;
}

function Marks({ placed, points, y }: MarksProps): JSX.Element {
  return (
    <g>
      {placed.map(({ number, at, x, row }) => {
        const top = y.place(y.to) - AIR - row * BADGE;
        const dot = y.place(valueNear(points, at) ?? y.from);
        return (
          <g key={number}>
            <path class="leader" d={`M${x} ${top}V${dot}`} />
            <circle class="mark" cx={x} cy={dot} r="4" />
            <circle class="badge" cx={x} cy={top} r={BADGE / 2 - 1} />
            <text class="number" x={x} y={top + 4} text-anchor="middle">
              {number}
            </text>
          </g>
        );
      })}
    </g>
  );
}

/** What the numbers mean. */
function MarkList({
  placed,
  precise,
}: {
  readonly placed: readonly PlacedMark[];
  readonly precise: boolean;
}): JSX.Element | null {
  if (placed.length === 0) return null;
  return (
    <ol class="marks">
      {placed.map(({ number, at, label }) => (
        <li key={number}>
          <span class="badge">{number}</span>
          <span>
            <span class="sub num">{clockWords(at, Date.now(), precise)}</span> {label}
          </span>
        </li>
      ))}
    </ol>
  );
}

function valueNear(points: readonly Point[], at: number): number | null {
  const known = points.filter(({ value }) => value !== null);
  const near = known.reduce<Point | undefined>(
    (best, point) => (best === undefined || Math.abs(point.at - at) < Math.abs(best.at - at) ? point : best),
    undefined,
  );
  return near?.value ?? null;
}

function description({ anomaly, incident, points, to }: ChartProps): string {
  const last = points.findLast(({ value }) => value !== null)?.value ?? null;
  const name = metricWords(anomaly.metric);
  const since = clockWords(momentOf(incident.since), to);
  return `${name}: ${normalWords(anomaly.band, anomaly.unit)}, outside since ${since}, last seen ${figure(last, anomaly.unit)}.`;
}
