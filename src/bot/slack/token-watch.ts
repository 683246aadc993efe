/**
 * Watches the bot token: looks at it from time to time, and soon after any call that failed. One refusal may be
 * Slack's own trouble; refused twice in a row is refused.
 */
import type { Cancel, Clock } from '../../domain/ports.ts';
import type { Ms } from '../../domain/units.ts';
import type { LinkHealth } from '../link-health.ts';
import type { SurfaceFault } from '../surface-fault.ts';
import type { SurfaceTiming } from '../surface-timing.ts';
import { toFault } from './faults.ts';
import type { SlackOptions } from './options.ts';
import { neededScopes } from './scopes.ts';

export interface TokenWatchDeps {
  readonly options: SlackOptions;
  readonly clock: Clock;
  readonly timing: SurfaceTiming;
  readonly health: LinkHealth;
  readonly onRefused: (reason: string) => void;
}

export interface TokenWatch {
  /** One look now, and then for ever. */
  look(): Promise<void>;
  /** Takes note of what a call or the look itself met. */
  suspect(failed: SurfaceFault, by: 'call' | 'look'): void;
  /** Slack was just heard of: where calls fail, look now and not later. */
  nudge(): void;
  stop(): void;
}

/** @param test Asks Slack; resolves to the granted scopes where Slack says them. */
export function createTokenWatch(
  deps: TokenWatchDeps,
  test: () => Promise<readonly string[] | undefined>,
): TokenWatch {
  const { clock, timing, health } = deps;
  let refusals = 0;
  let cancel: Cancel = () => {};
  let stopped = false;
  let isLost = false;
  let missing: readonly string[] = [];

  async function look(): Promise<void> {
    cancel();
    const failed = await test().then(well, toFault);
    lookIn(timing.checkEvery);
    if (failed !== null && !stopped) suspect(failed, 'look');
  }

  function well(scopes: readonly string[] | undefined): null {
    refusals = 0;
    isLost = false;
    health.ok('api');
    missing = hintScopes(scopes, deps);
    return null;
  }

  function suspect(failed: SurfaceFault, by: 'call' | 'look'): void {
    if (failed.kind === 'credentials') {
      refused(failed.reason, by);
      return;
    }
    isLost = failed.kind === 'unreachable';
    if (isLost) {
      health.lost('api', failed.reason);
      lookIn(timing.probeEvery);
      return;
    }
    health.ok('api');
    const isSaid = missing.some((scope) => failed.reason.includes(scope));
    if (failed.kind === 'no_place' && !isSaid) health.hint('channel', failed.reason);
  }

  function refused(reason: string, by: 'call' | 'look'): void {
    if (by === 'look') refusals += 1;
    if (refusals > 1) {
      deps.onRefused(reason);
      return;
    }
    health.lost('api', reason);
    lookIn(timing.confirmAfter);
  }

  function lookIn(span: Ms): void {
    cancel();
    if (!stopped) cancel = clock.in(span, () => void look());
  }

  return {
    look,
    suspect,
    nudge() {
      if (isLost) void look();
    },
    stop() {
      stopped = true;
      cancel();
    },
  };
}

/** Says what the token may not do and should, and gives it back; nothing where Slack did not say. */
function hintScopes(
  granted: readonly string[] | undefined,
  { health, options }: TokenWatchDeps,
): readonly string[] {
  const needed = neededScopes(options);
  const missing = needed.filter((scope) => granted !== undefined && !granted.includes(scope));
  const lacks = `The Slack app lacks ${missing.join(', ')}. Add what it lacks and install the app again.`;
  if (missing.length === 0) health.ok('scopes');
  else health.hint('scopes', lacks);
  return missing;
}
