/** What the command line may change for one run alone. */
import type { Mode } from '../domain/events.ts';
import type { Ms } from '../domain/units.ts';

export interface StartOverrides {
  readonly mode: Mode | null;
  readonly interval: Ms | null;
}
