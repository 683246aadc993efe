/**
 * The exits of one instance: added in memory, on disk before anybody acts on them.
 *
 * `settle` saves and judges in one write, so that "five exits" and "kept stopped" can never be told apart by a
 * crash of the bot in between.
 */
import { describeError } from '../domain/errors.ts';
import type { Clock, Random } from '../domain/ports.ts';
import type { Ms } from '../domain/units.ts';
import type { ProcessExit } from '../platform/spawn-detached.ts';
import {
  addExit,
  type ExitVerdict,
  judgeExit,
  type RestartPolicy,
  type WorkerExit,
} from './restart-window.ts';
import type { SlotName, WorkerBook } from './worker-book.ts';

export interface ExitLedger {
  /** Those on record and those that are not on disk yet, oldest first. */
  all(): readonly WorkerExit[];
  hasUnsaved(): boolean;
  add(how: string, uptime: Ms): void;
  /** Leaves out what is not on disk yet; what is there is the book's. */
  forget(): void;
  settle(policy: RestartPolicy): Promise<ExitVerdict | { readonly kind: 'unsaved'; readonly reason: string }>;
}

export interface ExitLedgerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly book: WorkerBook;
}

export function createExitLedger(name: SlotName, { clock, random, book }: ExitLedgerDeps): ExitLedger {
  let unsaved: readonly WorkerExit[] = [];
  const all = (): readonly WorkerExit[] => unsaved.reduce(addExit, book.slot(name).exits);

  return {
    all,
    hasUnsaved: () => unsaved.length > 0,
    add(how, uptime) {
      unsaved = [...unsaved, { at: clock.now(), how, uptime }];
    },
    forget() {
      unsaved = [];
    },
    async settle(policy) {
      const now = clock.now();
      const exits = all();
      const verdict = judgeExit(exits, policy, now, random.next());
      const gaveUp = verdict.kind === 'give_up' ? { at: now, reason: verdict.reason } : null;
      const lastExit = exits.at(-1)?.how ?? null;
      try {
        await book.changeSlot(name, () => ({ gaveUp, exits, lastExit, run: null }));
      } catch (cause) {
        return { kind: 'unsaved', reason: `the exit cannot be saved: ${describeError(cause)}` };
      }
      unsaved = [];
      return verdict;
    },
  };
}

export function howItEnded({ code, signal }: ProcessExit): string {
  return signal === null ? `exited with code ${code ?? 'unknown'}` : `was killed by ${signal}`;
}
