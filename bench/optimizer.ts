/**
 * `npm run bench -- optimizer [--data DIR] [--only tuner,simulation,real] [--own-group]`: what the tuner changes on weeks of load that it
 * has not seen, and what the throttle does for critical work in two hours by a virtual clock and, with `real`, in four minutes on this host.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runReal } from './optimizer/real.ts';
import { simulate } from './optimizer/simulation.ts';
import { tunerTable } from './optimizer/tuner.ts';

const ROOT = join(import.meta.dirname, '..');

export async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string', default: join(ROOT, 'bench', 'sample') },
      'own-group': { type: 'boolean', default: false },
      only: { type: 'string', default: 'tuner,simulation' },
    },
  });
  const wanted = new Set(values.only.split(','));
  if (wanted.has('tuner')) tunerTable(values.data);
  if (wanted.has('simulation')) simulate();
  if (wanted.has('real')) await runReal(values['own-group']);
  return 0;
}
