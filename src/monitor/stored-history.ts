/** Opens `data/history`: the samples of the last days, their one-minute roll-ups and the bands that held. */
import { join } from 'node:path';
import type { Live, Logger } from '../domain/ports.ts';
import { type BandLog, createBandLog } from './band-log.ts';
import type { MonitorConfig } from './config.ts';
import { createHistory, type History } from './history.ts';
import { createHistoryFiles, type HistoryFiles } from './history-files.ts';
import { createRollups, type Rollups } from './rollups.ts';

export interface StoredHistory {
  readonly history: History;
  readonly rollups: Rollups;
  readonly bands: BandLog;
}

export interface StoredHistoryDeps {
  readonly dataFolder: string;
  readonly config: Live<MonitorConfig>;
  readonly log: Logger;
  readonly readOnly?: boolean;
}

/** Builds them; nothing is read yet. */
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
    bands: createBandLog({
      files: open('.bands.jsonl'),
      log,
      keepDays: () => config.current().rollupDays,
    }),
  };
}

/** Builds them and reads them back, for looking only: the files belong to the bot, and nothing of them is changed. */
export async function openStoredHistory(deps: StoredHistoryDeps): Promise<StoredHistory> {
  const stored = createStoredHistory({ ...deps, readOnly: true });
  await stored.history.load();
  await stored.rollups.load(stored.history);
  await stored.bands.load(stored.history.newest());
  return stored;
}
