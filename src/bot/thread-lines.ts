/**
 * The lines of an incident's thread, from its stored timeline, so that what was said while a surface was away is
 * said once when it is back. A line keeps its id whatever happens to those before it.
 */
import type { Incident, TimelineEntry } from '../domain/incident.ts';
import { type EpochMs, epochMs } from '../domain/units.ts';
import type { ThreadLine } from './card.ts';
import { clipped, zonedTime } from './figures.ts';

const LONGEST_LINE = 600;
const LONGEST_MERGED = 1_500;
const LONGEST_MERGED_PART = 180;

/** How far a thread has been told. */
export interface LineMark {
  readonly id: string;
  readonly at: EpochMs;
}

/** All lines of the incident's timeline, oldest first. */
export function threadLines(incident: Incident): readonly ThreadLine[] {
  const perMoment = new Map<number, number>();
  return incident.timeline.map((entry) => {
    const ordinal = perMoment.get(entry.at) ?? 0;
    perMoment.set(entry.at, ordinal + 1);
    return lineOf(incident.id, entry, ordinal);
  });
}

/** The lines after `mark`. Where the marked line is gone from the timeline, those of a later moment. */
export function linesAfter(lines: readonly ThreadLine[], mark: LineMark | null): readonly ThreadLine[] {
  if (mark === null) return lines;
  const index = lines.findIndex((line) => line.id === mark.id);
  return index === -1 ? lines.filter((line) => line.at > mark.at) : lines.slice(index + 1);
}

/**
 * Several lines as one message, each with its time, newest last, under the id of the newest. What does not fit is
 * counted: a thread that fell behind catches up in a few messages instead of a flood.
 */
export function mergedLine(lines: readonly [ThreadLine, ...ThreadLine[]], timezone: string): ThreadLine {
  const last = lines[lines.length - 1] ?? lines[0];
  if (lines.length === 1) return last;
  const parts = lines.map(
    (line) => `${zonedTime(line.at, timezone, last.at)}  ${clipped(line.text, LONGEST_MERGED_PART)}`,
  );
  const kept = newestThatFit(parts);
  const left = parts.length - kept.length;
  const text = [...(left > 0 ? [`${left} earlier lines: see the timeline.`] : []), ...kept].join('\n');
  const bad = lines.some((line) => line.tone === 'bad');
  return { id: last.id, at: last.at, tone: bad ? 'bad' : last.tone, text };
}

function lineOf(key: string, entry: TimelineEntry, ordinal: number): ThreadLine {
  return {
    id: `${key}/${epochMs(entry.at).toString(36)}.${ordinal}`,
    at: entry.at,
    tone: entry.tone,
    text: clipped(entry.text, LONGEST_LINE),
  };
}

function newestThatFit(parts: readonly string[]): readonly string[] {
  let size = 0;
  const from = parts.findLastIndex((part) => {
    size += part.length + 1;
    return size > LONGEST_MERGED;
  });
  return parts.slice(from + 1);
}
