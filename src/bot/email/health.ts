/** How mail is, from what became of the last tries: a server that asks to wait is not down yet. */
import type { SurfaceHealth } from '../../domain/events.ts';
import type { Clock } from '../../domain/ports.ts';
import type { MailOutcome } from './faults.ts';

const DOWN_AFTER_FAILURES = 2;

export interface MailHealth {
  /** @param by A look at the server mends nothing that it said about a mail. */
  note(outcome: MailOutcome, by?: 'mail' | 'look'): void;
  current(): SurfaceHealth;
}

export function createMailHealth(clock: Clock, onChange: (health: SurfaceHealth) => void): MailHealth {
  let health: SurfaceHealth = { state: 'off', since: clock.now(), reason: 'not tried yet' };
  let failures = 0;
  let mailRefused = false;

  function tell(state: SurfaceHealth['state'], reason: string): void {
    if (health.state === state && health.reason === reason) return;
    health = { state, since: health.state === state ? health.since : clock.now(), reason };
    onChange(health);
  }

  return {
    current: () => health,
    note(outcome, by = 'mail') {
      if (by === 'look' && mailRefused && outcome.kind === 'sent') return;
      if (by === 'mail') mailRefused = outcome.kind === 'refused';
      failures = outcome.kind === 'sent' ? 0 : failures + 1;
      if (outcome.kind === 'sent') {
        tell('up', '');
        return;
      }
      const isDown = outcome.kind === 'refused' || failures >= DOWN_AFTER_FAILURES;
      tell(isDown ? 'down' : 'degraded', outcome.reason);
    },
  };
}
