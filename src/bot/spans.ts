/** Spans of time as people type them: `45s`, `30m`, `2h`, `1h30m`, `7d`, `2w`. A bare number is refused: of what? */
import { type Ms, ms } from '../domain/units.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const PART = /(\d{1,6})\s*(s|min|m|h|d|w)\s*/y;

/** The span, or `null` where the text names none. */
export function parseSpan(text: string): Ms | null {
  const lower = text.trim().toLowerCase();
  if (lower === '') return null;
  let total = 0;
  PART.lastIndex = 0;
  let at = 0;
  while (at < lower.length) {
    const part = PART.exec(lower);
    if (part === null) return null;
    total += Number(part[1]) * (UNIT_MS[part[2] ?? ''] ?? Number.NaN);
    at = PART.lastIndex;
  }
  return ms(total);
}
