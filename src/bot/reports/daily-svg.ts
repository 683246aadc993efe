/**
 * The incidents of a period day by day, by how each came to its end: without people, with them, by itself, or not yet.
 * Out of the audit log alone, like the figures beside it. Pure.
 */
import type { ReportPeriod } from '../../domain/report.ts';
import { type EpochMs, epochMs, hours } from '../../domain/units.ts';
import { localTime } from '../../platform/local-time.ts';
import { type End, endOf, loudOf } from './ops-figures.ts';
import type { AuditStories } from './stories.ts';
import { framed, legend, level, RIGHT, rounded, TOP, text } from './svg-frame.ts';

const HEIGHT = 220;
const LEFT = 60;
const BOTTOM = 185;
/** Finds each day once, also where one has 23 or 25 hours. */
const STEP = hours(12);
/** Below one another, as here. */
const ENDS: readonly (readonly [End, colour: string, word: string])[] = [
  ['alone', '#5a9e6f', 'healed without people'],
  ['people', '#e0a13a', 'ended with people'],
  ['itself', '#b8c2cc', 'over by itself'],
  ['open', '#b3261e', 'still open'],
];
/** With more days than this a date under each would not fit. */
const MOST_DATES = 14;

interface Day {
  readonly date: string;
  readonly counts: Readonly<Record<End, number>>;
}

/** `null` where nothing happened. */
export function dailySvg(stories: AuditStories, period: ReportPeriod, timezone: string): string | null {
  const days = daysOf(stories, period, timezone);
  const most = Math.max(...days.map(totalOf));
  if (most <= 0) return null;
  const y = (count: number): number => rounded(BOTTOM - (count / most) * (BOTTOM - TOP - 10));
  const wide = (RIGHT - LEFT) / days.length;
  const every = Math.ceil(days.length / MOST_DATES);
  return framed({ title: DAILY_TITLE, height: HEIGHT, left: LEFT }, [
    legend(ENDS.map(([, colour, word]) => [colour, word])),
    level(y(0), LEFT, '0'),
    level(y(most), LEFT, String(most)),
    ...days.map((day, index) => stack(day, LEFT + index * wide, wide, y)),
    ...days.map(({ date }, index) =>
      index % every === 0
        ? text(rounded(LEFT + (index + 0.5) * wide), BOTTOM + 20, date.slice(5), 'middle')
        : '',
    ),
  ]);
}

export const DAILY_TITLE = 'Incidents by day';

function daysOf(stories: AuditStories, period: ReportPeriod, timezone: string): readonly Day[] {
  const dateOf = (at: EpochMs): string => localTime(at, timezone).date;
  const dates = new Set<string>();
  for (let at: number = period.from; at < period.to; at += STEP) dates.add(dateOf(epochMs(at)));
  dates.add(dateOf(period.to));
  const counts = new Map([...dates].map((date) => [date, { alone: 0, people: 0, itself: 0, open: 0 }]));
  for (const story of loudOf(stories, period)) {
    const day = story.openedAt === null ? undefined : counts.get(dateOf(story.openedAt));
    if (day !== undefined) day[endOf(story)] += 1;
  }
  return [...counts].map(([date, each]) => ({ date, counts: each }));
}

function totalOf({ counts }: Day): number {
  return ENDS.reduce((total, [end]) => total + counts[end], 0);
}

function stack(day: Day, left: number, wide: number, y: (count: number) => number): string {
  let below = 0;
  return ENDS.map(([end, colour]) => {
    const from = below;
    below += day.counts[end];
    const height = rounded(y(from) - y(below));
    if (height === 0) return '';
    return `<rect x="${rounded(left + wide * 0.1)}" y="${y(below)}" width="${rounded(wide * 0.8)}" height="${height}" fill="${colour}"/>`;
  }).join('');
}
