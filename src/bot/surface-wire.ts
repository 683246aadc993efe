/**
 * What crosses between the main thread and the worker thread of a chat surface: plain data only, so that
 * structured clone can carry it. One request has one answer with the same id.
 */
import type { Card, ThreadLine } from './card.ts';
import type { CardPicture, CommandShape, Invocation, Placed, Press, PrivateReply } from './surface.ts';
import type { SurfaceFault } from './surface-fault.ts';
import type { SurfaceTiming } from './surface-timing.ts';

/** A request of the platform that came in over the bot's own HTTP server. */
export interface HttpRequestIn {
  /** Exactly the bytes that came, as text: the signature is over them. */
  readonly body: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the main thread asks of the worker. */
export type SurfaceCall =
  | { readonly method: 'start'; readonly commands: readonly CommandShape[] }
  /** `call` = people are to be called with it, now. */
  | {
      readonly method: 'put';
      readonly card: Card;
      readonly placed: Placed | null;
      readonly call: boolean;
      readonly triedBefore: boolean;
    }
  | {
      readonly method: 'picture';
      readonly card: Card;
      readonly placed: Placed;
      readonly picture: CardPicture;
    }
  | { readonly method: 'append'; readonly placed: Placed; readonly line: ThreadLine }
  | { readonly method: 'http'; readonly request: HttpRequestIn }
  | { readonly method: 'stop' };

export interface SurfaceResults {
  readonly start: null;
  readonly put: Placed;
  readonly picture: Placed;
  readonly append: null;
  readonly http: HttpAnswer;
  readonly stop: null;
}

export type SurfaceMethod = SurfaceCall['method'];
export type CallOf<M extends SurfaceMethod> = Extract<SurfaceCall, { readonly method: M }>;

/** What somebody on the platform asks of the core. */
export type Inbound =
  | { readonly what: 'command'; readonly invocation: Invocation }
  | { readonly what: 'press'; readonly press: Press };

export type ToThread =
  | { readonly kind: 'call'; readonly id: number; readonly call: SurfaceCall }
  | { readonly kind: 'reply'; readonly id: number; readonly reply: PrivateReply };

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type FromThread =
  | { readonly kind: 'beat' }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly fault: SurfaceFault }
  | { readonly kind: 'inbound'; readonly id: number; readonly inbound: Inbound }
  | { readonly kind: 'health'; readonly state: 'up' | 'degraded' | 'down'; readonly reason: string }
  /** Nothing here will mend it: the thread is ended and not rebuilt. */
  | { readonly kind: 'fatal'; readonly reason: string }
  /** The thread asks to be ended and rebuilt. */
  | { readonly kind: 'rebuild'; readonly reason: string }
  | {
      readonly kind: 'log';
      readonly level: LogLevel;
      readonly message: string;
      readonly fields: Readonly<Record<string, string | number | boolean | null>>;
    };

/** What a worker is started with. */
export interface SurfaceThreadData {
  readonly options: unknown;
  readonly timing: SurfaceTiming;
}
