/**
 * Sessions of the console and one-time login links.
 *
 * A session id is 256 random bits that only the cookie holds; memory and disk know its sha256. Sessions survive a
 * restart, so that nobody has to find a token at 04:00 because the bot came back; login links do not.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { describeError } from '../../domain/errors.ts';
import type { Clock, Document, Logger, Random } from '../../domain/ports.ts';
import { after, type EpochMs, epochMs, hours, type Ms, minutes } from '../../domain/units.ts';

const SESSION_LIFE: Ms = hours(12);
const LINK_LIFE: Ms = minutes(15);
/** Far more than people have browsers; the oldest goes first. */
const MOST_SESSIONS = 100;
const MOST_LINKS = 20;

/** What the session was opened with. A scoped token is looked up again at each use: once gone, so is the session. */
export type Grant =
  | { readonly kind: 'local' }
  | { readonly kind: 'token'; readonly name: string; readonly digest: string };

/** The state document `web_sessions`. */
export interface SessionFile {
  readonly sessions: readonly {
    readonly digest: string;
    readonly grant: Grant;
    readonly expiresAt: EpochMs;
  }[];
}

export const SessionFile: z.ZodType<SessionFile> = z.strictObject({
  sessions: z.array(
    z.strictObject({
      digest: z.string(),
      grant: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('local') }),
        z.strictObject({ kind: z.literal('token'), name: z.string(), digest: z.string() }),
      ]),
      expiresAt: z.number().transform(epochMs),
    }),
  ),
});

export const NO_SESSIONS: SessionFile = { sessions: [] };

export interface Session {
  readonly grant: Grant;
  readonly expiresAt: EpochMs;
  /** Goes with every write; a page of another origin cannot read it. */
  readonly csrf: string;
}

export interface LoginLink {
  readonly token: string;
  readonly expiresAt: EpochMs;
}

export interface Sessions {
  /** Resolves with the new session's id: the cookie's value. */
  open(grant: Grant): Promise<string>;
  find(id: string): Session | undefined;
  close(id: string): Promise<void>;
  issueLink(): LoginLink;
  /** True once for each link, and only in its time. */
  redeemLink(token: string): boolean;
}

export interface SessionDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly document: Document<SessionFile>;
}

interface Entry {
  readonly grant: Grant;
  readonly expiresAt: EpochMs;
}

export function createSessions({ clock, random, log, document }: SessionDeps): Sessions {
  const entries = new Map<string, Entry>(
    document.value.sessions.map(({ digest, ...entry }) => [digest, entry]),
  );
  const links = new Map<string, Ms>();

  function live(digest: string): Entry | undefined {
    const entry = entries.get(digest);
    return entry !== undefined && clock.now() < entry.expiresAt ? entry : undefined;
  }

  /** A disk that is full must not keep people out of the console that tells them so. */
  async function save(): Promise<void> {
    const sessions = [...entries].map(([digest, entry]) => ({ digest, ...entry }));
    try {
      await document.update(() => ({ sessions }));
    } catch (cause) {
      log.warn('sessions not saved', { error: describeError(cause) });
    }
  }

  return {
    async open(grant) {
      for (const digest of entries.keys()) if (live(digest) === undefined) entries.delete(digest);
      const id = random.hex(32);
      entries.set(digestOf(id), { grant, expiresAt: after(clock.now(), SESSION_LIFE) });
      dropOldest(entries, MOST_SESSIONS);
      await save();
      return id;
    },
    find(id) {
      const entry = live(digestOf(id));
      return entry && { ...entry, csrf: digestOf(`csrf:${id}`) };
    },
    async close(id) {
      if (entries.delete(digestOf(id))) await save();
    },
    issueLink() {
      const token = random.hex(32);
      links.set(digestOf(token), clock.monotonic());
      dropOldest(links, MOST_LINKS);
      return { token, expiresAt: after(clock.now(), LINK_LIFE) };
    },
    redeemLink(token) {
      const digest = digestOf(token);
      const issuedAt = links.get(digest);
      links.delete(digest);
      return issuedAt !== undefined && clock.monotonic() - issuedAt < LINK_LIFE;
    },
  };
}

export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** A Map keeps the order of insertion: the first key is the oldest. */
function dropOldest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
