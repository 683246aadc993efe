/** Opens `data/history`: the samples of the last days and their one-minute roll-ups. */
import { join } from 'node:path';
import type { Live, Logger } from '../domain/ports.ts';
import type { MonitorConfig } from './config.ts';
import { createHistory, type History } from './history.ts';
import { createHistoryFiles } from './history-files.ts';
import { createRollups, type Rollups } from './rollups.ts';

export interface StoredHistory {
  readonly history: History;
  readonly rollups: Rollups;
}

export interface StoredHistoryDeps {
  readonly dataFolder: string;
  readonly config: Live<MonitorConfig>;
  readonly log: Logger;
}

/** Builds both; nothing is read yet. */
export function createStoredHistory({ dataFolder, config, log }: StoredHistoryDeps): StoredHistory {
  const folder = join(dataFolder, 'history');
  return {
    history: createHistory({
      files: createHistoryFiles(folder),
      log,
      step: config.current().storeInterval,
      keepDays: () => config.current().historyDays,
    }),
    rollups: createRollups({
      files: createHistoryFiles(folder, '.1m.jsonl'),
      log,
      keepDays: () => config.current().rollupDays,
    }),
  };
}

/** Builds both and reads them back. */
export async function openStoredHistory(deps: StoredHistoryDeps): Promise<StoredHistory> {
  const stored = createStoredHistory(deps);
  await stored.history.load();
  await stored.rollups.load(stored.history);
  return stored;
}
