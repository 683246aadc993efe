/** The worker thread of the Slack surface starts here; nothing else may import this file. */
import { serveSurface } from '../surface-worker.ts';
import { createSlackClient } from './client.ts';
import type { SlackOptions } from './options.ts';

serveSurface((options, tools) => createSlackClient(options as SlackOptions, tools));
