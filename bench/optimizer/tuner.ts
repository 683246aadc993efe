/**
 * Tuner on against off over weeks it has not seen: how often the band is left in busy hours where nothing is wrong, and
 * how many small dips and bumps in quiet hours are missed. The dips are put in by us, the same for every row of the table.
 */
import { type EpochMs, epochMs } from '../../src/domain/units.ts';
import { baselineAt, deviation, type Learnt, learn } from '../../src/monitor/baseline.ts';
import { learnProfile } from '../../src/optimizer/load-profile.ts';
import { tune } from '../../src/optimizer/threshold-tuner.ts';
import { generated, type Load, MONDAY, measured, seeded } from './loads.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const WEEK_MINUTES = 10_080;
const DIPS = 200;
const DIP_MINUTES = 5;
const rules = {
  leastSigmas: 2,
  mostSigmas: 3,
  exitsPerWeek: 7,
  hourOfWeek: (at: EpochMs): number => Math.floor((at - MONDAY) / HOUR) % 168,
  bothSides: true,
};

interface Widths {
  readonly peak: number;
  readonly quiet: number;
}

interface Score {
  readonly busyExits: number;
  readonly quietExits: number;
  readonly missed: number;
  readonly weeks: number;
}

export function tunerTable(data: string): void {
  for (const [title, loads] of [
    ['generated load, 4 weeks learnt, 2 judged', generated()],
    ['ASD servers, 30 days learnt, 15 judged', measured(data)],
  ] as const) {
    if (loads.length > 0) table(title, loads);
  }
}

function table(title: string, loads: readonly Load[]): void {
  const ways = { 'off, 3.0σ always': [] as Score[], 'off, 2.0σ always': [] as Score[], on: [] as Score[] };
  let split = 0;
  const chosen: number[] = [];
  for (const load of loads) {
    const known = { first: load.rows.first, values: load.rows.values.slice(0, load.learn) };
    const hourOf = (at: EpochMs): number => Math.floor(at / HOUR) % 24;
    const learnt = learn(known, 'ratio', { minRows: 720, hourOfDayAfterDays: 14, hourOf });
    const profile = learnProfile('cpu', known, { minDays: 14, hourOfWeek: rules.hourOfWeek });
    if (learnt === null || profile.split.kind !== 'split') continue;
    const z = (value: number, at: EpochMs): number => deviation(value, baselineAt(learnt, hourOf(at)));
    const [peak, quiet] = tune(profile, known, z, rules);
    if (peak === undefined || quiet === undefined) continue;
    split += 1;
    chosen.push(quiet.sigmas);
    const judged = { load, peak: profile.split.peak, learnt, z };
    ways['off, 3.0σ always'].push(score(judged, { peak: 3, quiet: 3 }));
    ways['off, 2.0σ always'].push(score(judged, { peak: 2, quiet: 2 }));
    ways['on'].push(score(judged, { peak: peak.sigmas, quiet: quiet.sigmas }));
  }
  console.log(`\n${title}: ${loads.length} metrics, ${split} with sure busy hours, quiet k ${range(chosen)}`);
  console.log(
    '  tuner               false exits a week, busy   false exits a week, quiet   dips and bumps missed, quiet',
  );
  for (const [way, scores] of Object.entries(ways)) {
    const mean = (pick: (one: Score) => number): string =>
      (scores.reduce((sum, one) => sum + pick(one), 0) / Math.max(1, scores.length)).toFixed(1);
    console.log(
      `  ${way.padEnd(20)}${mean((one) => one.busyExits / one.weeks).padStart(10)}${mean((one) => one.quietExits / one.weeks).padStart(27)}${`${mean((one) => one.missed * 100)} %`.padStart(30)}`,
    );
  }
}

interface Judged {
  readonly load: Load;
  readonly peak: readonly boolean[];
  readonly learnt: Learnt;
  readonly z: (value: number, at: EpochMs) => number;
}

function score({ load, peak, learnt, z }: Judged, widths: Widths): Score {
  const rows = load.rows;
  const end = rows.values.length;
  const isOut = (index: number, extra: number): boolean => {
    const at = epochMs(rows.first + index * MINUTE);
    const width = peak[rules.hourOfWeek(at)] === true ? widths.peak : widths.quiet;
    return Math.abs(z((rows.values[index] ?? Number.NaN) + extra, at)) > width;
  };
  const exits = { busy: 0, quiet: 0 };
  let outside = false;
  for (let index = load.learn; index < end; index += 1) {
    const out = isOut(index, 0) && !load.isTrouble(index);
    const busy = peak[rules.hourOfWeek(epochMs(rows.first + index * MINUTE))] === true;
    if (out && !outside) exits[busy ? 'busy' : 'quiet'] += 1;
    outside = out;
  }
  const weeks = (end - load.learn) / WEEK_MINUTES;
  return {
    busyExits: exits.busy,
    quietExits: exits.quiet,
    missed: missedShare({ load, peak, learnt, z }, isOut),
    weeks,
  };
}

/** Each 5 minutes long and 1 to 3.5 deviations high or low, in quiet hours without trouble. */
function missedShare(
  { load, peak, learnt }: Judged,
  isOut: (index: number, extra: number) => boolean,
): number {
  const random = seeded(11);
  let missed = 0;
  let put = 0;
  while (put < DIPS) {
    const start = load.learn + Math.floor(random() * (load.rows.values.length - load.learn - DIP_MINUTES));
    const at = epochMs(load.rows.first + start * MINUTE);
    const size = (1 + 2.5 * random()) * (random() < 0.5 ? -1 : 1);
    if (peak[rules.hourOfWeek(at)] === true || load.isTrouble(start)) continue;
    put += 1;
    const extra = size * baselineAt(learnt, Math.floor(at / HOUR) % 24).spread;
    const seen = Array.from({ length: DIP_MINUTES }, (_, offset) => isOut(start + offset, extra)).some(
      Boolean,
    );
    if (!seen) missed += 1;
  }
  return missed / put;
}

function range(values: readonly number[]): string {
  return values.length === 0
    ? 'none'
    : `${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)}σ`;
}
