/** The two brakes that hold for every deed, an inverse included: a freeze, and the dry run. */
import type { Core } from './core.ts';

/** Why nothing may be done now, or `null`. */
export function whyStopped({ switches }: Pick<Core, 'switches'>): string | null {
  const freeze = switches.freeze();
  if (freeze !== null && freeze.scope !== 'optimizer') return `frozen by ${freeze.by}: ${freeze.reason}`;
  return switches.mode() === 'dry-run' ? 'the mode is dry-run' : null;
}
