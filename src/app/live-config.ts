/**
 * The configuration in force, swapped as a whole: rooms read their part at each use and see either all of the old
 * one or all of the new one. What the command line said holds over every reload.
 */
import type { Live } from '../domain/ports.ts';
import { type LoadedConfig, loadConfig } from './config.ts';
import type { Config } from './config-shape.ts';
import type { StartOverrides } from './overrides.ts';

export type ReloadResult =
  | { readonly kind: 'swapped'; readonly oldHash: string; readonly newHash: string }
  | { readonly kind: 'unchanged'; readonly hash: string }
  | { readonly kind: 'invalid'; readonly faults: readonly string[] };

export interface LiveConfig extends Live<Config> {
  room<K extends keyof Config>(name: K): Live<Config[K]>;
  hash(): string;
  /** Reads the files again; with `dryRun` nothing is swapped. All valid or nothing changes. */
  reload(dryRun: boolean): Promise<ReloadResult>;
}

export function createLiveConfig(folder: string, first: LoadedConfig, overrides: StartOverrides): LiveConfig {
  let loaded = first;
  let config = overridden(first.config, overrides);

  return {
    current: () => config,
    room: (name) => ({ current: () => config[name] }),
    hash: () => loaded.hash,
    async reload(dryRun) {
      const result = await loadConfig(folder);
      if (result.kind === 'invalid') return result;
      const [oldHash, newHash] = [loaded.hash, result.loaded.hash];
      if (oldHash === newHash) return { kind: 'unchanged', hash: oldHash };
      if (!dryRun) {
        loaded = result.loaded;
        config = overridden(loaded.config, overrides);
      }
      return { kind: 'swapped', oldHash, newHash };
    },
  };
}

function overridden(config: Config, { mode, interval }: StartOverrides): Config {
  return {
    ...config,
    bot: mode === null ? config.bot : { ...config.bot, mode },
    monitor: interval === null ? config.monitor : { ...config.monitor, interval },
  };
}
