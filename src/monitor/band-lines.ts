/**
 * The text of `history/YYYY-MM-DD.bands.jsonl`: one line for each change of a band, `{"t": …, "m": "cpu", "b":
 * [centre, low, high]}`. `"b": null` ends it; a line without `"m"` ends all of them: nobody watched from then on.
 *
 * Pure. A torn or foreign line is skipped and counted, never guessed.
 */
import type { MetricName } from '../domain/metric.ts';
import { type EpochMs, fromIso, toIso } from '../domain/units.ts';

export interface NormalBand {
  readonly centre: number;
  readonly low: number;
  readonly high: number;
}

export interface BandChange {
  readonly at: EpochMs;
  /** `null` = every metric. */
  readonly metric: MetricName | null;
  /** `null` = none from now on. */
  readonly band: NormalBand | null;
}

export type ParsedBand =
  | { readonly kind: 'change'; readonly change: BandChange }
  | { readonly kind: 'blank' }
  | { readonly kind: 'bad' };

const BAD: ParsedBand = { kind: 'bad' };

export function bandText({ at, metric, band }: BandChange): string {
  const name = metric === null ? {} : { m: metric };
  const b = band === null ? null : [band.centre, band.low, band.high].map(shortened);
  return `${JSON.stringify({ t: toIso(at), ...name, b })}\n`;
}

export function parseBand(text: string): ParsedBand {
  if (text.trim() === '') return { kind: 'blank' };
  const { t, m, b } = parseObject(text);
  const at = typeof t === 'string' ? fromIso(t) : undefined;
  if (at === undefined || (m !== undefined && typeof m !== 'string')) return BAD;
  const metric = m ?? null;
  if (b === null) return { kind: 'change', change: { at, metric, band: null } };
  const band = metric === null ? null : bandOfFigures(b);
  return band === null ? BAD : { kind: 'change', change: { at, metric, band } };
}

function bandOfFigures(b: unknown): NormalBand | null {
  if (!Array.isArray(b) || b.length !== 3) return null;
  const [centre, low, high] = b as readonly unknown[];
  if (typeof centre !== 'number' || typeof low !== 'number' || typeof high !== 'number') return null;
  return { centre, low, high };
}

/** More digits than a chart can show are only bytes. */
function shortened(value: number): number {
  return Number(value.toPrecision(6));
}

function parseObject(text: string): Readonly<Record<'t' | 'm' | 'b', unknown>> {
  const nothing = { t: undefined, m: undefined, b: undefined };
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...nothing, ...value } : nothing;
  } catch {
    // A torn line is expected after a power cut; the caller counts it.
    return nothing;
  }
}
