/**
 * A limit as a person types it, in the unit of its metric: `85` or `85%`, `250ms`, `1.5s`, `512MB`, `none`. Pure;
 * what does not fit is answered with what would.
 */
import type { MetricUnit } from '../../domain/metric.ts';

export type LimitValue =
  | { readonly kind: 'value'; readonly value: number | null }
  | { readonly kind: 'bad'; readonly expected: string };

interface Scale {
  /** What a bare number is multiplied by, and what each ending means. */
  readonly bare: number;
  readonly endings: Readonly<Record<string, number>>;
  readonly expected: string;
  readonly most?: number;
}

const MEBI = 1_048_576;
const PLAIN: Scale = { bare: 1, endings: {}, expected: 'a number like 4 or 0.5, or none' };
const SCALES: Readonly<Record<MetricUnit, Scale | null>> = {
  ratio: { bare: 0.01, endings: { '%': 0.01 }, expected: 'a percentage from 0 to 100, or none', most: 1 },
  ms: { bare: 1, endings: { ms: 1, s: 1_000 }, expected: 'a time like 250ms or 1.5s, or none' },
  s: { bare: 1, endings: { s: 1, m: 60, min: 60, h: 3_600 }, expected: 'a time like 90s or 5m, or none' },
  bytes: {
    bare: MEBI,
    endings: { kb: 1_024, mb: MEBI, gb: 1_024 * MEBI },
    expected: 'a size like 512MB or 2GB, or none',
  },
  'bytes/s': {
    bare: 1,
    endings: { 'kb/s': 1_024, 'mb/s': MEBI, 'gb/s': 1_024 * MEBI, kb: 1_024, mb: MEBI, gb: 1_024 * MEBI },
    expected: 'bytes a second, like 5MB/s, or none',
  },
  count: PLAIN,
  'per-core': PLAIN,
  'per-min': PLAIN,
  up: null,
};

export function readLimit(text: string, unit: MetricUnit): LimitValue {
  const scale = SCALES[unit];
  if (scale === null) return { kind: 'bad', expected: 'no limit: this is up or down' };
  const word = text.trim().toLowerCase();
  if (word === 'none' || word === 'off') return { kind: 'value', value: null };
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-z%/]*)$/.exec(word);
  const ending = match?.[2] ?? '';
  const factor = ending === '' ? scale.bare : scale.endings[ending];
  if (match === null || factor === undefined) return { kind: 'bad', expected: scale.expected };
  const value = Number((Number(match[1]) * factor).toPrecision(12));
  const isWithin = Number.isFinite(value) && value <= (scale.most ?? Number.MAX_SAFE_INTEGER);
  return isWithin ? { kind: 'value', value } : { kind: 'bad', expected: scale.expected };
}
