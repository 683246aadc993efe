/** What the command line may change for one run alone. */
import type { Mode } from '../domain/events.ts';
import type { Ms } from '../domain/units.ts';
import type { Again } from './again.ts';

export interface StartOverrides {
  readonly mode: Mode | null;
  readonly interval: Ms | null;
}

/** What one run of the bot is given. */
export interface RunOverrides extends StartOverrides {
  readonly again: Again;
}
