/**
 * When the next message may go to a surface: a second apart, not before the platform's own Retry-After, further apart
 * while it fails, and inside the message budget for what is not urgent. All on the monotonic clock.
 */
import type { Clock } from '../domain/ports.ts';
import { type Ms, minutes, ms, seconds } from '../domain/units.ts';

const SPACING: Ms = seconds(1);
const FIRST_BACK_OFF: Ms = seconds(1);
const LONGEST_BACK_OFF: Ms = seconds(30);
const BUDGET_WINDOW: Ms = minutes(60);

export interface Pace {
  /** When anything may go. */
  readyAt(): number;
  /** When something that is not urgent may go. */
  budgetAt(): number;
  /** `isNew`: a new message; edits ring nowhere and are free. */
  sending(isNew: boolean): void;
  delivered(): void;
  /** What was being sent did not arrive: it spends nothing of the budget. */
  failed(retryAfter: Ms | null): void;
  /** The platform will never take it: the budget has it back. */
  refund(): void;
  /** The surface is back. What the platform itself asked us to wait still holds. */
  wake(): void;
}

export function createPace(clock: Clock, budgetPerHour: () => number, onNew?: () => void): Pace {
  let spacedUntil = 0;
  let askedUntil = 0;
  let failures = 0;
  let sentAt: number[] = [];
  let wasNew = false;

  function refund(): void {
    if (wasNew) sentAt.pop();
    wasNew = false;
  }

  return {
    readyAt: () => Math.max(spacedUntil, askedUntil),
    budgetAt() {
      const now = clock.monotonic();
      sentAt = sentAt.filter((at) => at > now - BUDGET_WINDOW);
      const freesAt = sentAt[sentAt.length - budgetPerHour()];
      return freesAt === undefined ? 0 : freesAt + BUDGET_WINDOW;
    },
    sending(isNew) {
      const now = clock.monotonic();
      spacedUntil = now + SPACING;
      wasNew = isNew;
      if (isNew) sentAt.push(now);
    },
    delivered() {
      failures = 0;
      if (wasNew) onNew?.();
      wasNew = false;
    },
    refund,
    failed(retryAfter) {
      const now = clock.monotonic();
      refund();
      failures += 1;
      if (retryAfter !== null) askedUntil = now + retryAfter;
      spacedUntil = now + (failures > 1 ? backOffSpan(failures) : SPACING);
    },
    wake() {
      failures = 0;
      spacedUntil = Math.min(spacedUntil, clock.monotonic() + SPACING);
    },
  };
}

/** 1 s doubling to 30 s: a surface that is back is used again within half a minute. */
export function backOffSpan(failures: number): Ms {
  return ms(Math.min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** Math.min(10, failures - 1)));
}
