/**
 * The chart of an incident as a picture, when a surface wants one. A new one is made when something happened that a
 * person would look for in it: people were called, something was done, it is over.
 */
import type { OpsControls } from '../domain/controls.ts';
import { type Incident, isLive } from '../domain/incident.ts';
import { hours, type Ms } from '../domain/units.ts';
import type { ChartLook } from './chart-looks.ts';
import type { ChartPainter } from './chart-png.ts';
import { chartText } from './chart-text.ts';
import type { WantedPicture } from './outbox-step.ts';
import type { Redact } from './redact-data.ts';
import type { CardPicture } from './surface.ts';

const LOOK_BACK: Ms = hours(2);
const FEWEST_VALUES = 2;

export interface IncidentPictures {
  /** `undefined` where there is nothing to draw. */
  of(incident: Incident, look: Exclude<ChartLook, 'tokens'>): WantedPicture | undefined;
}

export interface PictureDeps {
  readonly painter: ChartPainter;
  readonly controls: Pick<OpsControls, 'history' | 'bands'>;
  readonly timezone: string;
  readonly redact: Redact;
}

export function createIncidentPictures(deps: PictureDeps): IncidentPictures {
  return {
    of(incident, look) {
      const anomaly = incident.anomalies[0];
      const known = anomaly?.evidence.chart.filter(({ value }) => value !== null) ?? [];
      if (anomaly === undefined || known.length < FEWEST_VALUES) return undefined;
      const key = pictureKey(incident);
      return { key, make: () => make(incident, look, key, deps) };
    },
  };
}

function pictureKey(incident: Incident): string {
  const paged = incident.pagedAt === null ? '' : 'p';
  return `${isLive(incident) ? 'live' : 'over'}${paged}-${incident.attempts.length}-${incident.reopened}`;
}

async function make(
  incident: Incident,
  look: Exclude<ChartLook, 'tokens'>,
  key: string,
  { painter, controls, timezone, redact }: PictureDeps,
): Promise<CardPicture | null> {
  const anomaly = incident.anomalies[0];
  if (anomaly === undefined) return null;
  const [{ chartOf }, { chartSvg }] = await Promise.all([import('./chart.ts'), import('./chart-svg.ts')]);
  const { metric, chart: kept } = anomaly.evidence;
  const newer = controls.history(metric, LOOK_BACK);
  const from = kept[0]?.at ?? anomaly.since;
  const bands = controls.bands(metric, from, newer.at(-1)?.at ?? incident.updatedAt);
  const chart = chartOf(incident, newer, timezone, bands);
  if (chart === null) return null;
  const alt = redact(chartText(anomaly, timezone, !isLive(incident)));
  const png = await painter.paint(redact(chartSvg(chart, alt, timezone, look)));
  return png === null ? null : { key, alt, png };
}
