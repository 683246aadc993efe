/**
 * `replay` over stored history: which configuration it runs with, and where. Through the bot it runs in a thread; at
 * the terminal in that process, so that it can show how far it is.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mappedPeople } from '../bot/permissions.ts';
import { describeError, isOpsError } from '../domain/errors.ts';
import type { ReplayDesk, ReplayRequest, ReplayResult, ReplaySummary } from '../domain/rehearsal.ts';
import { type LoadedConfig, loadConfig } from './config.ts';
import type { Environment } from './environment.ts';
import type { ReplayInput } from './replay-history.ts';

/** Files that are to be tried lie here, beside those in force; what is not here is as it is. */
const PROPOSED = 'proposed';

export interface ReplayDeskDeps {
  readonly env: Environment;
  readonly timezone: string;
  /** What is in force, overrides included. */
  readonly current: () => LoadedConfig;
  readonly run: (input: ReplayInput) => Promise<ReplaySummary>;
}

export function createReplayDesk(deps: ReplayDeskDeps): ReplayDesk {
  return {
    async run(request) {
      const loaded = await chosen(request, deps);
      if ('kind' in loaded) return loaded;
      const { config, hash } = loaded;
      if (
        request.strategy !== null &&
        config.healing.strategies.every(({ name }) => name !== request.strategy)
      )
        return { kind: 'not_found', reason: `There is no strategy ${request.strategy}.` };
      try {
        const summary = await deps.run({
          request,
          config,
          configHash: hash,
          dataFolder: deps.env.dataFolder,
          host: deps.env.hostname,
          timezone: deps.timezone,
          people: mappedPeople(config.bot).length,
        });
        if (summary.rows > 0) return { kind: 'replayed', summary };
        return { kind: 'not_found', reason: 'There is no stored history in this window.' };
      } catch (cause) {
        if (isOpsError(cause, 'REFUSED')) return { kind: 'refused', reason: cause.message };
        return { kind: 'failed', reason: describeError(cause) };
      }
    },
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
