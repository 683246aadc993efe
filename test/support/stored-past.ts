/** Stored history made by hand, and the shipped configuration with one worker in it: what a replay works on. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../src/app/config.ts';
import type { Config } from '../../src/app/config-shape.ts';
import type { ReplayInput } from '../../src/app/replay-history.ts';
import { epochMs, hours, toIso } from '../../src/domain/units.ts';
import { WorkersConfig } from '../../src/healing/workers-config.ts';
import { headerText, rowText } from '../../src/monitor/day-file.ts';
import { START } from './builders.ts';

const STEP = 10_000;
/** Rows of an hour and a half, and where in it the worker `web` is down; memory is critical, then only scarce. */
export const ROWS = 540;
export const DOWN = { from: 240, to: 300 };
const SCARCE = { from: 60, eased: 100, to: 140 };
const NAMES = ['cpu', 'memory', 'net_rx', 'target_up:web'];

/** The moment of a row. */
export function rowTime(row: number): number {
  return START + row * STEP;
}

/** Writes the first `rows` rows into `data/history`. */
export function writePast(dataFolder: string, rows: number = ROWS): void {
  const folder = join(dataFolder, 'history');
  mkdirSync(folder, { recursive: true });
  const lines = [headerText(NAMES)];
  for (let row = 0; row < rows; row += 1) {
    const wave = Math.sin(row / 7) / 50;
    const scarce = row < SCARCE.eased ? 0.975 : 0.905;
    const memory = row >= SCARCE.from && row < SCARCE.to ? scarce : 0.5 + wave / 4;
    const up = row >= DOWN.from && row < DOWN.to ? 0 : 1;
    const values = [0.3 + wave, memory, 200_000 * (1 + wave), up];
    lines.push(rowText({ at: epochMs(rowTime(row)), taught: true, values }));
  }
  writeFileSync(join(folder, `${toIso(START).slice(0, 10)}.jsonl`), lines.join(''));
}

export async function shippedWithWorker(): Promise<Config> {
  const read = await loadConfig(join(import.meta.dirname, '..', '..', 'configs'));
  if (read.kind === 'invalid') throw new Error(read.faults.join('\n'));
  const workers = WorkersConfig.parse({ workers: [{ name: 'web', command: ['node', 'web.js'] }] });
  return { ...read.loaded.config, workers };
}

export function replayInput(
  dataFolder: string,
  config: Config,
  over: Partial<ReplayInput> = {},
): ReplayInput {
  return {
    request: { window: hours(24), strategy: null, config: 'current' },
    config,
    configHash: 'abc',
    dataFolder,
    host: 'web-1',
    timezone: 'UTC',
    people: 1,
    ...over,
  };
}
