/** Weeks of load: generated ones with a known shape, and server metrics of the ASD data where they are given. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { MinuteRows } from '../../src/domain/rollup.ts';
import { type EpochMs, epochMs } from '../../src/domain/units.ts';
import { readColumns, readLabels } from '../detection/sets.ts';

const WEEK = 10_080;
export const MONDAY: EpochMs = epochMs(Date.parse('2026-01-05T00:00:00Z'));

export interface Load {
  readonly name: string;
  /** The first `learn` minutes teach, the rest is judged. */
  readonly rows: MinuteRows;
  readonly learn: number;
  /** Labelled trouble: what is found there is no false warning. */
  readonly isTrouble: (minute: number) => boolean;
}

export function seeded(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

/** Six weeks, of which four teach. Busy hours have bursts: minutes of far more than usual, as real ones do. */
export function generated(): readonly Load[] {
  const office = (hour: number): boolean => hour < 120 && hour % 24 >= 9 && hour % 24 < 18;
  const evening = (hour: number): boolean => hour % 24 >= 18 && hour % 24 < 23;
  const nightly = (hour: number): boolean => hour % 24 >= 1 && hour % 24 < 5;
  return [
    make('office host, cpu', office, { busy: 0.45, quiet: 0.08, bursts: 0.02 }, 1),
    make('shop in the evening, cpu', evening, { busy: 0.55, quiet: 0.15, bursts: 0.03 }, 2),
    make('batch host at night, cpu', nightly, { busy: 0.7, quiet: 0.1, bursts: 0.01 }, 3),
  ];
}

function make(
  name: string,
  isBusy: (hour: number) => boolean,
  shape: { readonly busy: number; readonly quiet: number; readonly bursts: number },
  seed: number,
): Load {
  const random = seeded(seed);
  const gauss = (): number => (random() + random() + random() + random() - 2) * 1.73;
  const values = new Float32Array(6 * WEEK);
  let burst = 0;
  for (let index = 0; index < values.length; index += 1) {
    const busy = isBusy(Math.floor(index / 60) % 168);
    if (busy && random() < shape.bursts) burst = 2 + Math.floor(random() * 4);
    const extra = burst > 0 && busy ? 0.25 * random() + 0.1 : 0;
    burst = Math.max(0, burst - 1);
    const [mean, noise] = busy ? [shape.busy, 0.05] : [shape.quiet, 0.02];
    values[index] = Math.min(1, Math.max(0, mean + gauss() * noise + extra));
  }
  return { name, rows: { first: MONDAY, values }, learn: 4 * WEEK, isTrouble: () => false };
}

/** Every metric of the ASD servers: 30 days teach, 15 are judged; a row of 5 minutes stands for its minutes. */
export function measured(data: string): readonly Load[] {
  const folder = join(data, 'asd');
  if (!existsSync(folder)) return [];
  return readdirSync(join(folder, 'train'))
    .sort()
    .flatMap((file) => {
      const machine = basename(file, '.dcol.gz');
      const train = readColumns(join(folder, 'train', file));
      const test = readColumns(join(folder, 'test', file));
      const labels = readLabels(join(folder, 'labels', `${machine}.csv.gz`));
      return train.values.map((column, index): Load => {
        const rows = [...column, ...(test.values[index] ?? [])];
        const values = Float32Array.from(
          { length: rows.length * 5 },
          (_, at) => rows[Math.floor(at / 5)] ?? Number.NaN,
        );
        const isTrouble = (minute: number): boolean => labels[Math.floor(minute / 5) - train.rows] === 1;
        const name = `${machine} ${train.names[index] ?? index}`;
        return { name, rows: { first: MONDAY, values }, learn: train.rows * 5, isTrouble };
      });
    });
}
