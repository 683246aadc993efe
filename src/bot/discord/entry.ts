/** The worker thread of the Discord surface starts here; nothing else may import this file. */
import { serveSurface } from '../surface-worker.ts';
import { createDiscordClient } from './client.ts';
import type { DiscordOptions } from './options.ts';

serveSurface((options, tools) => createDiscordClient(options as DiscordOptions, tools));
