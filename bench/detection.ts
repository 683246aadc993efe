/**
 * `npm run bench -- detection [--data DIR] [--only nab,smd,asd,cmd]`: labelled data through `nightshift replay` of a
 * fresh build with the shipped parameters, scored, beside the bars and the known figures.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { countEvents, eventFigures, precisionRecallArea } from './detection/event-score.ts';
import { NAB_PROFILES, nabScore } from './detection/nab-score.ts';
import { type Judged, replayAll } from './detection/replays.ts';
import { type HostCase, hostCases, nabCases, serviceCases } from './detection/sets.ts';

const ROOT = join(import.meta.dirname, '..');

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
      data: { type: 'string', default: join(ROOT, 'bench', 'sample') },
      only: { type: 'string', default: 'nab,smd,asd,cmd' },
      jobs: { type: 'string', default: '2' },
      build: { type: 'string', default: join(ROOT, 'dist') },
    },
  });
  const scratch = mkdtempSync(join(tmpdir(), 'nightshift-bench-'));
  const context: Context = {
    data: values.data,
    entry: join(values.build, 'main.js'),
    scratch,
    jobs: Number(values.jobs),
  };
  const wanted = new Set(values.only.split(','));
  try {
    if (wanted.has('nab')) await nab(context);
    if (wanted.has('smd')) await hosts('SMD', hostCases(context.data, 'smd', 60, scratch), 10, context);
    if (wanted.has('asd')) await hosts('ASD', hostCases(context.data, 'asd', 300, scratch), 3, context);
    if (wanted.has('cmd')) await hosts('services', serviceCases(context.data, scratch), 10, context);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return 0;
}

async function nab(context: Context): Promise<void> {
  const cases = nabCases(context.data);
  if (cases.length === 0) return;
  const judged = [...(await replayAll(cases, context)).values()];
  for (const profile of NAB_PROFILES) {
    const found = nabScore(
      cases,
      judged.map((one) => one.alarm),
      profile,
    );
    console.log(
      `NAB ${profile.name}: ${found.score.toFixed(2)} (threshold ${found.threshold}, ${found.windowsFound}/${found.windows} windows, ${found.falseRows} false rows)`,
    );
  }
}

async function hosts(
  set: string,
  cases: readonly HostCase[],
  merge: number,
  context: Context,
): Promise<void> {
  if (cases.length === 0) return;
  const judged = [...(await replayAll(cases, context)).entries()];
  const figures = (one: readonly (readonly [HostCase, Judged])[], least: number): string => {
    const counts = one.map(([{ labels, stepSeconds }, { severity }]) =>
      countEvents(
        labels,
        severity.map((level) => Number(level >= least)),
        stepSeconds,
        merge,
      ),
    );
    const found = eventFigures(counts);
    return `onset F1 ${found.onsetF1.toFixed(3)} P ${found.precision.toFixed(2)} oR ${found.onsetRecall.toFixed(2)} R ${found.recall.toFixed(2)} FA/day ${found.falsePerDay.toFixed(3)} flagged ${found.flaggedShare.toFixed(3)} delay ${found.medianDelaySeconds} s, in 300 s ${found.foundIn300Seconds.toFixed(2)} (${found.alarms} alarms, ${found.events} events)`;
  };
  const areas = judged.map(([{ labels }, { score }]) => precisionRecallArea(labels, score));
  for (const [index, pair] of judged.entries())
    console.log(
      `  ${pair[0].name} AP ${areas[index]?.toFixed(3)} ${figures([pair], 1)} | warning+ ${figures([pair], 2)} | ${pair[1].seconds.toFixed(1)} s`,
    );
  console.log(`${set}: AP mean ${(areas.reduce((a, b) => a + b, 0) / areas.length).toFixed(4)}`);
  console.log(`${set} info+: ${figures(judged, 1)}`);
  console.log(`${set} warning+: ${figures(judged, 2)}`);
  console.log(`${set} critical: ${figures(judged, 3)}`);
}
