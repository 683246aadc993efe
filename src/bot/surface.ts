/**
 * The port of a chat surface. The core owns meaning and decisions; an adapter owns pixels and limits.
 *
 * Calls reject when the platform refused or the outcome is unknown; the outbox in front retries. Inbound things
 * are acknowledged to the platform by the adapter before the core has answered.
 */
import type { SurfaceHealth } from '../domain/events.ts';
import type { Card, ThreadLine } from './card.ts';

export type ChatSurfaceId = 'slack' | 'discord';

/** Who pressed or typed, by the platform's own verified ids; roles are resolved later, by permissions.ts. */
export interface PlatformUser {
  readonly id: string;
  readonly display: string;
  /** Discord role ids, Slack user-group ids; empty where the platform did not say. */
  readonly groups: readonly string[];
}

/** A private answer to the caller. */
export interface PrivateReply {
  readonly ok: boolean;
  readonly text: string;
}

export interface Invocation {
  readonly surface: ChatSurfaceId;
  readonly user: PlatformUser;
  /** The words after `/ops`, as typed or as rebuilt from typed options: `incident show id:inc-7f3a`. */
  readonly text: string;
  /** Same id = same command delivered again. */
  readonly dedupe: string;
}

export interface Press {
  readonly surface: ChatSurfaceId;
  readonly user: PlatformUser;
  readonly verb: 'approve' | 'deny' | 'ack' | 'more';
  readonly subject: string;
  readonly dedupe: string;
}

/** Where a card stands on the platform: kept on disk, so that a card is repaired, never doubled. */
export interface Placed {
  readonly channel: string;
  readonly message: string;
  /** The thread to append to; Slack: the root's ts, Discord: the thread channel's id. */
  readonly thread: string;
  /** The picture that stands in the card; every edit has to name it again. */
  readonly picture?: PlacedPicture;
  /** People were called for it; a restart must not call them again. */
  readonly called?: boolean;
}

export interface PlacedPicture {
  /** What it shows: a new key is a new picture. */
  readonly key: string;
  /** The platform's id of the file. */
  readonly file: string;
  readonly alt: string;
}

/** A chart for a card. */
export interface CardPicture {
  readonly key: string;
  /** The same in a sentence. */
  readonly alt: string;
  readonly png: Uint8Array;
}

/** What is known of a card that is not placed, as far as this side knows. */
export interface FirstPut {
  /** It was sent before and nobody knows whether it arrived: look for it first. */
  readonly triedBefore: boolean;
}

export interface SurfaceInbound {
  command(invocation: Invocation): Promise<PrivateReply>;
  press(press: Press): Promise<PrivateReply>;
  health(health: SurfaceHealth): void;
}

/** What Discord registers and Slack's usage lines are made of; generated from the command table. */
export interface CommandShape {
  readonly words: readonly [string] | readonly [string, string];
  readonly summary: string;
  readonly options: readonly {
    readonly name: string;
    readonly summary: string;
    readonly required: boolean;
    readonly type: 'string' | 'integer' | 'boolean';
    readonly choices: readonly string[];
  }[];
}

export interface ChatSurface {
  readonly id: ChatSurfaceId;
  /** Resolves when started or when the first try failed; `health` tells which. Never rejects for the platform's sake. */
  start(inbound: SurfaceInbound, commands: readonly CommandShape[]): Promise<void>;
  /** Creates the card's message, or edits the one at `placed`; makes a new one if that is gone. */
  put(card: Card, placed: Placed | null, first?: FirstPut): Promise<Placed>;
  /** Puts a picture into a card that stands, in place of the one that is there. */
  picture(card: Card, placed: Placed, picture: CardPicture): Promise<Placed>;
  append(placed: Placed, line: ThreadLine): Promise<void>;
  stop(): Promise<void>;
}
