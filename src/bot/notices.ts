/**
 * Cards about Nightshift itself: a freeze, a change of mode, a surface that is down, a test. They are told once and
 * kept nowhere: after a restart status tells what still holds.
 */
import type { Freeze, Mode, SurfaceHealth } from '../domain/events.ts';
import type { EpochMs } from '../domain/units.ts';
import type { Card } from './card.ts';
import { counted, zonedTime } from './figures.ts';

/** The subject of a test button: its press answers and changes nothing. */
export const TEST_SUBJECT = 'test';

const DIGEST_SHOWN = 15;

interface NoticeWords {
  readonly key: string;
  readonly version: number;
  readonly word: string;
  readonly tone: Card['tone'];
  readonly severity: Card['severity'];
  readonly title: string;
  readonly lead: string;
  readonly next: string;
}

export function freezeNotice(freeze: Freeze | null, by: string, at: EpochMs, timezone: string): Card {
  const base = { key: `freeze-${at.toString(36)}`, version: 1, severity: 'info' } as const;
  if (freeze === null) {
    return notice({
      ...base,
      word: 'Over',
      tone: 'ok',
      title: 'The freeze is over',
      lead: `Ended by ${by}.`,
      next: 'Nightshift acts again, inside its limits.',
    });
  }
  return notice({
    ...base,
    word: 'Held',
    tone: 'warn',
    title: freeze.scope === 'all' ? 'All acting is frozen' : `Acting is frozen: ${freeze.scope}`,
    lead: `By ${freeze.by}${freeze.reason === '' ? '' : `: ${freeze.reason}`}.`,
    next: `It ends by itself at ${zonedTime(freeze.until, timezone, at)}.`,
  });
}

export function modeNotice(mode: Mode, by: string, at: EpochMs): Card {
  const acts = mode === 'production';
  return notice({
    key: `mode-${at.toString(36)}`,
    version: 1,
    word: acts ? 'Open' : 'Held',
    tone: 'info',
    severity: 'info',
    title: acts ? 'Mode: production' : 'Mode: dry-run',
    lead: `Set by ${by}.`,
    next: acts ? 'Nightshift acts, inside its limits.' : 'Nightshift proposes and does not act.',
  });
}

/** A report, or anything else that is said once. */
export function wordNotice(title: string, lines: readonly string[], at: EpochMs): Card {
  return notice({
    key: `word-${at.toString(36)}`,
    version: 1,
    word: 'Over',
    tone: 'info',
    severity: 'info',
    title,
    lead: lines.join(' '),
    next: 'The whole report is on the host, in data/reports.',
  });
}

/** Down and back again are one card. */
export function surfaceNotice(
  surface: string,
  health: SurfaceHealth,
  downSince: EpochMs,
  timezone: string,
): Card {
  const isBack = health.state === 'up';
  const since = zonedTime(downSince, timezone, health.since);
  return notice({
    key: `surface-${surface}-${downSince.toString(36)}`,
    version: isBack ? 2 : 1,
    word: isBack ? 'Over' : 'Unknown',
    tone: isBack ? 'ok' : 'warn',
    severity: 'warning',
    title: isBack ? `${surface} can be reached again` : `${surface} cannot be reached`,
    lead: isBack
      ? `It was away from ${since} to ${zonedTime(health.since, timezone, health.since)}.`
      : `Since ${since}: ${health.reason}`,
    next: isBack ? 'Its cards are being repaired.' : 'Watching and healing go on; it is tried again.',
  });
}

/** @param waiting The cards that the message budget holds back, most urgent first. */
export function digestNotice(key: string, version: number, waiting: readonly Card[], budget: number): Card {
  const shown = waiting.slice(0, DIGEST_SHOWN);
  const left = waiting.length - shown.length;
  return {
    ...notice({
      key,
      version,
      word: 'Held',
      tone: 'info',
      severity: 'info',
      title: `${counted(waiting.length, 'more message')} held back`,
      lead: `The budget of ${counted(budget, 'message')} an hour is spent. Criticals, pages and decisions still come at once.`,
      next:
        left > 0
          ? `${left} more: /ops incident list shows them all.`
          : 'They follow as the budget allows; /ops incident list shows them now.',
    }),
    facts: shown.map((card) => ({ label: card.title, value: `${card.word}, ${card.key}`, weight: 2 })),
  };
}

export function testNotice(what: 'alert' | 'buttons', by: string, at: EpochMs): Card {
  const card = notice({
    key: `test-${at.toString(36)}`,
    version: 1,
    word: 'Open',
    tone: 'crit',
    severity: 'critical',
    title: 'Test: nothing is wrong',
    lead: `Asked for by ${by}.`,
    next: what === 'alert' ? 'This is how a critical alert looks and sounds.' : 'Press each button once.',
  });
  if (what === 'alert') return { ...card, page: true };
  const button = { tone: 'neutral', subject: TEST_SUBJECT, confirm: null } as const;
  return {
    ...card,
    code: 'nothing will run',
    buttons: [
      { ...button, verb: 'approve', label: 'Approve', tone: 'go' },
      { ...button, verb: 'deny', label: 'Deny', tone: 'stop' },
      { ...button, verb: 'ack', label: 'Ack' },
      { ...button, verb: 'more', label: 'More' },
    ],
  };
}

export function notice(words: NoticeWords): Card {
  return {
    ...words,
    facts: [],
    code: null,
    buttons: [],
    expiresAt: null,
    stamp: null,
    link: null,
    page: false,
  };
}
