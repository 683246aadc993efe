/** The made-up host as rows of the table: a quiet week, a busy one, and four weeks with thirty faults. */
import { falseAlarms, faultPlan, faultResults, runHost, type Told } from './synthetic.ts';
import { FAULT_KINDS } from './synthetic-host.ts';

/** A metric a minute is what hosts are read at elsewhere; faults need beats near those of a real bot. */
const QUIET_STEP = 60;
const FAULT_STEP = 30;

export interface Measured {
  readonly what: string;
  readonly value: string;
}

export async function madeUpWeeks(): Promise<readonly Measured[]> {
  const rows: Measured[] = [];
  for (const [name, busy] of [
    ['quiet', 0.02],
    ['busy', 1],
  ] as const) {
    const told = await runHost({ days: 8, stepSeconds: QUIET_STEP, busy, seed: 1 });
    rows.push({ what: `${name} week: warnings, criticals`, value: severe(told) });
  }
  return rows;
}

/** Four weeks, the first of them quiet, then three faults of each kind at odd hours. */
export async function madeUpFaults(print: (line: string) => void): Promise<readonly Measured[]> {
  const rows: Measured[] = [];
  const faults = faultPlan(28, 7, 3);
  const told = await runHost({ days: 28, stepSeconds: FAULT_STEP, busy: 1, seed: 2, faults });
  const results = faultResults(faults, told);
  const found = results.filter((result) => result.warned !== null).length;
  rows.push({ what: 'month with 30 faults: found', value: `${found} of ${faults.length}` });
  const wrong = falseAlarms(faults, told).length / 4;
  rows.push({ what: 'month with 30 faults: false warnings a week', value: wrong.toFixed(2) });
  print('\nfault             found  seconds to the first word / to a warning, told as');
  for (const kind of FAULT_KINDS) {
    const own = results.filter((result) => result.kind === kind);
    const all = own.map(({ told: first, warned, as }) => `${first ?? '-'} / ${warned ?? '-'} ${as ?? ''}`);
    const hits = own.filter((result) => result.warned !== null).length;
    print(`${kind.padEnd(18)}${hits} of ${own.length}  ${all.join(', ')}`);
  }
  return rows;
}

function severe(told: readonly Told[]): string {
  const count = (severity: string): number =>
    told.filter(({ anomaly }) => anomaly.severity === severity).length;
  return `${count('warning')}, ${count('critical')}`;
}
