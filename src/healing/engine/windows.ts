/** How long fresh evidence may take to come for a strategy, also for one that has left the configuration. */
import type { Live } from '../../domain/ports.ts';
import { type Ms, seconds } from '../../domain/units.ts';
import type { HealingConfig } from '../config.ts';

const USUAL: Ms = seconds(120);

export function verifyWithin({ config }: { readonly config: Live<HealingConfig> }, strategy: string): Ms {
  return config.current().strategies.find(({ name }) => name === strategy)?.verifyWithin ?? USUAL;
}
