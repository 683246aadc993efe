/** `replay` over stored history: which configuration and which strategies it runs with. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mappedPeople } from '../bot/permissions.ts';
import type { ReplayDesk, ReplayRequest, ReplayResult } from '../domain/rehearsal.ts';
import { type LoadedConfig, loadConfig } from './config.ts';
import type { Environment } from './environment.ts';
import type { ReplayInput } from './replay-history.ts';
import type { ReplayJob } from './replay-job.ts';

/** Files that are to be tried lie here, beside those in force; what is not here is as it is. */
const PROPOSED = 'proposed';

export interface ReplayDeskDeps {
  readonly env: Environment;
  readonly timezone: string;
  /** What is in force, overrides included. */
  readonly current: () => LoadedConfig;
  readonly job: ReplayJob;
  /** Says what came of a replay that nobody waits for any more. */
  readonly told?: (result: ReplayResult) => void;
}

export function createReplayDesk(deps: ReplayDeskDeps): ReplayDesk {
  return {
    async run(request, patience) {
      const loaded = await chosen(request, deps);
      if ('kind' in loaded) return loaded;
      const { config, hash } = loaded;
      if (
        request.strategy !== null &&
        config.healing.strategies.every(({ name }) => name !== request.strategy)
      )
        return { kind: 'not_found', reason: `There is no strategy ${request.strategy}.` };
      const input: ReplayInput = {
        request,
        config,
        configHash: hash,
        dataFolder: deps.env.dataFolder,
        host: deps.env.hostname,
        timezone: deps.timezone,
        people: mappedPeople(config.bot).length,
      };
      return deps.job.run(input, patience, deps.told);
    },
    stop: deps.job.stop,
  };
}

async function chosen(
  { config: which }: ReplayRequest,
  { env, current }: ReplayDeskDeps,
): Promise<LoadedConfig | ReplayResult> {
  if (which === 'current') return current();
  const folder = join(env.configFolder, PROPOSED);
  if (!existsSync(folder))
    return { kind: 'not_found', reason: `There is no folder ${folder}; put the files to be tried there.` };
  const result = await loadConfig(env.configFolder, (file) =>
    existsSync(join(folder, file)) ? folder : env.configFolder,
  );
  return result.kind === 'valid' ? result.loaded : { kind: 'invalid', faults: result.faults };
}
