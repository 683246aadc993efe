/**
 * The calls to Discord's REST API that Nightshift makes. One 401 makes the SDK forget its token for good
 * (measured): here the token is set again and looked at, and only a second 401 in a row counts. Every outcome is
 * told to the health of the surface.
 */
import { REST, Routes } from 'discord.js';
import type { Cancel, Clock } from '../../domain/ports.ts';
import { type Ms, seconds } from '../../domain/units.ts';
import type { LinkHealth } from '../link-health.ts';
import { faultError } from '../surface-fault.ts';
import type { SurfaceTiming } from '../surface-timing.ts';
import { isUnauthorized, toFault } from './faults.ts';
import type { DiscordOptions } from './options.ts';

/** Waits up to this are left to the SDK; longer ones come back as a fault with the span. */
const WAIT_INSIDE: Ms = seconds(2);

/** A picture to be uploaded with a message. */
export interface DiscordFile {
  readonly name: string;
  readonly data: Buffer;
}

export interface DiscordApi {
  get(route: `/${string}`): Promise<unknown>;
  post(route: `/${string}`, body: unknown): Promise<unknown>;
  patch(route: `/${string}`, body: unknown, file?: DiscordFile): Promise<unknown>;
  put(route: `/${string}`, body: unknown): Promise<unknown>;
  stop(): void;
}

export interface DiscordApiDeps {
  readonly options: DiscordOptions;
  readonly clock: Clock;
  readonly timing: SurfaceTiming;
  readonly health: LinkHealth;
  readonly onRefused: (reason: string) => void;
}

/** How every SDK client in this thread talks to Discord. */
export function restOptions(
  options: DiscordOptions,
  timing: SurfaceTiming,
): ConstructorParameters<typeof REST>[0] & {} {
  return {
    api: options.apiUrl.replace(/\/+$/, ''),
    version: '10',
    timeout: timing.callWithin,
    retries: 0,
    rejectOnRateLimit: ({ timeToReset }) => timeToReset > WAIT_INSIDE,
  };
}

export function createDiscordApi(deps: DiscordApiDeps): DiscordApi {
  const { options, timing, clock, health } = deps;
  const rest = new REST(restOptions(options, timing)).setToken(options.token);
  let cancelProbe: Cancel = () => {};
  let stopped = false;

  async function call(route: string, work: () => Promise<unknown>): Promise<unknown> {
    const inChannel = route.startsWith('/channels/');
    try {
      const value = await work().catch((error: unknown) => again(error, work));
      cancelProbe();
      health.ok('api');
      if (inChannel) health.ok('channel');
      return value;
    } catch (error) {
      const failed = toFault(error);
      if (failed.kind === 'unreachable') lost(failed.reason);
      else health.ok('api');
      if (failed.kind === 'no_place' && inChannel) health.hint('channel', failed.reason);
      throw faultError('discord', failed, error);
    }
  }

  async function again(error: unknown, work: () => Promise<unknown>): Promise<unknown> {
    if (!isUnauthorized(error)) throw error;
    rest.setToken(options.token);
    try {
      await rest.get(Routes.user());
    } catch (second) {
      if (isUnauthorized(second)) deps.onRefused(toFault(second).reason);
      throw second;
    }
    return work();
  }

  function lost(reason: string): void {
    health.lost('api', reason);
    cancelProbe();
    if (!stopped) cancelProbe = clock.in(timing.probeEvery, () => void probe());
  }

  async function probe(): Promise<void> {
    await call(Routes.user(), () => rest.get(Routes.user())).catch(() => {
      // Told to the health already; `lost` has set the next probe.
    });
  }

  return {
    get: (route) => call(route, () => rest.get(route)),
    post: (route, body) => call(route, () => rest.post(route, { body })),
    patch: (route, body, file) =>
      call(route, () =>
        rest.patch(
          route,
          file === undefined ? { body } : { body, files: [{ ...file, contentType: 'image/png' }] },
        ),
      ),
    put: (route, body) => call(route, () => rest.put(route, { body })),
    stop() {
      stopped = true;
      cancelProbe();
    },
  };
}
