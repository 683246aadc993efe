/**
 * `npm run bench -- detection --ablate`: what each part of the streaming detector earns. One part is taken away at a time,
 * by parameters that only a bench can give; the product ships one set.
 */
import { Writable } from 'node:stream';
import { ms } from '../../src/domain/units.ts';
import { type DetectorParameters, PARAMETERS } from '../../src/monitor/detect/parameters.ts';
import { replayCsv } from '../../src/monitor/replay-csv.ts';
import { countEvents, eventFigures, precisionRecallArea } from './event-score.ts';
import { NAB_PROFILES, nabScore } from './nab-score.ts';
import type { Case, HostCase, StreamCase } from './sets.ts';

const SEVERITIES: readonly (string | null)[] = [null, 'info', 'warning', 'critical'];
const NEVER = 1e15;
const { host, alarm, metric, forest } = PARAMETERS;

interface Variant {
  readonly name: string;
  readonly parameters: DetectorParameters;
  /** False where hosts cannot show it, or single metrics cannot. */
  readonly onHosts: boolean;
  readonly onStreams: boolean;
}

const VARIANTS: readonly Variant[] = [
  { name: 'as shipped', parameters: PARAMETERS, onHosts: true, onStreams: true },
  onHosts('no host score', { host: { ...host, fewestMetrics: NEVER } }),
  onHosts('no single-metric alarm', { metric: { ...metric, limit: NEVER } }),
  onHosts('no forest', { forest: { ...forest, trees: 0 } }),
  onHosts('no restlessness', { host: { ...host, roughFloor: NEVER } }),
  onHosts('no slow mean', { host: { ...host, slow: host.fast } }),
  onHosts('no trimming', { host: { ...host, trim: 0 } }),
  onHosts('no time of day', { host: { ...host, timeOfDayFrom: ms(NEVER) } }),
  onHosts('time of day from 14 days', { host: { ...host, timeOfDayFrom: ms(14 * 86_400_000) } }),
  onHosts('no habituation', { alarm: { ...alarm, habituation: 0 } }),
  onStreams('no slow means', { means: metric.means.slice(0, 1) }),
  onStreams('no seasonal means', { residualMeans: metric.residualMeans.slice(0, 1) }),
  onStreams('no record', { recordCut: 0 }),
  onStreams('no habits', { habitDays: NEVER }),
];

export interface AblationSets {
  readonly nab: readonly StreamCase[];
  readonly smd: readonly HostCase[];
  readonly asd: readonly HostCase[];
}

/** Prints a row a variant as soon as it is known: the whole takes a while. */
export async function ablate(sets: AblationSets, print: (line: string) => void): Promise<void> {
  print('| variant | NAB standard / low FP | SMD area, onset F1, false and severe a day | ASD the same |');
  print('| --- | --- | --- | --- |');
  for (const { name, parameters, onHosts: hosts, onStreams: streams } of VARIANTS) {
    const cells = [
      streams ? await streamCell(sets.nab, parameters) : '',
      hosts ? await hostCell(sets.smd, 10, parameters) : '',
      hosts ? await hostCell(sets.asd, 3, parameters) : '',
    ];
    print(`| ${name} | ${cells.join(' | ')} |`);
  }
}

function onHosts(name: string, change: Partial<DetectorParameters>): Variant {
  return { name, parameters: { ...PARAMETERS, ...change }, onHosts: true, onStreams: false };
}

function onStreams(name: string, change: Partial<DetectorParameters['metric']>): Variant {
  const parameters = { ...PARAMETERS, metric: { ...metric, ...change } };
  return { name, parameters, onHosts: false, onStreams: true };
}

async function streamCell(cases: readonly StreamCase[], parameters: DetectorParameters): Promise<string> {
  const alarms: Float64Array[] = [];
  for (const one of cases) alarms.push((await judged(one, parameters)).alarm);
  const [standard, lowFalse] = NAB_PROFILES.map((profile) => nabScore(cases, alarms, profile).score);
  return cases.length === 0 ? '-' : `${standard?.toFixed(1)} / ${lowFalse?.toFixed(1)}`;
}

async function hostCell(
  cases: readonly HostCase[],
  merge: number,
  parameters: DetectorParameters,
): Promise<string> {
  if (cases.length === 0) return '-';
  const runs: (readonly [HostCase, Run])[] = [];
  for (const one of cases) runs.push([one, await judged(one, parameters)]);
  const area = runs.reduce((sum, [{ labels }, { score }]) => sum + precisionRecallArea(labels, score), 0);
  const figures = (least: number) =>
    eventFigures(
      runs.map(([{ labels, stepSeconds }, { severity }]) =>
        countEvents(
          labels,
          severity.map((level) => Number(level >= least)),
          stepSeconds,
          merge,
        ),
      ),
    );
  const [all, severe] = [figures(1), figures(2)];
  const found = `${severe.alarms} told, ${severe.falsePerDay.toFixed(3)} false`;
  return `${(area / runs.length).toFixed(3)}, ${all.onsetF1.toFixed(3)}, ${all.falsePerDay.toFixed(2)}; warnings: ${found}`;
}

interface Run {
  readonly score: Float64Array;
  readonly alarm: Float64Array;
  readonly severity: Uint8Array;
}

async function judged(one: Case, parameters: DetectorParameters): Promise<Run> {
  const rows: { readonly score: number; readonly alarm: number; readonly severity: string | null }[] = [];
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  await replayCsv({
    input: one.input,
    ...(one.train === null ? {} : { train: one.train }),
    output: nowhere,
    parameters,
    onRow: (_row, judgement) => void rows.push(judgement),
  });
  return {
    score: Float64Array.from(rows, (row) => row.score),
    alarm: Float64Array.from(rows, (row) => row.alarm),
    severity: Uint8Array.from(rows, (row) => SEVERITIES.indexOf(row.severity)),
  };
}
