/**
 * What waits to be sent, and what could not be: pure decisions over a small document.
 *
 * Order holds for each key (one incident) and sink: a later message waits for the one before it. What waited a day
 * is a dead letter, which can be listed and sent again.
 */
import { z } from 'zod';
import {
  after,
  type EpochMs,
  elapsed,
  epochMs,
  fromIso,
  hours,
  type Ms,
  seconds,
} from '../../domain/units.ts';
import { OUTBOUND_EVENTS } from './outbound-events.ts';
import type { OutboundMessage } from './outbound-message.ts';

const FIRST_RETRY: Ms = seconds(5);
const LONGEST_RETRY: Ms = hours(1);
const LEAST_TRIES = 9;
const GIVE_UP_AFTER: Ms = hours(24);
export const MOST_WAITING = 1_000;
const MOST_DEAD = 500;
/** A receiver that says so will not change its mind: its own fault list, RFC 9110. */
const FINAL: ReadonlySet<number> = new Set([400, 405, 410, 413, 414, 415, 422]);

const letter = z.strictObject({
  sink: z.string(),
  recipient: z.string().nullable(),
  message: z.strictObject({
    id: z.string(),
    type: z.enum(OUTBOUND_EVENTS),
    at: z.string(),
    host: z.string(),
    key: z.string(),
    severity: z.enum(['info', 'warning', 'critical']),
    text: z.string(),
    incident: z
      .strictObject({
        id: z.string(),
        title: z.string(),
        state: z.string(),
        word: z.string(),
        severity: z.enum(['info', 'warning', 'critical']),
        target: z.string().nullable(),
        summary: z.string(),
        since: z.string(),
      })
      .nullable(),
    data: z.unknown(),
  }),
  attempts: z.int(),
  notBefore: z.number().transform(epochMs),
  lastError: z.string(),
});

export interface Letter {
  readonly sink: string;
  /** One of several numbers an SMS goes to. */
  readonly recipient: string | null;
  readonly message: OutboundMessage;
  readonly attempts: number;
  readonly notBefore: EpochMs;
  readonly lastError: string;
}

export interface Outbox {
  readonly waiting: readonly Letter[];
  readonly dead: readonly Letter[];
}

export const OutboxFile: z.ZodType<Outbox> = z.strictObject({
  waiting: z.array(letter),
  dead: z.array(letter),
});
export const EMPTY: Outbox = { waiting: [], dead: [] };

/** What became of one try. */
export type Sent =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly status: number; readonly retryAfter: Ms | null }
  | { readonly kind: 'failed'; readonly reason: string };

/** Newer news of the same incident replace older ones that nobody has tried to send yet. */
export function enqueue(box: Outbox, letters: readonly Letter[]): Outbox {
  const waiting = letters.reduce<readonly Letter[]>(
    (kept, fresh) => [...kept.filter((old) => !outdates(fresh, old)), fresh],
    box.waiting,
  );
  const over = waiting.length - MOST_WAITING;
  if (over <= 0) return { ...box, waiting };
  const dropped = waiting.slice(0, over).map((one) => ({ ...one, lastError: 'too many were waiting' }));
  return { waiting: waiting.slice(over), dead: [...box.dead, ...dropped].slice(-MOST_DEAD) };
}

function outdates(fresh: Letter, old: Letter): boolean {
  return (
    fresh.message.type === 'incident.updated' &&
    old.message.type === 'incident.updated' &&
    old.attempts === 0 &&
    fresh.sink === old.sink &&
    fresh.message.key === old.message.key &&
    fresh.recipient === old.recipient &&
    fresh.message.incident?.state === old.message.incident?.state
  );
}

/** The next letter of a sink whose time has come and before which none of its key waits. */
export function nextLetter(box: Outbox, sink: string, now: EpochMs): Letter | null {
  const held = new Set<string>();
  for (const one of box.waiting) {
    if (one.sink !== sink) continue;
    const lane = `${one.message.key}\n${one.recipient ?? ''}`;
    if (!held.has(lane) && isDue(one, now)) return one;
    held.add(lane);
  }
  return null;
}

/** Nothing waits longer than the longest pause: a time further ahead was written before the clock was set back. */
function isDue({ notBefore }: Letter, now: EpochMs): boolean {
  return notBefore <= now || elapsed(now, notBefore) > 2 * LONGEST_RETRY;
}

/** The outbox after one try. `jitter` is 0..1. */
export function settled(box: Outbox, tried: Letter, sent: Sent, now: EpochMs, jitter: number): Outbox {
  const isIt = (one: Letter): boolean => isSame(one, tried);
  const without = box.waiting.filter((one) => !isIt(one));
  if (sent.kind === 'taken') return { ...box, waiting: without };
  const lastError = sent.kind === 'failed' ? sent.reason : `answered ${sent.status}`;
  const failed = { ...tried, attempts: tried.attempts + 1, lastError };
  const isFinal = sent.kind === 'refused' && FINAL.has(sent.status);
  if (isFinal || isTooOld(failed, now))
    return { waiting: without, dead: [...box.dead, failed].slice(-MOST_DEAD) };
  const asked = sent.kind === 'refused' ? sent.retryAfter : null;
  const notBefore = after(now, asked ?? backOff(failed.attempts, jitter));
  return { ...box, waiting: box.waiting.map((one) => (isIt(one) ? { ...failed, notBefore } : one)) };
}

/** Dead letters of a sink (or all) go to the end of the queue, with a fresh day before them. */
export function revived(box: Outbox, sink: string | null, now: EpochMs): Outbox {
  const chosen = box.dead.filter((one) => sink === null || one.sink === sink);
  const fresh = chosen.map((one) => ({ ...one, attempts: 0, notBefore: now, lastError: '' }));
  return {
    waiting: [...box.waiting, ...fresh].slice(-MOST_WAITING),
    dead: box.dead.filter((one) => !chosen.includes(one)),
  };
}

export function isSame(a: Letter, b: Letter): boolean {
  return a.message.id === b.message.id && a.sink === b.sink && a.recipient === b.recipient;
}

/** Five seconds doubling to an hour, ± 20 %. */
export function backOff(attempts: number, jitter: number): Ms {
  const span = Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** Math.min(attempts - 1, 20));
  return (span * (0.8 + 0.4 * jitter)) as Ms;
}

function isTooOld({ message, attempts }: Letter, now: EpochMs): boolean {
  const at = fromIso(message.at);
  // A letter that is sent again is old already: it gets its tries all the same.
  return at !== undefined && elapsed(at, now) > GIVE_UP_AFTER && attempts >= LEAST_TRIES;
}
