/** Opens `data/history`: the samples of the last days and their one-minute roll-ups. */
import { join } from 'node:path';
import type { Live, Logger } from '../domain/ports.ts';
import type { MonitorConfig } from './config.ts';
import { createHistory, type History } from './history.ts';
import { createHistoryFiles, type HistoryFiles } from './history-files.ts';
import { createRollups, type Rollups } from './rollups.ts';

export interface StoredHistory {
  readonly history: History;
  readonly rollups: Rollups;
}

export interface StoredHistoryDeps {
  readonly dataFolder: string;
  readonly config: Live<MonitorConfig>;
  readonly log: Logger;
  readonly readOnly?: boolean;
}

/** Builds both; nothing is read yet. */
export function createStoredHistory(deps: StoredHistoryDeps): StoredHistory {
  const { dataFolder, config, log } = deps;
  const folder = join(dataFolder, 'history');
  const open = (ending: string): HistoryFiles => {
    const files = createHistoryFiles(folder, ending);
    return deps.readOnly === true ? { ...files, append: async () => {}, remove: async () => {} } : files;
  };
  return {
    history: createHistory({
      files: open('.jsonl'),
      log,
      step: config.current().storeInterval,
      keepDays: () => config.current().historyDays,
    }),
    rollups: createRollups({
      files: open('.1m.jsonl'),
      log,
      keepDays: () => config.current().rollupDays,
    }),
  };
}

/** Builds both and reads them back, for looking only: the files belong to the bot, and nothing of them is changed. */
export async function openStoredHistory(deps: StoredHistoryDeps): Promise<StoredHistory> {
  const stored = createStoredHistory({ ...deps, readOnly: true });
  await stored.history.load();
  await stored.rollups.load(stored.history);
  return stored;
}
