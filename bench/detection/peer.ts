/** scikit-learn's Isolation Forest on the same hosts, where Python has it; else the row says that it is missing. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { precisionRecallArea } from './event-score.ts';
import type { HostCase } from './sets.ts';

const PYTHONS = ['/usr/bin/python3', 'python3'];

/** Mean area under precision and recall over the hosts; `null` where no Python here has scikit-learn. */
export function peerArea(cases: readonly HostCase[]): number | null {
  const python = PYTHONS.find((one) => spawnSync(one, ['-c', 'import sklearn']).status === 0);
  if (python === undefined || cases.length === 0) return null;
  const areas = cases.map(({ train, input, labels }) => {
    const script = join(import.meta.dirname, 'isolation_forest.py');
    const { stdout, stderr, status } = spawnSync(python, [script, train ?? input, input], {
      encoding: 'utf8',
      maxBuffer: 1e9,
    });
    if (status !== 0) throw new Error(`the peer failed: ${stderr}`);
    return precisionRecallArea(labels, Float64Array.from(stdout.trim().split('\n'), Number));
  });
  return areas.reduce((sum, area) => sum + area, 0) / areas.length;
}
