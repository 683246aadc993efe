/** The Discord surface as the main thread knows it. No SDK is loaded here; it lives in the worker thread. */
import type { ChatSurface } from '../surface.ts';
import { createHostedSurface, entryBeside, type SurfaceDeps } from '../surface-host.ts';
import { SURFACE_TIMING } from '../surface-timing.ts';
import { paceEdits } from './edit-pace.ts';
import type { DiscordOptions } from './options.ts';

export function createDiscordSurface(options: DiscordOptions, deps: SurfaceDeps): ChatSurface {
  const hosted = createHostedSurface({
    id: 'discord',
    entry: entryBeside(import.meta.url),
    options,
    ...deps,
  });
  const { editEvery } = deps.timing ?? SURFACE_TIMING;
  const pace = paceEdits(hosted, { clock: deps.clock, log: deps.log, editEvery });
  return {
    id: hosted.id,
    start: hosted.start,
    put: pace.put,
    picture: pace.picture,
    append: hosted.append,
    async stop() {
      pace.stop();
      await hosted.stop();
    },
  };
}
