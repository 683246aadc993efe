/**
 * The one shipped parameter set of the detector, each number with its reason.
 *
 * Everything is a span of time or a pure number, never a count of rows, so that 5 s, 1 min and 5 min data are
 * judged alike. Chosen on the development half of the labelled data as round numbers on a plateau (docs/detection.md).
 */
import { days, hours, type Ms, minutes } from '../../domain/units.ts';

/** A mean over `span`, but over no fewer rows than `rows` where rows are far apart. */
export interface Window {
  readonly span: Ms;
  readonly rows: number;
}

export interface GridParameters {
  /** Faster rows are pooled to this before statistics: noise of single beats says little about a host. */
  readonly step: Ms;
  /** So many rows in a row that run backwards mean that the clock was set back; fewer are late rows. */
  readonly backwardRows: number;
  /** More metrics than this are refused, so that memory stays bounded. */
  readonly maxMetrics: number;
}

export interface HostParameters {
  /** Whatever exists of it is used. 14 days lost 0.02 to 0.10 area under precision-recall. */
  readonly history: Ms;
  readonly refit: Ms;
  /** No model before this much history and this many rows exist. */
  readonly firstFit: Ms;
  readonly fewestRows: number;
  /** Fewer metrics have no correlations worth a model; the single-metric alarm speaks alone. */
  readonly fewestMetrics: number;
  /** Costs grow with the square; further metrics are still watched one by one. */
  readonly mostMetrics: number;
  /** Rows closer than this repeat each other in a fit: one in five at 1 min, a fifth of the cost, same figures. */
  readonly fitStep: Ms;
  /** Half hours of the day with their own centre, from this much history on (14 days lost 0.01 on SMD, won nothing on ASD). */
  readonly timeOfDayFrom: Ms;
  /** Fewer rows than this in a half hour and its neighbours, and the whole day speaks for it. */
  readonly timeOfDayRows: number;
  /** Changes under this share of full scale are no news, however still the metric was. */
  readonly floorShare: number;
  /** A row is cut here, in robust deviations: one absurd value must not fill a mean for 15 min. */
  readonly rowCut: number;
  /** Features are bent to this (tanh): breadth over many metrics counts, not one huge value. */
  readonly featureCut: number;
  readonly fast: Window;
  readonly slow: Window;
  /** Mean step from row to row: metrics that start to shake or freeze. Worth 0.07 on 5-min data. */
  readonly rough: Window;
  readonly roughFloor: number;
  /** Change = this mean against the hour that ended before it. */
  readonly now: Window;
  readonly before: Window;
  /** In units of robust variance: constant metrics neither blow up nor vanish. */
  readonly ridge: number;
  /** Share of rows dropped for the second fit: past incidents stay out of the picture of normal. */
  readonly trim: number;
  /** The point of the host's own history that counts as ratio 1. */
  readonly ownPoint: number;
  /** Share of the change in the score; the level is the rest. A little of it ranks the first rows of a trouble higher. */
  readonly changeShare: number;
}

export interface AlarmParameters {
  /** Ratio (mean of level and change) that raises an alarm: just above what the host shows in 1 % of its time. */
  readonly hostLimit: number;
  /** Each alarm of the last day raises the limit by this share: a host that cries often must cry louder. */
  readonly habituation: number;
  readonly habituationMost: number;
  readonly habituationSpan: Ms;
  /** Hysteresis: over after this long with alarm and level under this share of the limit, and not before `shortest`. */
  readonly offShare: number;
  readonly off: Window;
  readonly shortest: Ms;
  /** Ratio, as a multiple of the limit, from which the host score bears witness for more than info. */
  readonly warningAt: number;
  /** A model of less history stays at info: it does not know a week yet. */
  readonly trustedAfter: Ms;
  /** A warning needs its witnesses to agree in so many of the last rows. */
  readonly agreeRows: number;
  readonly agreeOf: number;
  /** Ratio, as a multiple of the limit, at which three agreeing models make it critical. */
  readonly criticalAt: number;
}

export interface MetricParameters {
  readonly means: readonly Window[];
  readonly residualMeans: readonly Window[];
  /** The same time of day on so many days before, one slot to either side. */
  readonly seasonDays: number;
  readonly seasonSlot: Ms;
  /** A stream speaks only after so many values of its own past. */
  readonly fewestValues: number;
  readonly tailPoint: number;
  readonly rangeShare: number;
  readonly tailCut: number;
  readonly recordShare: number;
  readonly recordCut: number;
  readonly limit: number;
  /** The limit grows by this share for each doubling of the number of metrics: more metrics, more chance. */
  readonly limitPerDoubling: number;
  /** Multiple of the limit a metric needs to raise an alarm itself where the host score already hears it. */
  readonly besideHost: number;
  /** After an alarm the metric is silent for this long. */
  readonly silence: Window;
  /** The same time of day on `habitDays` of the last seven with this share of the strength: a cron job, no news. */
  readonly habitDays: number;
  readonly habitShare: number;
  readonly habitSlot: Ms;
  readonly habitSlots: number;
  /** The own past fades after this much. */
  readonly past: Ms;
}

export interface ForestParameters {
  readonly trees: number;
  readonly sample: number;
  /** The point of the training scores that counts as ratio 1: absolute scores do not carry over. */
  readonly ownPoint: number;
  readonly seed: number;
}

export interface DetectorParameters {
  readonly grid: GridParameters;
  readonly host: HostParameters;
  readonly alarm: AlarmParameters;
  readonly metric: MetricParameters;
  readonly forest: ForestParameters;
}

export const PARAMETERS: DetectorParameters = {
  grid: { step: minutes(1), backwardRows: 3, maxMetrics: 256 },
  host: {
    history: days(28),
    refit: days(1),
    firstFit: days(1),
    fewestRows: 200,
    fewestMetrics: 4,
    mostMetrics: 80,
    fitStep: minutes(5),
    timeOfDayFrom: days(21),
    timeOfDayRows: 40,
    floorShare: 0.01,
    rowCut: 30,
    featureCut: 6,
    fast: { span: minutes(3), rows: 1 },
    slow: { span: minutes(15), rows: 6 },
    rough: { span: minutes(15), rows: 6 },
    roughFloor: 0.2,
    now: { span: minutes(5), rows: 1 },
    before: { span: minutes(60), rows: 6 },
    ridge: 1,
    trim: 0.02,
    ownPoint: 0.99,
    changeShare: 0.1,
  },
  alarm: {
    hostLimit: 1.05,
    habituation: 0.03,
    habituationMost: 0.3,
    habituationSpan: days(1),
    offShare: 0.9,
    off: { span: minutes(5), rows: 2 },
    shortest: hours(1),
    warningAt: 1.1,
    trustedAfter: days(7),
    agreeRows: 2,
    agreeOf: 3,
    criticalAt: 2,
  },
  metric: {
    means: [
      { span: minutes(30), rows: 3 },
      { span: hours(2), rows: 6 },
      { span: hours(6), rows: 12 },
    ],
    residualMeans: [
      { span: hours(1), rows: 6 },
      { span: hours(4), rows: 12 },
    ],
    seasonDays: 7,
    seasonSlot: minutes(30),
    fewestValues: 50,
    tailPoint: 0.995,
    rangeShare: 0.02,
    tailCut: 6,
    recordShare: 0.1,
    recordCut: 3,
    limit: 0.9,
    limitPerDoubling: 0.3,
    besideHost: 5,
    silence: { span: hours(5), rows: 24 },
    habitDays: 2,
    habitShare: 0.6,
    habitSlot: minutes(15),
    habitSlots: 2,
    past: days(60),
  },
  forest: { trees: 100, sample: 256, ownPoint: 0.999, seed: 7 },
};

/** How many rows a window holds when rows are `step` apart. */
export function rowsOf(window: Window, step: Ms): number {
  return Math.max(window.rows, Math.round(window.span / step), 1);
}
