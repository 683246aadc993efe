/**
 * Runs a chat SDK in a worker thread of its own. The SDKs throw where nobody can catch, exit the process and go
 * deaf: here that ends one thread, which is rebuilt, and is told as health. Monitoring never waits for it.
 *
 * Refused credentials are not retried: the surface stays down with the reason until it is stopped and started.
 */
import { assertNever, describeError } from '../domain/errors.ts';
import type { SurfaceHealth } from '../domain/events.ts';
import type { Clock, Logger } from '../domain/ports.ts';
import type { Ms } from '../domain/units.ts';
import { createDelivery } from './delivery.ts';
import { createShownMemory } from './shown-memory.ts';
import type { ChatSurface, ChatSurfaceId, Placed, SurfaceInbound } from './surface.ts';
import { fault, faultError } from './surface-fault.ts';
import { createThreadKeeper, type ThreadKeeper } from './surface-keeper.ts';
import type { SurfaceThread, ThreadNews } from './surface-thread.ts';
import { SURFACE_TIMING, type SurfaceTiming } from './surface-timing.ts';
import type { HttpAnswer, HttpRequestIn } from './surface-wire.ts';

/** What every chat surface needs from outside. */
export interface SurfaceDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Other spans than `SURFACE_TIMING`, for tests. */
  readonly timing?: SurfaceTiming;
}

export interface HostedSurfaceDeps extends SurfaceDeps {
  readonly id: ChatSurfaceId;
  /** `…/entry.ts` from source, `…/entry.js` when built. */
  readonly entry: URL;
  /** Handed to the thread as it is: plain data, secrets included. */
  readonly options: unknown;
}

export interface HostedSurface extends ChatSurface {
  /** A platform request that came over HTTP, for surfaces that take them. */
  http(request: HttpRequestIn, within: Ms): Promise<HttpAnswer>;
}

/** How the surface is, told to the core at each change. */
interface HealthTeller {
  tell(state: SurfaceHealth['state'], reason: string): void;
  reason(): string;
}

export function createHostedSurface(deps: HostedSurfaceDeps): HostedSurface {
  const { id, clock, log } = deps;
  const timing = deps.timing ?? SURFACE_TIMING;
  const deliver = createDelivery(id, log);
  let inbound: SurfaceInbound | null = null;
  const health = createHealthTeller(clock, (now) => inbound?.health(now));
  const onDown = (reason: string): void => health.tell('down', reason);
  const keeper = createThreadKeeper({ ...deps, timing, onDown, onNews });

  function onNews(news: ThreadNews, from: SurfaceThread): void {
    switch (news.kind) {
      case 'health':
        health.tell(news.state, news.reason);
        break;
      case 'fatal':
        keeper.release()?.end(news.reason);
        log.error('surface gave up', { surface: id, reason: news.reason });
        health.tell('down', news.reason);
        break;
      case 'rebuild':
        from.end(news.reason);
        break;
      case 'log':
        log[news.level](news.message, { surface: id, ...news.fields });
        break;
      case 'inbound':
        if (inbound === null) break;
        void deliver(news.inbound, inbound).then(({ ok, text }) => from.reply(news.id, { ok, text }));
        break;
      default:
        assertNever(news);
    }
  }

  return {
    id,
    async start(to, commands) {
      if (inbound !== null) return;
      inbound = to;
      health.tell('degraded', 'Connecting.');
      await keeper.start(commands);
    },
    ...createOutbound(timing, () => requireThread(id, keeper, health)),
    async stop() {
      const last = keeper.release();
      await last?.call<'stop'>({ method: 'stop' }, timing.stopWithin).catch((cause: unknown) => {
        log.debug('surface did not stop by itself', { surface: id, error: describeError(cause) });
      });
      last?.end('stopped');
      health.tell('off', '');
      inbound = null;
    },
  };
}

/** The entry file of a surface stands beside its surface file, whose `import.meta.url` this is. */
export function entryBeside(surfaceUrl: string): URL {
  return new URL(surfaceUrl.endsWith('.ts') ? './entry.ts' : './entry.js', surfaceUrl);
}

function requireThread(id: ChatSurfaceId, keeper: ThreadKeeper, health: HealthTeller): SurfaceThread {
  const thread = keeper.current();
  if (thread !== null) return thread;
  throw faultError(id, fault('unreachable', health.reason() || `${id} is not running.`));
}

/** What goes out: repeats of what is already shown are dropped, lost answers are caught up with. */
function createOutbound(
  timing: SurfaceTiming,
  thread: () => SurfaceThread,
): Pick<HostedSurface, 'put' | 'picture' | 'append' | 'http'> {
  const shown = createShownMemory();
  return {
    async put(card, stored, { triedBefore } = { triedBefore: false }) {
      const seen = shown.card(card.key);
      if (seen !== undefined && seen.version > card.version) return seen.placed;
      const placed = stored ?? seen?.placed ?? null;
      const call = card.page && placed?.called !== true && !shown.hasCalled(card.key);
      const keep = (where: Placed): Placed => {
        const stands = { ...where, called: card.page };
        shown.showed(card.key, stands, card.version);
        shown.called(card.key, card.page);
        return stands;
      };
      const asked = { method: 'put', card, placed, call, triedBefore } as const;
      return keep(await thread().call<'put'>(asked, timing.answerWithin, (where) => void keep(where)));
    },
    picture: async (card, placed, picture) =>
      thread().call<'picture'>({ method: 'picture', card, placed, picture }, timing.pictureWithin),
    async append(placed, line) {
      if (shown.hasLine(line.id)) return;
      const keep = (): void => shown.wroteLine(line.id);
      await thread().call<'append'>({ method: 'append', placed, line }, timing.answerWithin, keep);
      keep();
    },
    http: async (request, within) => thread().call<'http'>({ method: 'http', request }, within),
  };
}

function createHealthTeller(clock: Clock, onChange: (health: SurfaceHealth) => void): HealthTeller {
  let health: SurfaceHealth = { state: 'off', since: clock.now(), reason: '' };
  return {
    tell(state, reason) {
      if (health.state === state && health.reason === reason) return;
      health = { state, since: health.state === state ? health.since : clock.now(), reason };
      onChange(health);
    },
    reason: () => health.reason,
  };
}
