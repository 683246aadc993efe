/**
 * `npm run bench -- optimizer [--data DIR] [--only tuner,simulation]`: what the tuner changes on weeks of load that it
 * has not seen, and what the throttle does for critical work in two hours by a virtual clock.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { simulate } from './optimizer/simulation.ts';
import { tunerTable } from './optimizer/tuner.ts';

const ROOT = join(import.meta.dirname, '..');

export async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string', default: join(ROOT, 'bench', 'sample') },
      only: { type: 'string', default: 'tuner,simulation' },
    },
  });
  const wanted = new Set(values.only.split(','));
  if (wanted.has('tuner')) tunerTable(values.data);
  if (wanted.has('simulation')) simulate();
  return 0;
}
