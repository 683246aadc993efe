/**
 * How long each incident took to be found and to be healed, against the goals: a mark each, on a scale that shows
 * seconds and hours alike. Out of the audit log alone. Pure.
 */
import type { ReportPeriod } from '../../domain/report.ts';
import { type EpochMs, type Ms, minutes, seconds } from '../../domain/units.ts';
import { spanWords } from '../figures.ts';
import { detectionsOf, recoveriesOf, type Timed } from './ops-figures.ts';
import type { AuditStories } from './stories.ts';
import { framed, legend, level, RIGHT, rounded, TOP, text, timeLabels } from './svg-frame.ts';

const HEIGHT = 240;
const LEFT = 80;
const BOTTOM = 205;
const LEAST: Ms = seconds(1);
const FOUND = '#1f5fa8';
const HEALED = '#5a9e6f';
/** Lines across, as far as the marks reach. */
const LEVELS: readonly Ms[] = [seconds(1), seconds(10), minutes(1), minutes(10), minutes(60), minutes(1_440)];

export interface Goals {
  readonly detect: Ms;
  readonly recover: Ms;
}

export const RECOVERY_TITLE = 'Time to find and to heal';

/** `null` where no incident was found or healed. */
export function recoverySvg(
  stories: AuditStories,
  period: ReportPeriod,
  goals: Goals,
  timezone: string,
): string | null {
  const found = detectionsOf(stories, period);
  const healed = recoveriesOf(stories, period);
  if (found.length + healed.length === 0) return null;
  const most = Math.max(goals.recover * 1.5, ...[...found, ...healed].map(({ span }) => span));
  const x = (at: EpochMs): number =>
    rounded(LEFT + ((at - period.from) / (period.to - period.from)) * (RIGHT - LEFT));
  const y = (span: Ms): number => rounded(BOTTOM - scaled(span, most) * (BOTTOM - TOP - 10));
  return framed({ title: RECOVERY_TITLE, height: HEIGHT, left: LEFT }, [
    legend([
      [FOUND, 'found'],
      [HEALED, 'healed, verified'],
    ]),
    ...LEVELS.filter((span) => span <= most).map((span) => level(y(span), LEFT, spanWords(span))),
    goalLine(y(goals.detect), `goal to find: ${spanWords(goals.detect)}`, FOUND),
    goalLine(y(goals.recover), `goal to heal: ${spanWords(goals.recover)}`, HEALED),
    ...found.map((one) => dot(one, FOUND, x, y)),
    ...healed.map((one) => dot(one, HEALED, x, y)),
    timeLabels(period.from, period.to, LEFT, BOTTOM + 20, timezone),
  ]);
}

/** 0..1 on a logarithmic scale from one second up. */
function scaled(span: Ms, most: number): number {
  const share = Math.log(Math.max(span, LEAST) / LEAST) / Math.log(Math.max(most, LEAST * 2) / LEAST);
  return Math.min(1, Math.max(0, share));
}

function goalLine(y: number, label: string, colour: string): string {
  const path = `<path d="M${LEFT} ${y}H${RIGHT}" stroke="${colour}" stroke-dasharray="6 4"/>`;
  return `${path}${text(RIGHT, rounded(y - 4), label, 'end', colour)}`;
}

function dot(
  { at, span }: Timed,
  colour: string,
  x: (at: EpochMs) => number,
  y: (span: Ms) => number,
): string {
  return `<circle cx="${x(at)}" cy="${y(span)}" r="4" fill="${colour}"/>`;
}
