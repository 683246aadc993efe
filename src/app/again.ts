/**
 * One run of the bot after another in the same process: how the first asks for the next, and what the next has to
 * tell. A service manager sees one service all along.
 */
import type { HandedOver } from '../backup/restore-desk.ts';

export interface Again {
  /** Ends this run and begins the next. */
  ask(): void;
  isAsked(): boolean;
  readonly asked: Promise<void>;
  /** A restore that ended between the last run and this one; `null` = none did. */
  readonly restored: HandedOver | null;
}

export function createAgain(restored: HandedOver | null): Again {
  const { promise, resolve } = withResolve();
  let isAsked = false;
  return {
    restored,
    asked: promise,
    isAsked: () => isAsked,
    ask() {
      isAsked = true;
      resolve();
    },
  };
}

function withResolve(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
