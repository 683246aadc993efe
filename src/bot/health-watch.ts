/** How each surface is. What one of them lost is told on the others, and once it is back its cards are repaired. */
import type { SurfaceHealth } from '../domain/events.ts';
import type { Clock, EventBus, Logger } from '../domain/ports.ts';
import type { EpochMs } from '../domain/units.ts';
import type { Announcer } from './announcer.ts';
import { surfaceNotice } from './notices.ts';
import type { ChatSurface, ChatSurfaceId } from './surface.ts';

export interface HealthWatchDeps {
  readonly surfaces: readonly ChatSurface[];
  readonly clock: Clock;
  readonly bus: Pick<EventBus, 'publish'>;
  readonly log: Logger;
  readonly timezone: string;
}

export interface HealthWatch {
  changed(surface: ChatSurfaceId | 'mail', health: SurfaceHealth): void;
  all(): Readonly<Partial<Record<ChatSurfaceId, SurfaceHealth>>>;
}

export function createHealthWatch(
  deps: HealthWatchDeps,
  announcer: () => Announcer | undefined,
): HealthWatch {
  const { surfaces, clock, bus, log, timezone } = deps;
  const healths = new Map<ChatSurfaceId, SurfaceHealth>(
    surfaces.map(({ id }) => [id, { state: 'off', since: clock.now(), reason: 'not started yet' }]),
  );
  const downSince = new Map<ChatSurfaceId | 'mail', EpochMs>();

  function tellOthers(surface: ChatSurfaceId | 'mail', health: SurfaceHealth, since: EpochMs): void {
    const others = surfaces.map(({ id }) => id).filter((id) => id !== surface);
    announcer()?.notify(surfaceNotice(surface, health, since, timezone), 1, others);
  }

  return {
    all: () => Object.fromEntries(healths),
    changed(surface, health) {
      if (surface !== 'mail') healths.set(surface, health);
      log.info('surface changed', { surface, state: health.state, reason: health.reason });
      bus.publish({ type: 'surface.changed', surface, health });
      const since = downSince.get(surface);
      if (health.state === 'down' && since === undefined) {
        downSince.set(surface, health.since);
        tellOthers(surface, health, health.since);
      }
      if (health.state !== 'up') return;
      downSince.delete(surface);
      if (since !== undefined) tellOthers(surface, health, since);
      if (surface === 'mail') return;
      announcer()?.wake(surface);
      announcer()?.sweep(surface);
    },
  };
}

export function upNow(watch: HealthWatch): readonly ChatSurfaceId[] {
  return (Object.entries(watch.all()) as [ChatSurfaceId, SurfaceHealth][])
    .filter(([, { state }]) => state === 'up' || state === 'degraded')
    .map(([id]) => id);
}
