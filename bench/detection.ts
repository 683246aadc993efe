/**
 * `npm run bench -- detection [--data DIR] [--only nab,smd,asd,cmd,weeks,faults] [--jobs N] [--ablate]`
 *
 * Labelled data through `nightshift replay` of a fresh build with the shipped parameters, scored and printed beside the
 * bars and the known figures; then a made-up host in virtual time. Without `--data` a small sample is used. With
 * `--ablate` one part of the detector is taken away at a time instead.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ablate } from './detection/ablation.ts';
import {
  countEvents,
  type EventFigures,
  eventFigures,
  precisionRecallArea,
} from './detection/event-score.ts';
import { KNOWN } from './detection/known-figures.ts';
import { type Measured, madeUpFaults, madeUpWeeks } from './detection/made-up-weeks.ts';
import { NAB_PROFILES, nabScore } from './detection/nab-score.ts';
import { peerArea } from './detection/peer.ts';
import { type Judged, replayAll } from './detection/replays.ts';
import { type HostCase, hostCases, nabCases, serviceCases } from './detection/sets.ts';

const ROOT = join(import.meta.dirname, '..');
const SAMPLE = join(import.meta.dirname, 'sample');

interface Context {
  readonly data: string;
  readonly entry: string;
  readonly scratch: string;
  readonly jobs: number;
}

export async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string', default: SAMPLE },
      only: { type: 'string', default: 'nab,smd,asd,cmd,weeks,faults' },
      jobs: { type: 'string', default: String(Math.max(1, cpus().length - 1)) },
      ablate: { type: 'boolean', default: false },
      'skip-build': { type: 'boolean', default: false },
    },
  });
  const wanted = new Set(values.only.split(','));
  if (values.ablate) return withScratch((scratch) => withoutParts(values.data, wanted, scratch));
  if (!values['skip-build'] && !build()) return 1;
  return withScratch((scratch) => measure(values, wanted, scratch));
}

async function withScratch(work: (scratch: string) => Promise<void>): Promise<number> {
  const scratch = mkdtempSync(join(tmpdir(), 'nightshift-bench-'));
  try {
    await work(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return 0;
}

function withoutParts(data: string, wanted: ReadonlySet<string>, scratch: string): Promise<void> {
  const sets = {
    nab: wanted.has('nab') ? nabCases(data) : [],
    smd: wanted.has('smd') ? hostCases(data, 'smd', 60, scratch) : [],
    asd: wanted.has('asd') ? hostCases(data, 'asd', 300, scratch) : [],
  };
  return ablate(sets, console.log);
}

async function measure(
  values: { readonly data: string; readonly jobs: string },
  wanted: ReadonlySet<string>,
  scratch: string,
): Promise<void> {
  const context: Context = {
    data: values.data,
    entry: join(ROOT, 'dist', 'main.js'),
    scratch,
    jobs: Number(values.jobs),
  };
  const rows: Measured[] = [];
  if (wanted.has('nab')) rows.push(...(await nab(context)));
  if (wanted.has('smd'))
    rows.push(...(await hosts('SMD', hostCases(context.data, 'smd', 60, scratch), 10, context)));
  if (wanted.has('asd'))
    rows.push(...(await hosts('ASD', hostCases(context.data, 'asd', 300, scratch), 3, context)));
  if (wanted.has('cmd')) rows.push(...(await services(serviceCases(context.data, scratch), context)));
  if (wanted.has('weeks')) rows.push(...(await madeUpWeeks()));
  if (wanted.has('faults')) rows.push(...(await madeUpFaults(console.log)));
  printTable(rows, values.data);
}

function build(): boolean {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  return (
    spawnSync(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.build.json')], { stdio: 'inherit' })
      .status === 0
  );
}

async function nab(context: Context): Promise<readonly Measured[]> {
  const cases = nabCases(context.data);
  if (cases.length === 0) return [];
  const judged = [...(await replayAll(cases, context)).values()];
  const alarms = judged.map((one) => one.alarm);
  return NAB_PROFILES.map((profile) => {
    const found = nabScore(cases, alarms, profile);
    return {
      what: `NAB ${profile.name}`,
      value: `${found.score.toFixed(2)} (${found.windowsFound} of ${found.windows} windows, ${found.falseRows} false rows)`,
    };
  });
}

async function hosts(
  set: 'SMD' | 'ASD',
  cases: readonly HostCase[],
  merge: number,
  context: Context,
): Promise<readonly Measured[]> {
  if (cases.length === 0) return [];
  const judged = [...(await replayAll(cases, context)).entries()];
  const area = (one: (typeof judged)[number]): number => precisionRecallArea(one[0].labels, one[1].score);
  console.log(`\n${set.padEnd(14)}area   onset F1  false/day  warnings: F1  false/day  seconds`);
  for (const one of judged) {
    const [all, severe] = [figuresOf([one], 1, merge), figuresOf([one], 2, merge)];
    const cells = [area(one), all.onsetF1, all.falsePerDay, severe.onsetF1, severe.falsePerDay];
    console.log(
      `${one[0].name.padEnd(14)}${cells.map((cell) => cell.toFixed(3).padEnd(10)).join(' ')} ${one[1].seconds.toFixed(1)}`,
    );
  }
  const all = figuresOf(judged, 1, merge);
  const severe = figuresOf(judged, 2, merge);
  const peer = peerArea(cases);
  const mean = judged.reduce((sum, one) => sum + area(one), 0) / judged.length;
  const slowest = Math.max(...judged.map(([, { seconds }]) => seconds));
  return [
    {
      what: `${set} area under precision-recall`,
      value: `${mean.toFixed(3)}; scikit-learn's Isolation Forest in this run ${peer === null ? 'not installed' : peer.toFixed(3)}`,
    },
    { what: `${set} onset F1`, value: figuresText(all) },
    { what: `${set} false alarms a day`, value: all.falsePerDay.toFixed(3) },
    { what: `${set} false warnings and criticals a day`, value: severe.falsePerDay.toFixed(3) },
    { what: `${set} median delay (s)`, value: String(all.medianDelaySeconds ?? '-') },
    { what: `${set} slowest machine (s)`, value: `${slowest.toFixed(1)}, ${context.jobs} at a time` },
  ];
}

async function services(cases: readonly HostCase[], context: Context): Promise<readonly Measured[]> {
  if (cases.length === 0) return [];
  const judged = [...(await replayAll(cases, context)).entries()];
  return [
    { what: `services (${cases.length} series) onset F1`, value: figuresText(figuresOf(judged, 1, 10)) },
  ];
}

/** @param least 1 = info and above, 2 = warning and above. */
function figuresOf(
  judged: readonly (readonly [HostCase, Judged])[],
  least: number,
  merge: number,
): EventFigures {
  return eventFigures(
    judged.map(([{ labels, stepSeconds }, { severity }]) =>
      countEvents(
        labels,
        severity.map((level) => Number(level >= least)),
        stepSeconds,
        merge,
      ),
    ),
  );
}

function figuresText(figures: EventFigures): string {
  const { onsetF1, precision, onsetRecall, foundIn300Seconds, events } = figures;
  return `${onsetF1.toFixed(3)} (precision ${precision.toFixed(2)}, recall ${onsetRecall.toFixed(2)}, ${(100 * foundIn300Seconds).toFixed(0)} % of ${events} events within 300 s)`;
}

function printTable(rows: readonly Measured[], data: string): void {
  console.log(`\nData: ${data === SAMPLE ? 'the sample in bench/sample (too small for a verdict)' : data}`);
  console.log('| what | bar | goal | here | known |\n| --- | --- | --- | --- | --- |');
  for (const { what, value } of rows) {
    const { bar = '-', goal = '-', known = '' } = KNOWN[what] ?? {};
    console.log(`| ${what} | ${bar} | ${goal} | ${value} | ${known} |`);
  }
}
